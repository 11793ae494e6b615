/**
 * Turns requests away before anything is read of them: when the node has more to do than it can, and when an address
 * asks more often than it may. Health, keys and what takes rights away are always answered.
 * @spec RFC 9110 §15.6.4; RFC 6585 §4
 */
import type { FastifyInstance } from 'fastify';
import { countedAddress } from '../limits/counted-address.ts';
import type { Overload, Turn } from '../limits/overload.ts';
import type { RequestRate } from '../limits/request-rates.ts';
import { OAuthError } from '../protocol/oauth-error.ts';

/** What is needed to come out of an overload, and costs next to nothing. */
const ALWAYS = ['/health/', '/.well-known/', '/status-lists/', '/events', '/api/revoke'];
/** Asked for by programs that prove who they are; everything else is open to anybody, and goes first. */
const LAST = [
  '/api/token',
  '/oauth/token',
  '/oauth2/token',
  '/api/introspect',
  '/api/par',
  '/userinfo',
  '/admin/',
  '/account/',
];

const BUSY = new OAuthError('temporarily_unavailable', 'The server is busy; try again in a moment', {
  retryAfterSeconds: 2,
});

export interface Shedding {
  readonly overload: Overload;
  /** Absent where addresses are not counted. */
  readonly ratePerAddress?: RequestRate;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Turned away because there is too much to do: told to nobody but the figures. */
    wasShed: boolean;
  }
}

export function shedLoad(app: FastifyInstance, { overload, ratePerAddress }: Shedding): void {
  const turns = new Map<string | undefined, Turn | undefined>();
  const turnOf = (route: string | undefined): Turn | undefined => {
    if (!turns.has(route)) turns.set(route, readTurn(route));
    return turns.get(route);
  };
  const ended = (): void => overload.ended();
  app.decorateRequest('wasShed', false);
  app.addHook('onRequest', (request, _reply, done) => {
    const turn = turnOf(request.routeOptions.url);
    if (turn === undefined) return done();
    if (!overload.admits(turn, request)) {
      request.wasShed = true;
      return done(BUSY);
    }
    const retryAfterSeconds = ratePerAddress?.take(countedAddress(request.ip));
    if (retryAfterSeconds === undefined) return done();
    return done(new OAuthError('slow_down', 'Too many requests from this address', { retryAfterSeconds }));
  });
  // Once the body is there: whoever sends it slowly takes no place.
  app.addHook('preValidation', (request, reply, done) => {
    if (turnOf(request.routeOptions.url) !== undefined) {
      overload.began();
      reply.raw.on('close', ended);
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (turnOf(request.routeOptions.url) === 'last') overload.took(reply.elapsedTime);
    done();
  });
}

/** @returns undefined for what is always answered */
function readTurn(route: string | undefined): Turn | undefined {
  const isOf = (paths: readonly string[]): boolean => paths.some((path) => route?.startsWith(path) === true);
  if (isOf(ALWAYS)) return undefined;
  return isOf(LAST) ? 'last' : 'first';
}
