// What an app does with tokens that are bound to a key (RFC 9449).
import { authorize, redeem, type Tokens, tokensOf } from './flow.ts';
import { type HeaderLine, type HttpResponse, jsonOf } from './http.ts';
import { dpopHeader, type ProofOptions } from './jwt.ts';
import { type Client, createKey, type SigningKey, type Target } from './target.ts';

export const PROOF = ['invalid_dpop_proof', 'use_dpop_nonce'];

export interface Bound extends Tokens {
  readonly key: SigningKey;
  readonly client: Client;
}

export function tokenHeader(target: Target, key: SigningKey, options?: ProofOptions): Promise<HeaderLine> {
  return dpopHeader(key, 'POST', target.endpoint('token_endpoint'), options);
}

/** Sends a request with a proof; once more when the server wants a nonce of its own (RFC 9449 §8). */
export async function proven(
  send: (header: HeaderLine) => Promise<HttpResponse>,
  prove: (nonce?: string) => Promise<HeaderLine>,
): Promise<HttpResponse> {
  const answer = await send(await prove());
  const nonce = answer.headers.get('dpop-nonce');
  const wanted =
    jsonOf(answer)['error'] === 'use_dpop_nonce' ||
    /use_dpop_nonce/.test(answer.headers.get('www-authenticate') ?? '');
  return wanted && nonce !== null ? send(await prove(nonce)) : answer;
}

export async function bound(target: Target, client?: Client): Promise<Bound> {
  const key = await createKey('ES256');
  const authorized = await authorize(target, {
    ...(client === undefined ? {} : { client }),
    ...(target.has('offline_access')
      ? { parameters: { scope: 'openid offline_access', prompt: 'consent' } }
      : {}),
  });
  const answer = await proven(
    (header) => redeem(target, authorized, {}, { headers: [header] }),
    (nonce) => tokenHeader(target, key, nonce === undefined ? {} : { claims: { nonce } }),
  );
  return { ...tokensOf(answer), key, client: authorized.client };
}

/** The UserInfo endpoint as the API that takes the token. */
export async function callApi(
  target: Target,
  token: Bound,
  options: ProofOptions = {},
  { url = target.endpoint('userinfo_endpoint'), key = token.key, scheme = 'DPoP', method = 'GET' } = {},
): Promise<HttpResponse> {
  const api = target.endpoint('userinfo_endpoint');
  return proven(
    (proof) => target.get(api, [['authorization', `${scheme} ${token.accessToken}`], proof]),
    (nonce) =>
      dpopHeader(key, method, url, {
        accessToken: token.accessToken,
        ...options,
        claims: { ...(nonce === undefined ? {} : { nonce }), ...options.claims },
      }),
  );
}

export const NEEDS = ['dpop', 'code', 'openid', 'userinfo'] as const;
