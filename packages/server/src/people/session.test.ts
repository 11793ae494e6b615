import { describe, expect, it } from 'vitest';
import { createTokenString, hashTokenString, parseTokenString } from '@tessera/tokens';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import { endSession, findSession, SESSION_LIFETIME_MS, startSession } from './session.ts';

const AT = 1_800_000_000_000;
let seed = 0;
const random = (size: number) => Uint8Array.from({ length: size }, () => (seed = (seed * 73 + 41) % 251));
const user: User = {
  id: 'usr_ada',
  email: 'ada@example.test',
  emailVerified: true,
  claims: {},
  displayName: 'Ada',
  role: 'member',
  status: 'active',
  organizationId: 'org_ada',
  createdAt: AT,
  updatedAt: AT,
};

function rememberingSessions() {
  const started: { session: Session; replaces: Session | undefined; audit: AuditEvent }[] = [];
  const asked: string[] = [];
  const ended: { id: string; audit: AuditEvent }[] = [];
  return {
    started,
    asked,
    ended,
    start: async (session: Session, replaces: Session | undefined, audit: AuditEvent) => {
      started.push({ session, replaces, audit });
      return true;
    },
    find: async (id: string, now: number) => {
      asked.push(id);
      const { session } = started.find((row) => row.session.id === id) ?? {};
      return session && session.expiresAt > now ? session : undefined;
    },
    end: async ({ id }: Session, _at: number, audit: AuditEvent) => {
      ended.push({ id, audit });
      return true;
    },
  };
}

async function begun(...args: Parameters<typeof startSession>) {
  const session = await startSession(...args);
  if (session === undefined) throw new Error('no session was begun');
  return session;
}

describe('findSession', () => {
  it.each([
    ['no cookie', undefined],
    ['an empty one', ''],
    ['another kind of token', createTokenString('at', random)],
    ['a broken checksum', `${createTokenString('se', random).slice(0, -1)}!`],
    ['the id instead of the secret', 'x'.repeat(43)],
  ])('does not ask the store for %s', async (_what, cookieValue) => {
    const sessions = rememberingSessions();
    expect(
      await findSession(cookieValue, { sessions, clock: () => AT, secondFactorRequired: false }),
    ).toBeUndefined();
    expect(sessions.asked).toEqual([]);
  });

  it('finds nothing for a cookie nobody was given', async () => {
    const sessions = rememberingSessions();
    expect(
      await findSession(createTokenString('se', random), {
        sessions,
        clock: () => AT,
        secondFactorRequired: false,
      }),
    ).toBeUndefined();
    expect(sessions.asked).toHaveLength(1);
  });

  it('finds it until 14 days after the sign-in, and not at that moment', async () => {
    const sessions = rememberingSessions();
    const { cookieValue, session } = await begun({ user, amr: ['pwd'], at: AT }, { sessions, random });
    const at = (now: number) =>
      findSession(cookieValue, { sessions, clock: () => now, secondFactorRequired: false });
    expect(await at(AT + SESSION_LIFETIME_MS)).toBeUndefined();
    expect(await at(AT + SESSION_LIFETIME_MS - 1)).toEqual(session);
    expect(SESSION_LIFETIME_MS).toBe(1_209_600_000);
  });

  it.each([
    [['pwd'], false],
    [['pwd', 'otp', 'mfa'], true],
    [['swk', 'user', 'mfa'], true],
    [['hwk', 'user'], false],
    [[], false],
  ])('takes one of %j where everybody needs a second factor: %s', async (amr, isTaken) => {
    const sessions = rememberingSessions();
    const { cookieValue, session } = await begun({ user, amr, at: AT }, { sessions, random });
    const lookup = { sessions, clock: () => AT, secondFactorRequired: true };
    expect(await findSession(cookieValue, lookup)).toEqual(isTaken ? session : undefined);
  });
});

describe('startSession', () => {
  it('begins none where the store says the user is no longer who proved it', async () => {
    const sessions = { ...rememberingSessions(), start: async () => false };
    expect(await startSession({ user, amr: ['pwd'], at: AT }, { sessions, random })).toBeUndefined();
  });

  it('ends with the first step, however late the second one came', async () => {
    const sessions = rememberingSessions();
    const authTime = AT - 3_600_000;
    const { session } = await begun({ user, amr: ['mfa'], at: AT, authTime }, { sessions, random });
    expect(session).toMatchObject({ authTime, createdAt: AT, expiresAt: authTime + SESSION_LIFETIME_MS });
  });

  it('keeps the hash of the cookie, never the cookie', async () => {
    const sessions = rememberingSessions();
    const { cookieValue, session } = await begun({ user, amr: ['pwd'], at: AT }, { sessions, random });
    expect(parseTokenString(cookieValue)?.kind).toBe('se');
    expect(session.id).toBe(Buffer.from(hashTokenString(cookieValue)).toString('base64url'));
    expect(JSON.stringify(sessions.started)).not.toContain(cookieValue);
  });

  it('gives a new identifier each time and ends the one it replaces', async () => {
    const sessions = rememberingSessions();
    const first = await begun({ user, amr: ['pwd'], at: AT }, { sessions, random });
    const replaces = first.session;
    const second = await begun({ user, amr: ['pwd'], replaces, at: AT }, { sessions, random });
    expect(second.cookieValue).not.toBe(first.cookieValue);
    expect(sessions.started[1]?.replaces).toBe(first.session);
    expect(second.session.sid).toBe(first.session.sid);
  });

  it('records who, when, how and from where', async () => {
    const sessions = rememberingSessions();
    const start = { user, amr: ['pwd', 'otp'], userAgent: 'A'.repeat(5000), address: '192.0.2.7', at: AT };
    const { session } = await begun(start, { sessions, random });
    expect(session).toMatchObject({
      userId: 'usr_ada',
      authTime: AT,
      createdAt: AT,
      amr: ['pwd', 'otp'],
      address: '192.0.2.7',
    });
    expect(session.userAgent).toHaveLength(256);
    expect(sessions.started[0]?.audit).toMatchObject({
      type: 'sign_in',
      outcome: 'success',
      actor: 'usr_ada',
      at: AT,
    });
  });
});

describe('endSession', () => {
  it('ends it with a line in the audit log', async () => {
    const sessions = rememberingSessions();
    const { session } = await begun({ user, amr: ['pwd'], at: AT }, { sessions, random });
    expect(await endSession({ session, at: AT + 1 }, { sessions, random })).toBe(true);
    expect(sessions.ended[0]).toMatchObject({
      id: session.id,
      audit: { type: 'sign_out', actor: 'usr_ada', at: AT + 1 },
    });
  });
});
