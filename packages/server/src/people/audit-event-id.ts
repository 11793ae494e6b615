import type { Random } from '../ports/random.ts';

/** A new id for the audit log. */
export function createAuditEventId(random: Random): string {
  return `evt_${Buffer.from(random(16)).toString('base64url')}`;
}
