/** Tokens that were seen in a URL. */
import { auditEvent } from '../protocol/audit-event.ts';
import type { Foundation } from './foundation.ts';

/** A token that came in a URL: if it is one of ours, that goes to the audit log. */
export async function noteExposure(
  token: string,
  context: Parameters<typeof auditEvent>[0],
  { parts, random, findToken }: Foundation,
): Promise<void> {
  const found = await findToken(token);
  if (found?.kind !== 'access_token' || found.state.endedAt !== undefined) return;
  const { clientId, userId, grantId } = found.state.row;
  await parts.store.audit.record(
    auditEvent(
      context,
      {
        type: 'token.exposed',
        outcome: 'failure',
        actor: 'anonymous',
        clientId,
        ...(userId === undefined ? {} : { userId }),
        ...(grantId === undefined ? {} : { grantId }),
        detail: { where: 'url' },
      },
      random,
    ),
  );
}
