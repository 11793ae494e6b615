/**
 * How many registrations one address or one program may make: enough for an office or a cloud that shares an
 * address, not enough to fill a database.
 * @spec RFC 7591 §5
 */
import type { AttemptLimits, Counted } from '../../limits/attempt-limits.ts';
import { countedAddress } from '../../limits/counted-address.ts';
import type { ClientMetadata } from '../client-metadata/index.ts';
import { OAuthError } from '../oauth-error.ts';
import type { RequestContext } from '../request-context.ts';

/** Counts the request. @throws OAuthError `slow_down` (429) */
export async function limitByAddress(
  context: RequestContext,
  limits: Pick<AttemptLimits, 'take'>,
): Promise<void> {
  await take({ registrations_per_address: [countedAddress(context.address)] }, context.at, limits);
}

/**
 * Counts the program: its `software_id`, or else its name with where its answers go, because most say no more.
 * @throws OAuthError `slow_down` (429)
 */
export async function limitBySoftware(
  metadata: Pick<ClientMetadata, 'software_id' | 'client_name' | 'redirect_uris'>,
  context: RequestContext,
  limits: Pick<AttemptLimits, 'take'>,
): Promise<void> {
  const { software_id: id, client_name: name, redirect_uris: uris = [] } = metadata;
  const hosts = uris.map((uri) => (URL.canParse(uri) ? new URL(uri).hostname : uri)).toSorted();
  const program = JSON.stringify(id === undefined ? [name, ...new Set(hosts)] : { id });
  await take({ registrations_per_software: [program] }, context.at, limits);
}

async function take(counted: Counted, at: number, limits: Pick<AttemptLimits, 'take'>): Promise<void> {
  const retryAfterSeconds = await limits.take(counted, at);
  if (retryAfterSeconds === undefined) return;
  throw new OAuthError('slow_down', 'Too many registrations; wait a few minutes', { retryAfterSeconds });
}
