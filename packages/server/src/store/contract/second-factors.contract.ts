import { describe, expect, it } from 'vitest';
import { AUTHENTICATOR_APP_LIMIT } from '../../domain/second-factor.ts';
import type { AuthenticatorApp, Passkey } from '../../domain/second-factor.ts';
import type { Store } from '../../ports/store.ts';
import type { NewFactorChange } from '../../ports/second-factors.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import { audit, bytes, HOUR, name, NOW, user } from './samples.ts';

const MAIL = () =>
  ({
    id: name('msg_'),
    purpose: 'factors_changed',
    sealed: bytes(),
    createdAt: NOW,
    expiresAt: NOW + HOUR,
  }) as const;

function passkey(userId: string, more: Partial<Passkey> = {}): Passkey {
  return {
    id: name('psk_'),
    userId,
    credentialId: name('cred'),
    publicKey: bytes(),
    name: 'Laptop',
    signCount: 1,
    backupEligible: true,
    backedUp: false,
    transports: ['internal'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    createdAt: NOW,
    ...more,
  };
}

function app(userId: string): AuthenticatorApp {
  return { id: name('otp_'), userId, name: 'Phone', sealedSeed: bytes(), lastStep: 10, createdAt: NOW };
}

function change(more: Partial<NewFactorChange> = {}): NewFactorChange {
  return { audit: audit('factor.added'), recoveryCodes: [bytes(), bytes()], ...more };
}

/** What people prove themselves with: what counts once, and what must stay true when two come at the same time. */
export function secondFactorsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (nodes) => ({ store, otherNode } = nodes));

  async function someone(): Promise<string> {
    const person = user();
    await store.users.create(person, audit('user.created'));
    return person.id;
  }
  const alternating = <Result>(times: number, act: (on: Store) => Promise<Result>): Promise<Result[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => act(index % 2 === 0 ? store : otherNode)));

  describe('adding', () => {
    it('gives back what was written, and recovery codes with the first factor alone', async () => {
      const userId = await someone();
      const [key, phone] = [passkey(userId), app(userId)];
      expect(await store.secondFactors.addPasskey(key, change())).toBe('added_with_codes');
      expect(await store.secondFactors.addAuthenticatorApp(phone, change())).toBe('added');
      expect(await otherNode.secondFactors.of(userId)).toEqual({
        passkeys: [key],
        authenticatorApps: [phone],
        recoveryCodesLeft: 2,
      });
      expect(await store.secondFactors.findPasskey(key.credentialId)).toEqual(key);
    });
    it('writes the mail in the same transaction, or neither', async () => {
      const userId = await someone();
      const key = passkey(userId);
      await store.secondFactors.addPasskey(key, change({ mail: MAIL() }));
      const again = { ...passkey(await someone()), credentialId: key.credentialId };
      expect(await store.secondFactors.addPasskey(again, change({ mail: MAIL() }))).toBe('taken');
      const due = await store.outbox.claim({ at: NOW + 1, retryAt: NOW + HOUR, limit: 100 });
      expect(due.filter(({ purpose }) => purpose === 'factors_changed')).toHaveLength(1);
    });
    it('adds one of many that come side by side as the first', async () => {
      const userId = await someone();
      const outcomes = await alternating(8, (on) =>
        on.secondFactors.addPasskey(passkey(userId), change({ onlyAsFirst: true })),
      );
      expect(outcomes.filter((outcome) => outcome === 'added_with_codes')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'not_first')).toHaveLength(7);
    });
    it('keeps the limit, and knows whom it does not know', async () => {
      const userId = await someone();
      const outcomes = await alternating(8, (on) =>
        on.secondFactors.addAuthenticatorApp(app(userId), change()),
      );
      expect(outcomes.filter((outcome) => outcome === 'too_many')).toHaveLength(8 - AUTHENTICATOR_APP_LIMIT);
      expect(await store.secondFactors.addPasskey(passkey('usr_nobody'), change())).toBe('absent');
    });
  });

  describe('using', () => {
    it('takes a time step once, and none before it', async () => {
      const phone = app(await someone());
      await store.secondFactors.addAuthenticatorApp(phone, change());
      const uses = await alternating(16, (on) => on.secondFactors.useTimeStep(phone.id, 12, NOW));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await store.secondFactors.useTimeStep(phone.id, 11, NOW)).toBe(false);
      expect(await store.secondFactors.useTimeStep(phone.id, 13, NOW)).toBe(true);
    });
    it('takes a recovery code once, of its owner', async () => {
      const [userId, other] = [await someone(), await someone()];
      const code = bytes();
      await store.secondFactors.addPasskey(passkey(userId), change({ recoveryCodes: [code] }));
      const about = () => ({ audit: audit('recovery_code.used') });
      expect(await store.secondFactors.useRecoveryCode(other, code, NOW, about())).toBe(false);
      const uses = await alternating(16, (on) =>
        on.secondFactors.useRecoveryCode(userId, code, NOW, about()),
      );
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect((await store.secondFactors.of(userId)).recoveryCodesLeft).toBe(0);
    });
    it('takes each count of a passkey once, and any number of those that do not count', async () => {
      const userId = await someone();
      const [counting, still] = [passkey(userId), passkey(userId, { signCount: 0 })];
      await store.secondFactors.addPasskey(counting, change());
      await store.secondFactors.addPasskey(still, change());
      const uses = await alternating(16, (on) => on.secondFactors.usePasskey(counting.id, 2, true, NOW));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await store.secondFactors.usePasskey(counting.id, 1, true, NOW)).toBe(false);
      expect(await store.secondFactors.usePasskey(counting.id, 0, true, NOW)).toBe(false);
      const noCount = await alternating(4, (on) => on.secondFactors.usePasskey(still.id, 0, false, NOW));
      expect(noCount).toEqual([true, true, true, true]);
      const found = await store.secondFactors.findPasskey(counting.credentialId);
      expect(found).toMatchObject({ signCount: 2, backedUp: true, lastUsedAt: NOW });
    });
  });

  describe('removing', () => {
    it('keeps the last where it has to stay; of two, one of two removals', async () => {
      const userId = await someone();
      const [one, two] = [passkey(userId), app(userId)];
      await store.secondFactors.addPasskey(one, change());
      await store.secondFactors.addAuthenticatorApp(two, change());
      const about = () => ({ audit: audit('factor.removed') });
      const outcomes = await Promise.all([
        store.secondFactors.remove(userId, one.id, true, about()),
        otherNode.secondFactors.remove(userId, two.id, true, about()),
      ]);
      expect(outcomes.toSorted()).toEqual(['last', 'removed']);
      expect((await store.secondFactors.of(userId)).recoveryCodesLeft).toBe(2);
    });
    it('takes recovery codes with the last one, and leaves what is of others', async () => {
      const [userId, other] = [await someone(), await someone()];
      const key = passkey(userId);
      await store.secondFactors.addPasskey(key, change());
      const about = () => ({ audit: audit('factor.removed') });
      expect(await store.secondFactors.remove(other, key.id, false, about())).toBe('absent');
      expect(await store.secondFactors.rename(other, key.id, 'Mine', audit('factor.renamed'))).toBe(false);
      expect(await store.secondFactors.rename(userId, key.id, 'Mine', audit('factor.renamed'))).toBe(true);
      expect(await store.secondFactors.remove(userId, key.id, false, about())).toBe('removed');
      const nothing = { passkeys: [], authenticatorApps: [], recoveryCodesLeft: 0 };
      expect(await store.secondFactors.of(userId)).toEqual(nothing);
      expect(await store.secondFactors.removeAll(userId, about())).toBe(false);
      expect(await store.secondFactors.replaceRecoveryCodes(userId, [bytes()], NOW, about())).toBe(false);
    });
    it('goes with the account', async () => {
      const userId = await someone();
      const key = passkey(userId);
      await store.secondFactors.addPasskey(key, change());
      await store.users.delete(userId, audit('user.deleted', { userId }));
      expect(await store.secondFactors.findPasskey(key.credentialId)).toBeUndefined();
    });
  });
}
