/** A person proves themselves with a passkey: each challenge once, each count once. @spec WebAuthn Level 3 §7.2 */
import type { AuditReason } from '../domain/audit-event.ts';
import type { Passkey } from '../domain/second-factor.ts';
import { passkeyMethods } from './authentication-methods.ts';
import { factorEvent } from './factor-event.ts';
import type { FactorContext, FactorPorts } from './factor-ports.ts';
import { credentialIdOf, verifyPasskey } from './verify-passkey.ts';

/** What a page asked a browser for. It is sealed and travels through the page. */
export interface PasskeyChallenge {
  readonly challenge: string;
  readonly expiresAt: number;
}

export interface PasskeyAttempt {
  /** As the browser gave it. */
  readonly answer: string;
  /** Opened for this browser just now. */
  readonly asked: PasskeyChallenge;
  /** Nothing else was shown: then it has to be a discoverable one, used by somebody it knows. */
  readonly alone: boolean;
}

export type PasskeyProof =
  | { readonly proven: true; readonly passkey: Passkey; readonly methods: readonly string[] }
  | { readonly proven: false; readonly reason: AuditReason; readonly passkey?: Passkey | undefined };

type Ports = Pick<FactorPorts, 'secondFactors' | 'usedIdentifiers' | 'audit' | 'random' | 'relyingParty'>;

/** @throws StoreUnavailable */
export async function provePasskey(
  { answer, asked, alone }: PasskeyAttempt,
  context: FactorContext,
  ports: Ports,
): Promise<PasskeyProof> {
  const { secondFactors, usedIdentifiers, relyingParty } = ports;
  const { challenge, expiresAt } = asked;
  const credentialId = credentialIdOf(answer);
  if (relyingParty === undefined || credentialId === undefined) return failed('unreadable_answer');
  if (!(await usedIdentifiers.remember('passkey_challenge', challenge, expiresAt, context.at))) {
    return failed('challenge_used');
  }
  const passkey = await secondFactors.findPasskey(credentialId);
  if (passkey === undefined) return failed('unknown_passkey');
  const use = await verifyPasskey(answer, passkey, { challenge, relyingParty, alone });
  if (use === undefined) return failed('wrong_passkey', passkey);
  if (!(await secondFactors.usePasskey(passkey.id, use.signCount, use.backedUp, context.at))) {
    await ports.audit.record(copySuspected(passkey, use.signCount, context, ports));
    return failed('passkey_copy_suspected', passkey);
  }
  return { proven: true, passkey, methods: passkeyMethods(passkey, use.userVerified) };
}

function failed(reason: AuditReason, passkey?: Passkey): PasskeyProof {
  return { proven: false, reason, passkey };
}

function copySuspected(
  { id, userId, signCount }: Passkey,
  said: number,
  context: FactorContext,
  { random }: Ports,
): ReturnType<typeof factorEvent> {
  const detail = { factor_id: id, known_count: signCount, said_count: said };
  return factorEvent({ type: 'passkey.copy_suspected', outcome: 'failure', detail }, userId, context, random);
}
