import type { AuditEventType } from '../../domain/audit-event.ts';
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';
import type { AuditDetails } from '../../protocol/audit-event.ts';

type TokenEvent = Extract<AuditEventType, `personal_access_token.${string}`>;

/** What the audit log is told of a personal access token: its id, never the token. */
export function personalTokenEvent(
  type: TokenEvent,
  actor: string,
  {
    id,
    userId,
    organizationId,
    resourceId,
  }: Pick<PersonalAccessToken, 'id' | 'userId' | 'organizationId' | 'resourceId'>,
  detail: Readonly<Record<string, string | number | boolean>> = {},
): AuditDetails {
  return {
    type,
    outcome: 'success',
    actor,
    userId,
    organizationId,
    resourceId,
    detail: { personal_access_token: id, ...detail },
  };
}
