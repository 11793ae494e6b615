/**
 * Turns requests away before anything is read of them: when the node has more to do than it can, and when an address
 * asks more often than it may. Health, keys and what takes rights away are always answered.
 * @spec RFC 9110 §15.6.4; RFC 6585 §4
 */
import type {
  FastifyInstance,
  onRequestHookHandler,
  onResponseHookHandler,
  preValidationHookHandler,
} from 'fastify';
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

export function shedLoad(app: FastifyInstance, shedding: Shedding): void {
  const { overload } = shedding;
  const ended = (): void => overload.ended();
  const admit = { first: admitting('first', shedding), last: admitting('last', shedding) };
  // Once the body is there: whoever sends it slowly takes no place.
  const begin: preValidationHookHandler = (_request, reply, done) => {
    overload.began();
    reply.raw.on('close', ended);
    done();
  };
  const time: onResponseHookHandler = (_request, reply, done) => {
    overload.took(reply.elapsedTime);
    done();
  };
  app.decorateRequest('wasShed', false);
  // Decided as a route is made: looking it up with each request costs the token path more than the rest of this.
  app.addHook('onRoute', (route) => {
    const turn = readTurn(route.url);
    if (turn === undefined) return;
    route.onRequest = [admit[turn], ...several(route.onRequest)];
    route.preValidation = [begin, ...several(route.preValidation)];
    if (turn === 'last') route.onResponse = [...several(route.onResponse), time];
  });
}

function admitting(turn: Turn, { overload, ratePerAddress }: Shedding): onRequestHookHandler {
  return (request, _reply, done) => {
    if (!overload.admits(turn, request)) {
      request.wasShed = true;
      return done(BUSY);
    }
    const retryAfterSeconds = ratePerAddress?.take(countedAddress(request.ip));
    if (retryAfterSeconds === undefined) return done();
    return done(new OAuthError('slow_down', 'Too many requests from this address', { retryAfterSeconds }));
  };
}

function several<Hook>(hooks: Hook | readonly Hook[] | undefined): readonly Hook[] {
  if (hooks === undefined) return [];
  return Array.isArray(hooks) ? hooks : [hooks as Hook];
}

/** @returns undefined for what is always answered */
function readTurn(route: string): Turn | undefined {
  const isOf = (paths: readonly string[]): boolean => paths.some((path) => route.startsWith(path));
  if (isOf(ALWAYS)) return undefined;
  return isOf(LAST) ? 'last' : 'first';
}
