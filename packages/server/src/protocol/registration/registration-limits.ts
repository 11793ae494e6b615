/**
 * How many registrations one address or one program may make: enough for an office or a cloud that shares an
 * address, not enough to fill a database.
 * @spec RFC 7591 §5
 */
import { hashTokenString } from '@tessera/tokens';
import { countedAddress } from '../../people/failed-sign-ins.ts';
import type { FailedAttempts } from '../../ports/failed-attempts.ts';
import type { ClientMetadata } from '../client-metadata/index.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';

const WINDOW_MS = 10 * 60_000;
const LIMIT_PER_ADDRESS = 60;
const LIMIT_PER_SOFTWARE = 120;

/** Counts the request. @throws OAuthError `slow_down` (429) */
export async function limitByAddress(context: RequestContext, attempts: FailedAttempts): Promise<void> {
  const key = `registration-address ${countedAddress(context.address)}`;
  await countUnder(key, LIMIT_PER_ADDRESS, context.at, attempts);
}

/**
 * Counts the program: its `software_id`, or else its name with where its answers go, because most say no more.
 * @throws OAuthError `slow_down` (429)
 */
export async function limitBySoftware(
  metadata: Pick<ClientMetadata, 'software_id' | 'client_name' | 'redirect_uris'>,
  context: RequestContext,
  attempts: FailedAttempts,
): Promise<void> {
  const { software_id: id, client_name: name, redirect_uris: uris = [] } = metadata;
  const hosts = uris.map((uri) => (URL.canParse(uri) ? new URL(uri).hostname : uri)).toSorted();
  const program = JSON.stringify(id === undefined ? [name, ...new Set(hosts)] : { id });
  const key = `registration-software ${Buffer.from(hashTokenString(program)).toString('base64url')}`;
  await countUnder(key, LIMIT_PER_SOFTWARE, context.at, attempts);
}

async function countUnder(key: string, limit: number, at: number, attempts: FailedAttempts): Promise<void> {
  const [counted = limit] = await attempts.count([key], at - WINDOW_MS);
  if (counted >= limit) {
    throw new OAuthError('slow_down', 'Too many registrations; wait ten minutes', {
      retryAfterSeconds: WINDOW_MS / 1000,
    });
  }
  await attempts.record([key], at);
}
