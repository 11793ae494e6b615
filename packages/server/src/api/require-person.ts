/**
 * Who may call: a person with an access token for Tessera's own API, in the header and nowhere else, or with a session,
 * from the console. Their account, role and memberships are looked up on each call.
 *
 * @spec RFC 6750 §2.1 and §3
 */
import {
  type AccessToken,
  challenge,
  protectedResourceMetadataUrl,
  TokenError,
  type Verifier,
} from '@tessera/verifier';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { User } from '../domain/user.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { Users } from '../ports/users.ts';
import { isOperator } from '../access/authority.ts';
import { isMultiFactorAcr } from '../protocol/acr.ts';
import { presentedToken } from '../http/presented-token.ts';
import type { RequestRate } from '../limits/request-rates.ts';
import { noteRefusal } from '../http/noted-refusals.ts';
import { type ConsoleSessions, isFromConsole, sessionOfConsole } from './console-session.ts';
import { Problem } from './problem.ts';
import { sendProblem } from './problem-handler.ts';

export interface Admission {
  readonly issuer: string;
  /** The address of the API, as its metadata name it (RFC 9728). */
  readonly resource: string;
  readonly verifier: Verifier;
  readonly users: Pick<Users, 'find'>;
  readonly scope: 'admin' | 'account';
  /** Where it matters in which organizations a person is. */
  readonly memberships?: Pick<Memberships, 'ofUser'>;
  /** The console may call with the session of its person. */
  readonly console: ConsoleSessions;
  /** How often one token, and one person, may call; absent: as often as they like. */
  readonly rates?: {
    readonly rate_per_token?: RequestRate;
    readonly rate_per_account?: RequestRate;
  };
}

/** An `onRequest` hook: the body is read only after it. */
export function requirePerson(admission: Admission) {
  const resourceMetadataUrl = protectedResourceMetadataUrl(admission.resource);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    try {
      const person = await admit(admission, request);
      request.tesseraPerson = person;
      limitRate(person, request, reply, admission.rates);
      // Whoever runs the deployment may everything, whatever they are a member of.
      if (!isOperator(person)) {
        request.tesseraMemberships = (await admission.memberships?.ofUser(person.id)) ?? [];
      }
      return undefined;
    } catch (error) {
      if (error instanceof Problem) return sendProblem(admission.issuer, request, reply, error);
      if (!(error instanceof TokenError)) throw error;
      if (error.status === 401 || error.status === 403) {
        void reply.header('www-authenticate', challenge(error, { realm: 'Tessera', resourceMetadataUrl }));
      }
      if (error.dpopNonce !== undefined) void reply.header('dpop-nonce', error.dpopNonce);
      const refused = refusal(error);
      noteRefusal(request, { error: refused.code, description: refused.detail }, error, error.status === 503);
      return sendProblem(admission.issuer, request, reply, refused);
    }
  };
}

/** @throws Problem `too_many_requests` */
function limitRate(
  { id }: User,
  request: FastifyRequest,
  reply: FastifyReply,
  rates: Admission['rates'],
): void {
  const byToken = isFromConsole(request) ? undefined : rates?.rate_per_token;
  const seconds = byToken?.take(presentedToken(request)) ?? rates?.rate_per_account?.take(id);
  if (seconds === undefined) return;
  void reply.header('retry-after', String(seconds));
  throw new Problem('too_many_requests', 'Wait as long as Retry-After says');
}

function admit(admission: Admission, request: FastifyRequest): Promise<User> {
  return isFromConsole(request) ? personOfSession(admission, request) : personOfToken(admission, request);
}

async function personOfSession(
  { issuer, users, console }: Admission,
  request: FastifyRequest,
): Promise<User> {
  const session = await sessionOfConsole(request, issuer, console);
  const person = await users.find(session.userId);
  if (person === undefined || person.status !== 'active') {
    throw new Problem('not_signed_in', 'The account of this session is closed');
  }
  request.tesseraSession = session;
  return person;
}

async function personOfToken(admission: Admission, request: FastifyRequest): Promise<User> {
  const { verifier, users, scope } = admission;
  const { headers, rawHeaders } = request.raw;
  const { method, originalUrl: url } = request;
  const token = await verifier.verify({ method, url, headers, rawHeaders }, { scopes: [scope] });
  if (token.kind !== 'user') {
    throw new TokenError('insufficient_scope', 'This API is for people; this token belongs to an app', {
      scopes: [scope],
    });
  }
  const person = await users.find(token.sub);
  if (person === undefined || person.status !== 'active') {
    throw new TokenError('revoked', 'The account of this token is closed');
  }
  request.tesseraTokenSignIn = signInOf(token.claims);
  return person;
}

/** A token that says no time was not given after a sign-in; one that somebody else acts with is no sign of the person. */
function signInOf({ auth_time, acr, act }: AccessToken['claims']): FastifyRequest['tesseraTokenSignIn'] {
  if (typeof auth_time !== 'number' || act !== undefined) return null;
  return { authTime: auth_time * 1000, amr: isMultiFactorAcr(acr) ? ['mfa'] : [] };
}

function refusal(error: TokenError): Problem {
  if (error.status === 503) return new Problem('unavailable', 'The token cannot be checked now; try again');
  if (error.status === 403) return new Problem('insufficient_scope', error.description);
  if (error.status === 400) return new Problem('invalid_request', error.description);
  return new Problem(error.code === 'missing_token' ? 'missing_token' : 'invalid_token', error.description);
}
