/** The session of a signed-in browser: a random cookie, of which only the hash is kept. @spec OWASP ASVS 5.0 §7 */
import { createTokenString, hashTokenString, parseTokenString } from '@tessera/tokens';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Session } from '../domain/session.ts';
import type { User } from '../domain/user.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Sessions } from '../ports/sessions.ts';
import { createAuditEventId } from './audit-event-id.ts';
import { isMultiFactor } from './authentication-methods.ts';

/** From the sign-in, unless the setting says otherwise (session-ends.ts). */
export const SESSION_LIFETIME_MS = 14 * 24 * 3600 * 1000;

/** How old a sign-in may be for acts that must not be done with a browser somebody left open. */
export const RECENT_SIGN_IN_MS = 15 * 60_000;

const USER_AGENT_MAX_LENGTH = 256;

export interface SessionStart {
  readonly user: User;
  /** RFC 8176 names of how the person proved who they are. */
  readonly amr: readonly string[];
  /** The session this browser had; it ends in the same transaction (no session fixation). */
  readonly replaces?: Session | undefined;
  readonly userAgent?: string | undefined;
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
  /** When the person proved who they are, where that was before now: a session that a second factor was added to. */
  readonly authTime?: number | undefined;
  /** Milliseconds. */
  readonly at: number;
}

export interface StartedSession {
  readonly session: Session;
  /** For the browser alone; it is not kept. */
  readonly cookieValue: string;
}

/**
 * Starts a session, always under a new identifier.
 * @returns undefined if the account was disabled, or got another password, since the person proved who they are
 * @throws StoreUnavailable
 */
export async function startSession(
  start: SessionStart,
  {
    sessions,
    random,
  }: { readonly sessions: Pick<Sessions, 'start' | 'absoluteMs'>; readonly random: Random },
): Promise<StartedSession | undefined> {
  const { user, amr, replaces, userAgent, address, requestId, at, authTime = at } = start;
  const cookieValue = createTokenString('se', random);
  const session: Session = {
    id: sessionIdOf(cookieValue),
    sid: replaces?.userId === user.id ? replaces.sid : Buffer.from(random(16)).toString('base64url'),
    userId: user.id,
    authTime,
    amr,
    createdAt: at,
    expiresAt: authTime + (sessions.absoluteMs ?? SESSION_LIFETIME_MS),
    ...(userAgent !== undefined && { userAgent: userAgent.slice(0, USER_AGENT_MAX_LENGTH) }),
    ...(address !== undefined && { address }),
  };
  const audit: AuditEvent = {
    id: createAuditEventId(random),
    at,
    type: 'sign_in',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    ...(address !== undefined && { address }),
    ...(requestId !== undefined && { requestId }),
    detail: { amr: amr.join(' ') },
  };
  return (await sessions.start(session, replaces, audit, user)) ? { session, cookieValue } : undefined;
}

export interface SessionLookup {
  readonly sessions: Pick<Sessions, 'find'>;
  readonly clock: Clock;
  /** A session by one factor alone, from before everybody needed a second, is none any more. */
  readonly secondFactorRequired: boolean;
}

/**
 * The live session a cookie stands for. A cookie that is not of our form is refused without asking the store.
 * @param unattended nobody is at the page that asks: the session is not used by it
 */
export async function findSession(
  cookieValue: string | undefined,
  { sessions, clock, secondFactorRequired }: SessionLookup,
  unattended = false,
): Promise<Session | undefined> {
  if (cookieValue === undefined || parseTokenString(cookieValue)?.kind !== 'se') return undefined;
  const session = await sessions.find(sessionIdOf(cookieValue), clock(), unattended);
  return session !== undefined && secondFactorRequired && !isMultiFactor(session.amr) ? undefined : session;
}

/** Whether the person of a session proved who they are a short while ago. */
export function isRecentSignIn({ authTime }: Pick<Session, 'authTime'>, at: number): boolean {
  return at - authTime <= RECENT_SIGN_IN_MS;
}

/** Signs out. False if the session had ended before. */
export async function endSession(
  end: {
    readonly session: Session;
    readonly at: number;
    readonly address?: string | undefined;
    readonly requestId?: string | undefined;
  },
  { sessions, random }: { readonly sessions: Pick<Sessions, 'end'>; readonly random: Random },
): Promise<boolean> {
  const { session, at, address, requestId } = end;
  return await sessions.end(session, at, {
    id: createAuditEventId(random),
    at,
    type: 'sign_out',
    outcome: 'success',
    actor: session.userId,
    userId: session.userId,
    ...(address !== undefined && { address }),
    ...(requestId !== undefined && { requestId }),
  });
}

function sessionIdOf(cookieValue: string): string {
  return Buffer.from(hashTokenString(cookieValue)).toString('base64url');
}
