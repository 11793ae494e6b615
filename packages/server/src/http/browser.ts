/**
 * What a browser keeps for us: the session, and a random value that binds pages to the browser they were shown in.
 * The names carry a hash of the issuer, so that two servers on one host keep apart.
 * @spec RFC 6265 §4.1, RFC 6265bis §4.1.3 (`__Host-`), RFC 9700 §4.7
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import { deriveKeys, type Random, type SealingKey } from '@tessera/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAIL_LINK_LIFETIME_MS } from '../domain/mail-link.ts';

export interface Browser {
  /** The value of the session cookie. */
  sessionCookie(request: FastifyRequest): string | undefined;
  setSession(reply: FastifyReply, value: string): void;
  clearSession(reply: FastifyReply): void;
  /** What the browser takes along to somebody else's page and brings back. */
  carried(request: FastifyRequest): string | undefined;
  carry(reply: FastifyReply, value: string, lifetimeSeconds: number): void;
  dropCarried(reply: FastifyReply): void;
  /** The secret of the mailed link that was opened last. */
  mailLink(request: FastifyRequest): string | undefined;
  setMailLink(reply: FastifyReply, secret: string): void;
  clearMailLink(reply: FastifyReply): void;
  /** The browser's binding value. */
  id(request: FastifyRequest): string | undefined;
  /** The same; a new one is set where there is none. */
  ensureId(request: FastifyRequest, reply: FastifyReply): string;
  /** The secret of the invitation that was opened last. */
  invitation(request: FastifyRequest): string | undefined;
  setInvitation(reply: FastifyReply, secret: string): void;
  clearInvitation(reply: FastifyReply): void;
  /** For the hidden field `form_token`: proves that the form was shown in this browser, to this session. */
  formToken(browserId: string, sessionId: string | undefined): string;
  /** Whether a form POST comes from a page of ours, shown in this browser to this session. */
  isOwnForm(request: FastifyRequest, formToken: string | undefined, sessionId: string | undefined): boolean;
  /** For a link of ours that begins something; good for no form. */
  linkToken(browserId: string, sessionId: string): string;
  /** Whether a link was on a page of ours, shown in this browser to this session. Links send no Origin. */
  isOwnLink(request: FastifyRequest, linkToken: string | undefined, sessionId: string): boolean;
}

/** Long enough to make an account, and to confirm its address. */
const INVITATION_COOKIE_SECONDS = 24 * 3600;

/** The longest that browsers keep: when a session ends is not the cookie's to say. */
const SESSION_COOKIE_SECONDS = 400 * 86_400;

/** @param masterKey what the key of form tokens is derived from */
export function createBrowser(issuer: string, masterKey: SealingKey, random: Random): Browser {
  const { origin, protocol } = new URL(issuer);
  const secure = protocol === 'https:';
  const prefix = `${secure ? '__Host-' : ''}tessera-${hash('sha256', issuer).slice(0, 8)}`;
  const names = {
    session: `${prefix}-session`,
    id: `${prefix}-browser`,
    invitation: `${prefix}-invitation`,
    mailLink: `${prefix}-mail-link`,
    carried: `${prefix}-with`,
  };
  const options: CookieSerializeOptions = { httpOnly: true, sameSite: 'lax', path: '/', secure };
  const formKeys = [deriveKeys(masterKey, 'form-token')].flat();
  /** The first one is given out; each of them is taken. */
  const formTokens = (browserId: string, sessionId: string): readonly string[] =>
    formKeys.map((key) => createHmac('sha256', key).update(`${browserId}\n${sessionId}`).digest('base64url'));
  const formToken = (browserId: string, sessionId = ''): string => formTokens(browserId, sessionId)[0] ?? '';
  const linkToken = (browserId: string, sessionId: string): string =>
    formToken(browserId, `link\n${sessionId}`);
  // A page that binds several things to a new browser binds them to the same one.
  const givenIds = new WeakMap<FastifyRequest, string>();
  return {
    sessionCookie: (request) => request.cookies[names.session],
    setSession: (reply, value) =>
      void reply.setCookie(names.session, value, { ...options, maxAge: SESSION_COOKIE_SECONDS }),
    clearSession: (reply) => void reply.clearCookie(names.session, options),
    carried: (request) => request.cookies[names.carried],
    carry: (reply, value, maxAge) => void reply.setCookie(names.carried, value, { ...options, maxAge }),
    dropCarried: (reply) => void reply.clearCookie(names.carried, options),
    mailLink: (request) => request.cookies[names.mailLink],
    setMailLink: (reply, secret) =>
      void reply.setCookie(names.mailLink, secret, { ...options, maxAge: MAIL_LINK_LIFETIME_MS / 1000 }),
    clearMailLink: (reply) => void reply.clearCookie(names.mailLink, options),
    id: (request) => request.cookies[names.id],
    ensureId(request, reply) {
      const known = request.cookies[names.id];
      if (known !== undefined && /^[\w-]{43}$/.test(known)) return known;
      const given = givenIds.get(request);
      if (given !== undefined) return given;
      const fresh = Buffer.from(random(32)).toString('base64url');
      givenIds.set(request, fresh);
      void reply.setCookie(names.id, fresh, options);
      return fresh;
    },
    invitation: (request) => request.cookies[names.invitation],
    setInvitation: (reply, secret) =>
      void reply.setCookie(names.invitation, secret, { ...options, maxAge: INVITATION_COOKIE_SECONDS }),
    clearInvitation: (reply) => void reply.clearCookie(names.invitation, options),
    formToken,
    isOwnForm(request, presented, sessionId) {
      const browserId = request.cookies[names.id];
      if (request.headers.origin !== origin || browserId === undefined || presented === undefined)
        return false;
      return formTokens(browserId, sessionId ?? '').some((token) => isSame(presented, token));
    },
    linkToken,
    isOwnLink(request, presented, sessionId) {
      const browserId = request.cookies[names.id];
      if (browserId === undefined || presented === undefined) return false;
      return formTokens(browserId, `link\n${sessionId}`).some((token) => isSame(presented, token));
    },
  };
}

function isSame(presented: string, expected: string): boolean {
  const actual = Buffer.from(presented);
  const wanted = Buffer.from(expected);
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}
