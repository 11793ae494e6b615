import { createVerifier } from '@tessera/verifier';
import type { JWTPayload } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { MusicApiOptions } from '../music-api.ts';
import { startMusicApi } from '../index.ts';

/** For tests: the music API on a free port, with an issuer that is a table of tokens and a clock that the test moves. */
export interface TestMusicApi {
  readonly url: string;
  call(path: string, options?: CallOptions): Promise<Answer>;
  moveClock(milliseconds: number): void;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- an answer is whatever the test then says it is
  readonly body: any;
}

export const ISSUER = 'http://issuer.test';
export const MUSIC = 'https://music.example/';
export const MUSIC_SHORT = 'https://music-short.example/';
export const START = Date.UTC(2026, 10, 22, 12);

const ALL_SCOPES =
  'user-read-private user-read-email playlist-read-private playlist-modify-public playlist-modify-private';

const PEOPLE: Readonly<Record<string, { displayName: string; email: string }>> = {
  ada: { displayName: 'Ada Lovelace', email: 'ada@example.test' },
  bob: { displayName: 'Bob', email: 'bob@example.test' },
};

const TOKENS: Readonly<
  Record<string, { sub?: string; scope?: string; aud?: string; lifetime?: number; client_id?: string }>
> = {
  'ada-token': { sub: 'ada', scope: ALL_SCOPES },
  'ada-plain': { sub: 'ada', scope: 'catalog-read' },
  'ada-email': { sub: 'ada', scope: 'user-read-email' },
  'ada-private': { sub: 'ada', scope: 'user-read-private' },
  'ada-reader': { sub: 'ada', scope: 'playlist-read-private' },
  'ada-public-writer': { sub: 'ada', scope: 'playlist-modify-public playlist-read-private' },
  'ada-other-app': { sub: 'ada', scope: ALL_SCOPES, client_id: 'other-app' },
  'ada-developer': { sub: 'ada', scope: ALL_SCOPES, client_id: 'app-in-development' },
  'ada-short': { sub: 'ada', scope: ALL_SCOPES, aud: MUSIC_SHORT, lifetime: 30 },
  'bob-token': { sub: 'bob', scope: ALL_SCOPES },
  'gone-token': { sub: 'gone', scope: ALL_SCOPES },
  'app-token': { scope: 'catalog-read' },
  'billing-token': { sub: 'ada', scope: ALL_SCOPES, aud: 'https://billing.example/' },
};

/** A JWT access token (RFC 9068) for each entry of the table, signed now and good from START on. */
async function mintTokens(
  sign: (claims: JWTPayload) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const minted = new Map<string, string>();
  for (const [name, { sub, scope, aud = MUSIC, lifetime = 3600, client_id = 'demo-app' }] of Object.entries(
    TOKENS,
  )) {
    const iat = START / 1000;
    const claims = {
      iss: ISSUER,
      sub: sub ?? client_id,
      client_id,
      scope,
      aud,
      iat,
      exp: iat + lifetime,
      jti: name,
    };
    minted.set(name, await sign(claims));
  }
  return minted;
}

export async function startTestMusicApi(options: Partial<MusicApiOptions> = {}): Promise<TestMusicApi> {
  let now = START;
  const clock = (): number => now;
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }];
  const header = { alg: 'ES256', typ: 'at+jwt', kid: 'test' };
  const tokens = await mintTokens((claims) =>
    new SignJWT(claims).setProtectedHeader(header).sign(privateKey),
  );

  const api = await startMusicApi({
    host: '127.0.0.1',
    port: 0,
    issuer: ISSUER,
    home: 'http://tessera.test',
    clock,
    findPerson: async (sub) => PEOPLE[sub],
    quota: (clientId) => (clientId === 'app-in-development' ? 'development' : 'extended'),
    verifier: (audience) => createVerifier({ issuer: ISSUER, audience, clock, jwks: () => ({ keys }) }),
    ...options,
  });

  return {
    url: api.url,
    close: api.close,
    moveClock: (milliseconds) => (now = START + milliseconds),
    async call(path, { token, method = 'GET', body, headers = {} } = {}) {
      const response = await fetch(api.url + path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${tokens.get(token) ?? token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
}
