/** The page "Access token", and the demo it is about. */
import type { DemoData } from '../access-token/demo-data.ts';
import { accessTokenPage } from '../access-token/page.ts';
import type { AccessTokenPage } from '../access-token/page.ts';
import { AT } from './sample-person.ts';

export const DEMO: DemoData = {
  issuer: 'http://localhost:4400',
  musicApi: 'http://127.0.0.1:4410',
  shortPath: '/short/v1',
  player: 'http://127.0.0.1:4430',
  confidentialClient: { id: 'demo-app', secret: 'tsr_cs_XxxTTqKFULhoRLuMCGTXmSOtJVfRXFVWVdVUWwVpNAu3UUS14' },
  publicClient: { id: 'demo-player', redirectUri: 'http://127.0.0.1:4430/callback' },
  account: { email: 'ada@example.test', password: 'tile-moss-4410' },
  resources: { music: 'https://music.example/', musicShort: 'https://music-short.example/' },
  trackId: '2TpxZ7JUBn3uw46aR7qd6V',
};

export const GET_PROFILE_SOURCE = `async function getProfile() {
  const accessToken = localStorage.getItem('access_token');
  const response = await fetch('http://127.0.0.1:4410/v1/me', {
    headers: { Authorization: 'Bearer ' + accessToken },
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.error.message);
  return data;
}`;

const OPAQUE = 'tsr_at_1fHt0Zk3WJqYp9cL5nB7vRxD2mGsA8uEo4TiKyQwXjM3bF1xw9';
const TOKEN = { value: OPAQUE, issuedAt: AT, lifetimeSeconds: 3600, revoked: false };
const accessToken: AccessTokenPage = {
  demo: DEMO,
  getProfileSource: GET_PROFILE_SOURCE,
  state: {},
  now: AT + 4000,
};

/** The page in the states its buttons lead to. */
export function accessTokenStates(): Record<string, string> {
  const expired = '{\n  "error": { "status": 401, "message": "The access token expired" }\n}';
  const short = { ...TOKEN, lifetimeSeconds: 30 };
  const call = `GET http://127.0.0.1:4410/v1/tracks/${DEMO.trackId}`;
  const challenge =
    'Bearer realm="music", error="invalid_token", error_description="The access token expired"';
  const refused = { status: 401, reason: 'Unauthorized', wwwAuthenticate: challenge, body: expired };
  const got = {
    status: 200,
    reason: 'OK',
    body: `{\n  "access_token": "${OPAQUE}",\n  "token_type": "Bearer",\n  "expires_in": 3600\n}`,
  };
  const bad = { status: 400, reason: 'Bad Request', body: expired };
  return {
    'access-token': accessTokenPage(accessToken),
    'access-token-got': accessTokenPage({
      ...accessToken,
      state: {
        token: TOKEN,
        last: {
          action: 'get_token',
          exchange: { request: 'POST http://localhost:4400/api/token', answer: got },
        },
      },
    }),
    'access-token-expired': accessTokenPage({
      ...accessToken,
      now: AT + 31_000,
      state: {
        token: TOKEN,
        shortToken: {
          ...short,
          value: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg',
        },
        typed: `${OPAQUE.slice(0, -1)}8`,
        last: { action: 'call_short_api', exchange: { request: call, answer: refused } },
      },
    }),
    'access-token-exposed': accessTokenPage({
      ...accessToken,
      now: AT + 22_000,
      state: {
        token: short,
        shortToken: short,
        last: { action: 'put_in_url', exchange: { request: `${call}?access_token=…`, answer: bad } },
      },
    }),
    'access-token-revoked': accessTokenPage({
      ...accessToken,
      state: {
        token: { ...TOKEN, revoked: true },
        last: { action: 'revoke', exchange: { request: 'POST http://localhost:4400/api/revoke' } },
      },
    }),
  };
}
