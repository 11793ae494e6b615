/** The description of one operation: what OpenAPI says of it, with the errors that every operation may answer. */
import { type TSchema, Type } from '../schema/type.ts';
import type { Action } from '../access/authority.ts';
import { PROBLEMS, type ProblemCode, ProblemSchema } from './problem.ts';

/** In the description of an operation: the actions that it asks for. */
export const ASKS = 'x-authority';

/** No body of this API comes near it. */
export const BODY_LIMIT_BYTES = 64 * 1024;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /**
   * The actions whose authority its handler asks for, by the organization of the object. Absent, in the admin API: the
   * route is for operators.
   */
  readonly asks?: readonly Action[];
  /** Status → body; null: no body. */
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly schema: TSchema | null }>
  >;
  /** Beside those of every operation. */
  readonly problems?: readonly ProblemCode[];
}

const ALWAYS: readonly ProblemCode[] = [
  'invalid_request',
  'missing_token',
  'insufficient_scope',
  'forbidden',
  'internal_error',
  'unavailable',
];

/** The schema of a route without its parts of the request, which the route itself names (they are its types). */
export function operation(described: Operation) {
  const { operationId, summary, description, tag, asks, answers, problems = [] } = described;
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(asks !== undefined && { [ASKS]: asks }),
    security: [{ bearer: [] }],
    // The type provider would take each status for a reply type; `object` keeps handlers free of that.
    response: { ...answerSchemas(answers), ...problemSchemas([...ALWAYS, ...problems]) } as object,
  };
}

function answerSchemas(answers: Operation['answers']): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      schema === null
        ? Type.Null({ description })
        : { description, content: { 'application/json': { schema } } },
    ]),
  );
}

function problemSchemas(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const { status, title } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${code}: ${title}.`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join(' '), content: { 'application/problem+json': { schema: ProblemSchema } } },
    ]),
  );
}
