/** What a person, or an administrator, does to factors that are there: rename, remove, reset, new recovery codes. */
import type { PersonFactors } from '../domain/second-factor.ts';
import type { RemovedFactor } from '../ports/second-factors.ts';
import { factorEvent } from './factor-event.ts';
import { factorRemovedMail, factorsResetMail, recoveryCodesMail } from './factor-mails.ts';
import type { FactorContext, FactorPorts, Owner } from './factor-ports.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';

/** False if the person has no such factor. @throws StoreUnavailable */
export async function renameFactor(
  owner: Owner,
  id: string,
  name: string,
  context: FactorContext,
  { secondFactors, random }: FactorPorts,
): Promise<boolean> {
  const event = { type: 'factor.renamed', outcome: 'success', detail: { factor_id: id } } as const;
  return await secondFactors.rename(owner.id, id, name, factorEvent(event, owner.id, context, random));
}

/** Sessions stay; the next sign-in asks for what is left. @throws StoreUnavailable */
export async function removeFactor(
  owner: Owner,
  id: string,
  factors: PersonFactors,
  context: FactorContext,
  { secondFactors, random, sealMail, required }: FactorPorts,
): Promise<RemovedFactor> {
  const passkey = factors.passkeys.find((each) => each.id === id);
  const factor = passkey ?? factors.authenticatorApps.find((each) => each.id === id);
  if (factor === undefined) return 'absent';
  const kind = passkey === undefined ? 'authenticator_app' : 'passkey';
  const event = { type: 'factor.removed', outcome: 'success', detail: { kind, factor_id: id } } as const;
  return await secondFactors.remove(owner.id, id, required, {
    audit: factorEvent(event, owner.id, context, random),
    mail: factorRemovedMail(owner, kind, factor.name, context.at, sealMail),
  });
}

/** For somebody who has lost all of them. False if there was none. @throws StoreUnavailable */
export async function resetFactors(
  owner: Owner,
  context: FactorContext,
  { secondFactors, random, sealMail }: Pick<FactorPorts, 'secondFactors' | 'random' | 'sealMail'>,
): Promise<boolean> {
  const detail = { kind: 'all' };
  const event = { type: 'factor.removed', outcome: 'success', reason: 'reset_by_admin', detail } as const;
  return await secondFactors.removeAll(owner.id, {
    audit: factorEvent(event, owner.id, context, random),
    mail: factorsResetMail(owner, context.at, sealMail),
  });
}

/** New codes, to be shown once; undefined for a person without a factor. @throws StoreUnavailable */
export async function renewRecoveryCodes(
  owner: Owner,
  context: FactorContext,
  { secondFactors, random, sealMail }: FactorPorts,
): Promise<readonly string[] | undefined> {
  const codes = newRecoveryCodes(random);
  const hashes = codes.map((code) => hashRecoveryCode(owner.id, code));
  const event = { type: 'recovery_codes.created', outcome: 'success' } as const;
  const written = await secondFactors.replaceRecoveryCodes(owner.id, hashes, context.at, {
    audit: factorEvent(event, owner.id, context, random),
    mail: recoveryCodesMail(owner, context.at, sealMail),
  });
  return written ? codes : undefined;
}
