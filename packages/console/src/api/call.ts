/** One call of the admin or account API, with the session of this browser. What it takes and gives is its description's. */
import { isAttended } from './attention.ts';
import { PREFIX } from '../shell/address.ts';
import type { Operations } from './described.ts';
import { problemOf, unreachable } from './problem.ts';

export type OperationName = keyof Operations;
export type Answer<Name extends OperationName> = Operations[Name]['answer'];

type Needed<Operation, Part extends keyof Operation> = [Operation[Part]] extends [undefined]
  ? { readonly [Key in Part]?: undefined }
  : { readonly [Key in Part]: Operation[Part] };

/** What a call of this name has to be given; parameters of the query may be left out. */
export type Given<Name extends OperationName> = Needed<Operations[Name], 'path'> &
  Needed<Operations[Name], 'body'> & { readonly query?: Operations[Name]['query'] };

/** @throws ApiProblem */
export async function call<Name extends OperationName>(
  name: Name,
  given: Given<Name>,
  signal?: AbortSignal,
): Promise<Answer<Name>> {
  const [method = 'GET', template = ''] = name.split(' ');
  const { path, query, body } = given as Loose;
  const address = `${PREFIX}${filled(template, path)}${queryText(query)}`;
  const answer = await ask(address, {
    method,
    headers: {
      accept: 'application/json',
      'tessera-console': isAttended() ? '1' : 'unattended',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  if (!answer.ok) throw problemOf(answer, text);
  return (text === '' ? undefined : JSON.parse(text)) as Answer<Name>;
}

interface Loose {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

async function ask(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, {
      ...init,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

function filled(template: string, path: Loose['path'] = {}): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''));
}

function queryText(query: Loose['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
