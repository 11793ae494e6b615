import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Passkey } from '../domain/second-factor.ts';
import type { User } from '../domain/user.ts';
import { attemptsInMemory, standardLimits } from '../limits/testing/attempts.ts';
import { createPasswords } from './password.ts';
import { createPasswordQueue, PasswordQueueFull } from './password-queue.ts';
import { signInWithPassword } from './sign-in.ts';
import type { SignInPorts } from './sign-in.ts';

const AT = 1_800_000_000_000;
const passwords = createPasswords(createPasswordQueue());
const passwordHash = await passwords.hashPassword('correct horse battery');

function person(id: string, email: string, more: Partial<User> = {}): User {
  const at = { createdAt: AT, updatedAt: AT };
  const known = {
    claims: {},
    emailVerified: true,
    displayName: id,
    role: 'member',
    status: 'active',
  } as const;
  return { id, email, organizationId: `org_${id}`, passwordHash, ...known, ...at, ...more };
}

function house(
  people: readonly User[] = [person('usr_ada', 'ada@example.test')],
  owned: {
    readonly passkeys?: number;
    readonly required?: boolean;
    readonly changedMeanwhile?: boolean;
  } = {},
) {
  const audit: AuditEvent[] = [];
  const attempts = attemptsInMemory();
  const verified: (string | undefined)[] = [];
  const ports: SignInPorts = {
    users: { findByEmail: async (email) => people.find((one) => one.email === email) },
    sessions: {
      start: async (_session, _replaces, event, proven) => {
        const kept = people.find(({ id }) => id === event.userId);
        const isAsProven = !owned.changedMeanwhile && kept?.passwordHash === proven?.passwordHash;
        if (isAsProven) audit.push(event);
        return isAsProven;
      },
    },
    secondFactors: {
      of: async () => ({
        passkeys: Array.from({ length: owned.passkeys ?? 0 }, () => ({}) as Passkey),
        authenticatorApps: [],
        recoveryCodesLeft: 0,
      }),
    },
    secondFactorRequired: owned.required ?? false,
    attemptLimits: standardLimits(attempts.port),
    audit: { record: async (event) => void audit.push(event) },
    passwords: {
      verifyPassword: async (phc, password) => {
        verified.push(phc);
        return phc !== undefined && password === 'correct horse battery';
      },
    },
    random: (size) => new Uint8Array(randomBytes(size)),
  };
  const signIn = (email: string, password: string, more: { address?: string; at?: number } = {}) =>
    signInWithPassword({ email, password, address: '192.0.2.7', at: AT, ...more }, ports);
  return { ports, audit, attempts, verified, signIn };
}

const WRONG = 'wrong password';
const RIGHT = 'correct horse battery';

describe('signInWithPassword refuses', () => {
  const disabled = person('usr_bob', 'bob@example.test', { status: 'disabled' });
  const { passwordHash: _none, ...withoutPassword } = person('usr_cy', 'cy@example.test');
  const people = [person('usr_ada', 'ada@example.test'), disabled, withoutPassword];

  it.each([
    ['an unknown account', 'nobody@example.test', RIGHT, 'unknown_account', 'anonymous'],
    ['a wrong password', 'ada@example.test', WRONG, 'wrong_password', 'usr_ada'],
    ['a disabled account', 'bob@example.test', RIGHT, 'account_disabled', 'usr_bob'],
    ['a person without a password', 'cy@example.test', RIGHT, 'wrong_password', 'usr_cy'],
  ])('%s, all with the same answer after one verification', async (_what, email, password, reason, actor) => {
    const { signIn, audit, attempts, verified } = house(people);
    expect(await signIn(email, password)).toEqual({ outcome: 'refused' });
    expect(verified).toHaveLength(1);
    expect(attempts.kept).toHaveLength(3);
    expect(audit).toMatchObject([
      { type: 'sign_in', outcome: 'failure', actor, address: '192.0.2.7', reason },
    ]);
  });

  it('a person who was disabled, or got another password, while this one was verified', async () => {
    const { signIn, audit, attempts } = house(undefined, { changedMeanwhile: true });
    expect(await signIn('ada@example.test', RIGHT)).toEqual({ outcome: 'refused' });
    expect(attempts.kept).toHaveLength(3);
    expect(audit).toMatchObject([{ type: 'sign_in', outcome: 'failure', actor: 'usr_ada' }]);
  });

  it('with the real hashing too', async () => {
    const { ports } = house(people);
    const attempt = { email: 'nobody@example.test', password: RIGHT, address: '192.0.2.7', at: AT };
    expect(await signInWithPassword(attempt, { ...ports, passwords })).toEqual({ outcome: 'refused' });
    const ada = { ...attempt, email: 'ada@example.test' };
    expect((await signInWithPassword(ada, { ...ports, passwords })).outcome).toBe('signed_in');
  });

  it('puts no password and no email into the audit log', async () => {
    const { signIn, audit } = house();
    await signIn('nobody@example.test', WRONG);
    await signIn('ada@example.test', WRONG);
    expect(JSON.stringify(audit)).not.toMatch(/wrong password|@example/);
  });

  it('the eleventh try from one place, the right password included, without verifying it', async () => {
    const { signIn, verified } = house();
    for (let tried = 0; tried < 10; tried += 1)
      expect((await signIn('ada@example.test', WRONG)).outcome).toBe('refused');
    expect(await signIn('ada@example.test', RIGHT)).toEqual({ outcome: 'too_many', retryAfterSeconds: 900 });
    expect(verified).toHaveLength(10);
  });

  it('another spelling of the same account as the same account', async () => {
    const { signIn } = house();
    for (const email of ['ada@example.test', ' ADA@example.test', 'Ada@Example.Test ']) {
      for (let tried = 0; tried < 4; tried += 1) await signIn(email, WRONG);
    }
    expect((await signIn('ada@example.test', RIGHT)).outcome).toBe('too_many');
  });

  it('an unknown account after as many tries as a known one', async () => {
    const { signIn } = house();
    for (let tried = 0; tried < 10; tried += 1) await signIn('nobody@example.test', WRONG);
    expect((await signIn('nobody@example.test', WRONG)).outcome).toBe('too_many');
  });

  it('one account tried from a hundred addresses', async () => {
    const { signIn } = house();
    for (let tried = 0; tried < 100; tried += 1)
      await signIn('ada@example.test', WRONG, { address: `10.0.0.${tried}` });
    expect((await signIn('ada@example.test', RIGHT, { address: '198.51.100.1' })).outcome).toBe('too_many');
  });

  it('a hundred accounts tried from one address', async () => {
    const { signIn } = house();
    for (let tried = 0; tried < 100; tried += 1) await signIn(`u${tried}@example.test`, WRONG);
    expect((await signIn('ada@example.test', RIGHT)).outcome).toBe('too_many');
  });

  it('a right guess among many sent side by side', async () => {
    const { ports } = house();
    const { promise: gate, resolve: release } = Promise.withResolvers<void>();
    const slow = {
      verifyPassword: async (_phc: string | undefined, password: string) => {
        if (password === RIGHT) await gate;
        return password === RIGHT;
      },
    };
    const attempt = { email: 'ada@example.test', address: '192.0.2.7', at: AT };
    const guess = signInWithPassword({ ...attempt, password: RIGHT }, { ...ports, passwords: slow });
    for (let tried = 0; tried < 10; tried += 1) {
      await signInWithPassword({ ...attempt, password: WRONG }, { ...ports, passwords: slow });
    }
    release();
    expect((await guess).outcome).toBe('too_many');
  });

  it('nobody when the queue is full: that is an error of its own, and no failure of the person', async () => {
    const { ports, attempts } = house();
    const full = { verifyPassword: () => Promise.reject(new PasswordQueueFull()) };
    const attempt = { email: 'ada@example.test', password: RIGHT, address: '192.0.2.7', at: AT };
    await expect(signInWithPassword(attempt, { ...ports, passwords: full })).rejects.toThrow(
      PasswordQueueFull,
    );
    expect(attempts.kept).toEqual([]);
  });
});

describe('a right password', () => {
  it.each([
    ['leads to the second step', { passkeys: 1 }, 'second_step'],
    ['leads there all the more where it is required', { passkeys: 1, required: true }, 'second_step'],
    ['leads to setting one up where it is required', { required: true }, 'set_up'],
  ])('%s, and starts no session', async (_what, owned, outcome) => {
    const { signIn, audit } = house(undefined, owned);
    const result = await signIn('ada@example.test', RIGHT);
    expect(result).toMatchObject({ outcome, step: { userId: 'usr_ada', amr: ['pwd'], authTime: AT } });
    expect(result).not.toHaveProperty('session');
    expect(audit).toEqual([]);
  });

  it('that is wrong says nothing about a second step', async () => {
    expect(await house(undefined, { passkeys: 1 }).signIn('ada@example.test', WRONG)).toEqual({
      outcome: 'refused',
    });
  });
});

describe('signInWithPassword', () => {
  it('signs in, however the email is typed, and starts a session', async () => {
    const { signIn, audit } = house();
    const outcome = await signIn('  Ada@Example.test ', RIGHT);
    expect(outcome).toMatchObject({
      outcome: 'signed_in',
      user: { id: 'usr_ada' },
      session: { amr: ['pwd'], authTime: AT },
    });
    expect(audit).toMatchObject([{ type: 'sign_in', outcome: 'success', actor: 'usr_ada' }]);
  });

  it('forgets the failures of this account at this address, and only those', async () => {
    const { signIn, attempts } = house();
    for (let tried = 0; tried < 9; tried += 1) await signIn('ada@example.test', WRONG);
    expect((await signIn('ada@example.test', RIGHT)).outcome).toBe('signed_in');
    expect(attempts.kept).toHaveLength(18);
    for (let tried = 0; tried < 9; tried += 1)
      expect((await signIn('ada@example.test', WRONG)).outcome).toBe('refused');
  });

  it('takes the right password again when the window has passed', async () => {
    const { signIn } = house();
    for (let tried = 0; tried < 10; tried += 1) await signIn('ada@example.test', WRONG);
    expect((await signIn('ada@example.test', RIGHT, { at: AT + 15 * 60_000 - 1 })).outcome).toBe('too_many');
    expect((await signIn('ada@example.test', RIGHT, { at: AT + 15 * 60_000 })).outcome).toBe('signed_in');
  });

  it('lets a person in from home while somebody tries their account from elsewhere', async () => {
    const { signIn } = house();
    for (let tried = 0; tried < 10; tried += 1)
      await signIn('ada@example.test', WRONG, { address: '203.0.113.9' });
    expect((await signIn('ada@example.test', RIGHT)).outcome).toBe('signed_in');
  });
});
