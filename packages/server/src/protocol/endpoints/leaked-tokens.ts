/**
 * Reports of leaked tokens: whoever holds one can have it ended. The answer is the same whatever was reported.
 */
import type { Counted } from '../../limits/attempt-limits.ts';
import { countedAddress } from '../../limits/counted-address.ts';
import { authenticateClient, type ClientAuthenticationDependencies } from '../client-authentication/index.ts';
import { Form } from '../form.ts';
import type { LeakHandling } from '../leaked-tokens/handle-leak.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';

export interface LeakReport {
  readonly tokens: readonly string[];
  /** Whether they came in the URL of a request, perhaps of their owner. */
  readonly inUrl: boolean;
}

export interface LeakedTokenDependencies extends ClientAuthenticationDependencies {
  readonly leaks: LeakHandling;
}

export const MOST_REPORTED_TOKENS = 100;
const LONGEST_TOKEN = 16_384;

/**
 * Resolves alike for what was good, what was not, and what was never a token.
 * @throws OAuthError `invalid_request`; `slow_down` (429); `invalid_client` for credentials that are wrong
 */
export async function reportLeakedTokens(
  authorization: string | undefined,
  body: unknown,
  context: RequestContext,
  dependencies: LeakedTokenDependencies,
): Promise<void> {
  const { leaks } = dependencies;
  const reporter =
    authorization === undefined
      ? undefined
      : (await authenticateClient(authorization, new Form({}), context, dependencies)).id;
  await countReport(reporter, context, dependencies);
  const { tokens, inUrl } = readReport(body);
  for (const token of new Set(tokens)) {
    const done = inUrl
      ? leaks.exposed(token, reporter ?? 'anonymous', context)
      : leaks.reported(token, reporter ?? 'anonymous', context);
    // oxlint-disable-next-line no-await-in-loop -- one after the other: a report may not take more than its turn
    await done;
  }
}

async function countReport(
  reporter: string | undefined,
  { at, address }: RequestContext,
  { attemptLimits }: LeakedTokenDependencies,
): Promise<void> {
  // A gateway or an API names itself and may say more.
  const counted: Counted =
    reporter === undefined
      ? { leak_reports_per_address: [countedAddress(address)] }
      : { leak_reports_per_client: [reporter] };
  const retryAfterSeconds = await attemptLimits.take(counted, at);
  if (retryAfterSeconds === undefined) return;
  throw new OAuthError('slow_down', 'Too many reports; wait a minute, and send several tokens in one', {
    retryAfterSeconds,
  });
}

/** A form with `token`, perhaps several times; or JSON with `token`, `tokens`, or a list of objects with `token`. */
function readReport(body: unknown): LeakReport {
  const list: unknown = Array.isArray(body) ? body : (memberOf(body, 'tokens') ?? memberOf(body, 'token'));
  const given: readonly unknown[] = Array.isArray(list) ? list : list === undefined ? [] : [list];
  if (given.length === 0) throw new OAuthError('invalid_request', 'The parameter token is missing');
  if (given.length > MOST_REPORTED_TOKENS) {
    throw new OAuthError('invalid_request', `A report names ${MOST_REPORTED_TOKENS} tokens at most`);
  }
  const tokens = given.map((each) => (typeof each === 'string' ? each : memberOf(each, 'token')));
  return {
    tokens: tokens.map((token) => {
      if (typeof token === 'string' && token !== '' && token.length <= LONGEST_TOKEN) return token;
      throw new OAuthError('invalid_request', 'A token is a text, and no longer than 16384 characters');
    }),
    inUrl: memberOf(body, 'found_in') === 'url',
  };
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
