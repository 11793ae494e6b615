/** What the buttons of the page do: each a real call by HTTP, with the demo's data, as any app would make it. */
import type { Clock } from '../../ports/clock.ts';
import { shortTrackUrl, trackUrl } from './demo-data.ts';
import type { DemoData } from './demo-data.ts';
import { exchange } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** A token the page got, carried from form to form because the server keeps none. */
export interface HeldToken {
  readonly value: string;
  /** Milliseconds. */
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
  readonly revoked: boolean;
}

export type ActionName =
  | 'get_token'
  | 'call_api'
  | 'get_short_token'
  | 'call_short_api'
  | 'put_in_url'
  | 'revoke';

export interface AccessTokenActions {
  /** Client credentials, for the default API or the one named; `token` is absent when none was given. */
  getToken(resource?: string): Promise<{ readonly exchange: Exchange; readonly token?: HeldToken }>;
  /** The track, with whatever was typed as the token. */
  callApi(token: string, api: 'music' | 'short'): Promise<Exchange>;
  putInUrl(token: string): Promise<Exchange>;
  revoke(token: string): Promise<Exchange>;
}

export function accessTokenActions(
  demo: DemoData,
  fetch: typeof globalThis.fetch,
  clock: Clock,
): AccessTokenActions {
  const { id, secret } = demo.confidentialClient;
  const authorization = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
  const post = (path: string, form: Record<string, string>): Promise<Exchange> => {
    const body = new URLSearchParams(form);
    const url = `${demo.issuer}${path}`;
    return exchange(fetch, `POST ${url}`, url, { method: 'POST', headers: { authorization }, body });
  };
  return {
    async getToken(resource) {
      const issuedAt = clock();
      const made = await post('/api/token', {
        grant_type: 'client_credentials',
        ...(resource !== undefined && { resource }),
      });
      const { access_token: value, expires_in: lifetimeSeconds } = made.answer?.json ?? {};
      if (typeof value !== 'string' || typeof lifetimeSeconds !== 'number') return { exchange: made };
      return { exchange: made, token: { value, issuedAt, lifetimeSeconds, revoked: false } };
    },
    callApi(token, api) {
      const url = api === 'short' ? shortTrackUrl(demo) : trackUrl(demo);
      const headers: Record<string, string> = isSendable(token) ? { authorization: `Bearer ${token}` } : {};
      return exchange(fetch, `GET ${url}`, url, { headers });
    },
    putInUrl(token) {
      const url = trackUrl(demo);
      const query = new URLSearchParams({ access_token: token });
      return exchange(fetch, `GET ${url}?access_token=…`, `${url}?${query}`);
    },
    revoke: (token) => post('/api/revoke', { token }),
  };
}

/** What a header can carry: one word of visible ASCII. Anything else is sent as no token at all. */
function isSendable(token: string): boolean {
  return /^[\x21-\x7e]{1,8000}$/.test(token);
}
