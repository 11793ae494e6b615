/** `tessera why`: why a request was refused, by the id in the header `X-Request-Id` of its answer. */
import type { Command } from 'commander';
import { type ApiClient, createApiClient, type Json, withServer } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-code.ts';
import { type ListOptions, LIST_LIMIT, MAX_LIST_LIMIT, pathOf, wholeNumber } from '../options.ts';
import { type Column, moment, type OutputOptions, printList, printOne, withOutput } from '../output.ts';
import { fixOf } from '../fixes/fix-of.ts';

interface WhyOptions extends OutputOptions, ListOptions {
  readonly server?: string;
  readonly client?: string;
}

const COLUMNS: readonly Column<Json>[] = [
  { title: 'at', value: (refusal) => moment(refusal['at']) },
  { title: 'request', value: (refusal) => refusal['request_id'] },
  { title: 'path', value: (refusal) => refusal['path'] },
  { title: 'status', value: (refusal) => refusal['status'] },
  { title: 'error', value: (refusal) => refusal['error'] },
  { title: 'client', value: (refusal) => refusal['client_id'] },
  { title: 'why', value: (refusal) => refusal['detail'] ?? refusal['description'] },
];

export function define(why: Command): void {
  withOutput(withServer(why))
    .argument('[request_id]', 'as the header X-Request-Id names it; without one, the newest refusals')
    .option('--client <client_id>', 'only of this app')
    .option('--limit <n>', 'at most so many', wholeNumber(1, MAX_LIST_LIMIT), LIST_LIMIT)
    .addHelpText(
      'after',
      '\nThe server keeps what it refused for a week. What an API or a gateway refused is in its own log.',
    )
    .action(explainRefusal);
}

async function explainRefusal(requestId: string | undefined, options: WhyOptions): Promise<void> {
  const api = await createApiClient(options);
  if (requestId === undefined) {
    const query = options.client === undefined ? {} : { client_id: options.client };
    await printList(await api.list(pathOf('refusals'), query, options.limit), COLUMNS, options);
    return;
  }
  const [refusal] = await api.list(pathOf('refusals'), { request_id: requestId }, 1);
  if (refusal === undefined) {
    throw new CommandError(
      EXIT.error,
      'No refusal of this server has this id. It was answered, is older than a week, or came too often in one minute; the id of a request to an API or a gateway is in its own log.',
    );
  }
  const token = await tokenOf(refusal, api);
  await printOne({ ...refusal, ...(token !== undefined && { token }), fix: fixOf(refusal) }, options);
}

/** The row of the token that the request carried, where it is still there. */
async function tokenOf(refusal: Json, api: ApiClient): Promise<Json | undefined> {
  const id = refusal['token_id'];
  return typeof id === 'string' ? await api.getIfThere(pathOf('tokens', id)) : undefined;
}
