/** The requests of the benchmark, the same for every server. */
import type { FlowLoad } from '../load/flows.ts';
import type { Load } from '../load/load.ts';
import { API_SERVER, APP, type Contestant, JWT_API, PLAYER, PUSHER, SCOPE } from '../servers/contestant.ts';
import { SIGNER } from '../servers/signer.ts';

/** More than any server checks. */
const ASSERTIONS_PER_SECOND = 6000;

/** How a request of a load looks; how many and for how long is decided by the row. */
export type Requests = Omit<Load, 'connections' | 'seconds' | 'answers' | 'collect'>;

/** The same of a load of whole flows. */
export type Flows = Omit<FlowLoad, 'seconds'>;

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

const basic = ({ id, secret }: Credentials): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

/** @param format `jwt` names the API whose tokens are JWTs; `opaque` names none */
export function clientCredentials(contestant: Contestant, format: 'opaque' | 'jwt' = 'opaque'): Requests {
  const { port, tokenPath: path } = contestant;
  const body = `grant_type=client_credentials&scope=${SCOPE}`;
  const bodies = [format === 'opaque' ? body : `${body}&resource=${encodeURIComponent(JWT_API)}`];
  return { port, path, headers: basic(APP), bodies, expected: { member: 'access_token' } };
}

/** Each request with an assertion of its own: they are good once. */
export function assertedClientCredentials({ port, tokenPath: path }: Contestant): Requests {
  const type = encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  const client = `client_id=${SIGNER.id}&client_assertion_type=${type}`;
  const prefix = `grant_type=client_credentials&scope=${SCOPE}&${client}&client_assertion=`;
  const asserted = { prefix, audience: `http://127.0.0.1:${port}`, perSecond: ASSERTIONS_PER_SECOND };
  return { port, path, headers: {}, bodies: [], asserted, expected: { member: 'access_token' } };
}

/** The same with a DPoP proof in each request, made for the URL that is called. */
export function boundClientCredentials(contestant: Contestant): Requests {
  const { port, tokenPath } = contestant;
  const proofsFor = `http://127.0.0.1:${port}${tokenPath}`;
  const expected = { member: 'token_type', value: 'DPoP' } as const;
  return { ...clientCredentials(contestant), proofsFor, expected };
}

export function introspection(contestant: Contestant, tokens: readonly string[]): Requests {
  const { port, introspectionPath: path } = contestant;
  const bodies = tokens.map((token) => `token=${token}`);
  return { port, path, headers: basic(API_SERVER), bodies, expected: { member: 'active', value: true } };
}

/** @param tokens the first of each connection's chain */
export function refresh(contestant: Contestant, tokens: readonly string[]): Requests {
  const { port, tokenPath: path } = contestant;
  const member = 'refresh_token';
  const prefix = `grant_type=refresh_token&client_id=${PLAYER.id}&refresh_token=`;
  const bodies = tokens.map((token) => `${prefix}${token}`);
  return { port, path, headers: {}, bodies, chain: { prefix, member }, expected: { member } };
}

/** @param cookies of browsers that signed in and agreed, one for each connection */
export function pushedFlows(contestant: Contestant, cookies: readonly string[]): Flows {
  const { port, pushPath, authorizationPath, tokenPath } = contestant;
  const headers = basic(PUSHER);
  const { id: clientId, redirectUri, scope } = PUSHER;
  return { port, pushPath, authorizationPath, tokenPath, headers, clientId, redirectUri, scope, cookies };
}
