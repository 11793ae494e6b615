/**
 * What of an event the chain holds fast: everything but the facts about a person, which are there as a salted digest
 * only. So they can be erased with the account, and nobody can find out by trying what they were.
 */
import { hash } from 'node:crypto';
import type { AuditEvent } from '../domain/audit-event.ts';

/** Counts up when what is digested changes; older events keep theirs. */
const VERSION = 1;

/** @param salt random; forgotten when what is personal is erased */
export function personalDigest({ address, personal }: AuditEvent, salt: Uint8Array): Uint8Array {
  const facts = JSON.stringify([address ?? null, personal ?? null]);
  return sha256(Buffer.concat([salt, Buffer.from(facts)]));
}

/** @param personal of the same event */
export function eventDigest(event: AuditEvent, personal: Uint8Array): Uint8Array {
  const { id, at, type, outcome, reason, actor, subject, act, organizationId, userId } = event;
  const { clientId, grantId, resourceId, requestId, detail } = event;
  const said = [id, at, type, outcome, reason, actor, subject, act, organizationId, userId];
  const about = [clientId, grantId, resourceId, requestId, detail, Buffer.from(personal).toString('hex')];
  return sha256(Buffer.from(JSON.stringify([VERSION, ...said, ...about].map((each) => each ?? null))));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
