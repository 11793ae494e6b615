/**
 * What went to an address that a client no longer has was given to whoever had that address: it ends.
 * @spec RFC 9700 §4.1.3, RFC 7592 §2.2
 */
import type { Random } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import type { Grants } from '../../ports/grants.ts';
import { auditEvent } from '../audit-event.ts';
import { matchRedirectUri } from '../redirect-uri.ts';
import type { RequestContext } from '../request-context.ts';

/** Ends the live grants of `client` whose code went to a URI that the client had `before` and has no more. */
export async function endGrantsOfRemovedRedirectUris(
  client: Client,
  before: Client,
  context: RequestContext,
  { grants, random }: { readonly grants: Pick<Grants, 'list' | 'end'>; readonly random: Random },
): Promise<void> {
  if (before.redirectUris.every((uri) => client.redirectUris.includes(uri))) return;
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
    const page = await grants.list(
      { clientId: client.id },
      { limit: 200, ...(cursor === undefined ? {} : { cursor }) },
    );
    for (const { id, endedAt, redirectUri, userId } of page.items) {
      if (endedAt !== undefined || redirectUri === undefined) continue;
      if (client.redirectUris.some((uri) => matchRedirectUri(uri, redirectUri))) continue;
      const details = {
        type: 'grant.ended',
        outcome: 'success',
        actor: client.id,
        clientId: client.id,
        userId,
        grantId: id,
        reason: 'redirect_uri_removed',
      } as const;
      // oxlint-disable-next-line no-await-in-loop -- one after the other: there may be many
      await grants.end(id, 'redirect_uri_removed', context.at, auditEvent(context, details, random));
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
