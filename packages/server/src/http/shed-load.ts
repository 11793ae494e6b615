/**
 * Turns requests away before anything is read of them: when the node has more to do than it can, and when an address
 * asks more often than it may. Health, keys and what takes rights away are always answered.
 * @spec RFC 9110 §15.6.4; RFC 6585 §4
 */
import type { FastifyInstance, onResponseHookHandler, preValidationHookHandler } from 'fastify';
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
  /** Told of each request that is turned away. */
  readonly shed?: (why: ShedReason, turn: Turn) => void;
}

/** Too much to do, or too much of it from one address. */
export type ShedReason = 'busy' | 'rate_per_address';

declare module 'fastify' {
  interface FastifyRequest {
    /** Turned away because there is too much to do: told to nobody but the figures. */
    wasShed: boolean;
  }
}

export function shedLoad(app: FastifyInstance, { overload, ratePerAddress, shed }: Shedding): void {
  app.decorateRequest('wasShed', false);
  // By the path as it came: which route it leads to is asked at a price, and a path that leads nowhere costs little.
  app.addHook('onRequest', (request, _reply, done) => {
    const turn = readTurn(request.url);
    if (turn === undefined) return done();
    if (!overload.admits(turn, request)) {
      request.wasShed = true;
      shed?.('busy', turn);
      return done(BUSY);
    }
    const retryAfterSeconds = ratePerAddress?.take(countedAddress(request.ip));
    if (retryAfterSeconds === undefined) return done();
    shed?.('rate_per_address', turn);
    return done(new OAuthError('slow_down', 'Too many requests from this address', { retryAfterSeconds }));
  });
  countUnderWay(app, overload);
}

function countUnderWay(app: FastifyInstance, overload: Overload): void {
  const ended = (): void => overload.ended();
  // Once the body is there: whoever sends it slowly takes no place.
  const begin: preValidationHookHandler = (_request, reply, done) => {
    // Whoever has gone by now, while it was found out who asks, is told of no more.
    if (!reply.raw.closed) {
      overload.began();
      reply.raw.on('close', ended);
    }
    done();
  };
  const time: onResponseHookHandler = (_request, reply, done) => {
    overload.took(reply.elapsedTime);
    done();
  };
  app.addHook('onRoute', (route) => {
    const turn = readTurn(route.url);
    if (turn === undefined) return;
    route.preValidation = [begin, ...several(route.preValidation)];
    if (turn === 'last') route.onResponse = [...several(route.onResponse), time];
  });
}

function several<Hook>(hooks: Hook | readonly Hook[] | undefined): readonly Hook[] {
  if (hooks === undefined) return [];
  return Array.isArray(hooks) ? hooks : [hooks as Hook];
}

/** @returns undefined for what is always answered */
function readTurn(path: string): Turn | undefined {
  const isOf = (paths: readonly string[]): boolean => paths.some((each) => path.startsWith(each));
  if (isOf(ALWAYS)) return undefined;
  return isOf(LAST) ? 'last' : 'first';
}
