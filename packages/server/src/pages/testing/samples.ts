/** Every page with props as they come in life, for the tests that look at all of them. */
import type { DemoData } from '../access-token/demo-data.ts';
import { accessTokenPage } from '../access-token/page.ts';
import type { AccessTokenPage } from '../access-token/page.ts';
import { accountPage } from '../account-page.ts';
import { ACCOUNT_SAMPLES } from './account-samples.ts';
import { INVITATION_SAMPLES } from './invitation-samples.ts';
import { deviceCodePage, deviceConfirmationPage, deviceResultPage } from '../device-page.ts';
import { docPage, listPage, noSuchDocPage } from '../docs/docs-page.ts';
import type { DocLibrary } from '../docs/library.ts';
import { consentPage } from '../consent-page.ts';
import { formPostPage } from '../form-post-page.ts';
import type { ConsentPage } from '../consent-page.ts';
import { errorPage } from '../error-page.ts';
import { qrCode } from '../qr-code.ts';
import { secondStepPage, type SecondStepPage } from '../second-step-page.ts';
import {
  type AppSetUpPage,
  appSetUpPage,
  factorAddedPage,
  type SetUpPage,
  setUpPage,
} from '../set-up-page.ts';
import { signedOutPage, signOutPage } from '../sign-out-page.ts';
import { signInPage } from '../sign-in-page.ts';

const account = { displayName: 'Ada Lovelace', email: 'ada@example.test' };
const signIn = {
  action: '/login',
  interaction: 'sealed',
  formToken: 'form-token',
  passkey: {
    action: '/login/passkey',
    options: { challenge: 'c2VhbGVk', rpId: 'localhost', userVerification: 'required', allowCredentials: [] },
    sealed: 'sealed'.repeat(30),
  },
};
const AT = Date.UTC(2027, 0, 15, 8, 0);

export const CONSENT: ConsentPage = {
  action: '/consent',
  interaction: 'sealed',
  formToken: 'form-token',
  client: {
    label: 'Demo player',
    name: 'Demo player',
    host: 'player.example',
    redirectHost: '127.0.0.1:4430',
    policyUri: 'https://player.example/privacy',
    tosUri: 'https://player.example/terms',
  },
  api: { name: 'Music', identifier: 'https://music.example/' },
  scopes: [
    { name: 'openid', description: 'Know who you are, by an identifier' },
    { name: 'user-read-private', description: 'See your country and your plan' },
    { name: 'user-read-email', description: 'See your email address' },
    { name: 'playlist-read-private', description: 'See your private playlists' },
    { name: 'offline_access', description: 'Stay connected while you are away' },
  ],
  optional: ['user-read-private', 'user-read-email', 'playlist-read-private', 'offline_access'],
  alreadyGranted: ['user-read-private'],
  account,
  switchAccountAction: '/login/switch',
  unverified: false,
  firstParty: false,
  native: false,
  lifetimeSeconds: 180 * 86_400,
};

export const ACCOUNT_FACTS = {
  signedInAt: AT,
  endsAt: AT + 14 * 86_400_000,
  factors: { passkeys: 0, authenticatorApps: 1 },
  setUpUrl: '/login/set-up',
  providers: [
    {
      name: 'Example ID',
      linked: true,
      linkUrl: '/login/with/idp_1?link=link-token',
      unlinkAction: '/login/with/idp_1/unlink',
    },
    {
      name: 'Workplace',
      linked: false,
      linkUrl: '/login/with/idp_2?link=link-token',
      unlinkAction: '/login/with/idp_2/unlink',
    },
  ],
  signOutAction: '/logout',
  formToken: 'form-token',
} as const;

const ASKED_PASSKEY = {
  options: { challenge: 'c2VhbGVk', rpId: 'localhost', allowCredentials: [] },
  sealed: 'sealed',
};

export const SECOND_STEP: SecondStepPage = {
  action: '/login/second-step',
  otherUrl: '/login/second-step?with=recovery_code',
  startOverUrl: '/login',
  fields: { step: 'sealed', form_token: 'form-token' },
  email: account.email,
  asks: 'code',
  hasApp: true,
  hasRecoveryCodes: true,
  passkey: ASKED_PASSKEY,
};

export const SET_UP: SetUpPage = {
  action: '/login/set-up',
  appUrl: '/login/set-up?kind=app',
  backUrl: '/login',
  fields: { step: 'sealed', form_token: 'form-token' },
  email: account.email,
  why: 'wished',
  passkey: ASKED_PASSKEY,
};

const APP_SET_UP: AppSetUpPage = {
  action: '/login/set-up',
  backUrl: '/login/set-up',
  fields: { step: 'sealed', form_token: 'form-token', asked: 'sealed' },
  qrCode: await qrCode('otpauth://totp/Tessera:ada%40example.test?secret=JBSWY3DPEHPK3PXP', 'QR code'),
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
};

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

const AGENT_PURPOSE = 'Keeps my playlists in order, and tells me every Friday what is new in them';

/** The pages for devices, from the code to the end. */
function devicePages(): Record<string, string> {
  const page = { action: '/device', formToken: 'form-token', account };
  const confirmation = {
    ...page,
    userCode: 'WDJB-MJHT',
    client: { name: 'Demo television', host: 'tv.example' },
    api: CONSENT.api,
    scopes: CONSENT.scopes,
    optional: CONSENT.optional,
    deviceAddress: '2001:db8:85a3::8a2e:370:7334',
    ownAddress: '192.0.2.7',
    secondsAgo: 42,
    lifetimeSeconds: 180 * 86_400,
  };
  return {
    'device-code': deviceCodePage(page),
    'device-code-from-link': deviceCodePage({ ...page, userCode: 'WDJB-MJHT' }),
    'device-code-unknown': deviceCodePage({ ...page, userCode: 'wdjb mjh', error: 'unknown' }),
    'device-code-too-many': deviceCodePage({ ...page, error: 'too_many', retryAfterSeconds: 60 }),
    'device-confirm': deviceConfirmationPage(confirmation),
    'device-confirm-identity': deviceConfirmationPage({
      ...confirmation,
      api: undefined,
      scopes: [],
      deviceAddress: '192.0.2.7',
      lifetimeSeconds: undefined,
    }),
    'device-confirm-agent': deviceConfirmationPage({
      ...confirmation,
      client: { name: 'Tidy' },
      agentPurpose: AGENT_PURPOSE,
    }),
    'device-allowed': deviceResultPage({ outcome: 'allowed', clientName: 'Demo television' }),
    'device-denied': deviceResultPage({ outcome: 'denied', clientName: 'Demo television' }),
    'device-gone': deviceResultPage({ outcome: 'gone' }),
  };
}

/** The page in the states its buttons lead to. */
function accessTokenStates(): Record<string, string> {
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

const WORDS = {
  path: 'start/words',
  title: 'Words',
  summary: 'What things are called: on the pages, in messages, in these docs.',
  markdown: `# Words

What things are called, with **strong** and \`code\`, and <b>HTML that is shown</b>.

## Who and what

| Say | It is | On the wire |
|---|---|---|
| **API** | what is protected | \`resource\` |
| **app** | what calls | \`https://a.example/a-long-identifier-of-an-api/that-does-not-break\` |

- [Another page](first-token.md#use)
- [x] done

\`\`\`sh
curl -u demo-app:secret -d grant_type=client_credentials http://localhost:4400/api/token | head -c 100
\`\`\`
`,
};
const FIRST = {
  path: 'start/first-token',
  title: 'First token',
  summary: 'In a minute.',
  markdown: '# First token\n',
};
const LIBRARY: DocLibrary = {
  docs: new Map([WORDS, FIRST].map((doc) => [doc.path, doc])),
  folders: [
    { path: 'start', title: 'Start', docs: [FIRST, WORDS] },
    {
      path: 'explain',
      title: 'Explain',
      docs: [{ ...FIRST, path: 'explain/why', title: 'Why tokens expire' }],
    },
  ],
};

export const PAGE_SAMPLES: Readonly<Record<string, string>> = {
  ...ACCOUNT_SAMPLES,
  'sign-in-with-doors': signInPage({
    ...signIn,
    notice: 'password_changed',
    signUp: '/signup?interaction=sealed',
    recovery: '/recover',
  }),
  ...devicePages(),
  'sign-in': signInPage({
    ...signIn,
    clientName: 'Demo player',
    hint: 'Demo: ada@example.test / tile-moss-4410',
  }),
  'sign-in-providers': signInPage({
    ...signIn,
    providers: [
      { name: 'Example ID', url: '/login/with/idp_1' },
      { name: 'Workplace', url: '/login/with/idp_2' },
    ],
  }),
  'sign-in-refused': signInPage({ ...signIn, email: 'ada@example.test', error: 'refused' }),
  'sign-in-too-many': signInPage({
    ...signIn,
    email: 'ada@example.test',
    error: 'too_many',
    retryAfterSeconds: 300,
  }),
  consent: consentPage(CONSENT),
  'consent-native': consentPage({
    ...CONSENT,
    client: {
      label: 'A command line with a name that is longer than one would like',
      name: 'A command line with a name that is longer than one would like',
      redirectHost: 'com.example.cli',
    },
    api: undefined,
    alreadyGranted: [],
    native: true,
  }),
  'consent-agent': consentPage({
    ...CONSENT,
    client: { label: 'Tidy', name: 'Tidy', redirectHost: '127.0.0.1:4430' },
    alreadyGranted: [],
    agentPurpose: AGENT_PURPOSE,
  }),
  'consent-document': consentPage({
    ...CONSENT,
    client: {
      label: 'agent.example',
      name: 'Agent of Example',
      redirectHost: 'agent.example',
    },
    alreadyGranted: [],
    unverified: true,
  }),
  'consent-registered': consentPage({
    ...CONSENT,
    client: {
      label: 'An app on this device',
      name: 'Google account recovery with a name that is longer than one would like',
      redirectHost: 'localhost:33418',
    },
    alreadyGranted: [],
    native: true,
    unverified: true,
  }),
  'error-with-way-back': errorPage({
    status: 400,
    title: 'This app asked for something it cannot have',
    explanation: 'A requested scope is not one of this API.',
    whatToDo: 'If you know the app and came from there, go back and tell it. If not, close this page.',
    link: { url: 'https://agent.example/callback?error=invalid_scope', text: 'Go back to agent.example' },
    reference: 'req_9fK2mPqT7xW4',
  }),
  'consent-details': consentPage({
    ...CONSENT,
    scopes: [],
    details: [
      {
        detail: { type: 'playlist_change', playlist: 'Bach', max_tracks: 10, note: 'while I am away' },
        type: {
          type: 'playlist_change',
          description: 'Add up to {max_tracks} tracks to your playlist “{playlist}”, once a day',
          members: {},
        },
        api: 'Music API',
      },
    ],
  }),
  'consent-several-apis': consentPage({
    ...CONSENT,
    otherApis: [{ name: 'Calendar', identifier: 'https://calendar.example/a-longer-name' }],
    scopes: CONSENT.scopes.map((scope) => ({ ...scope, api: 'Music API, Calendar' })),
  }),
  'form-post': formPostPage({
    action: 'https://player.example/callback',
    fields: { code: 'tsr_ac_1', state: '"><script>alert(1)</script>', iss: 'https://id.example' },
  }),
  error: errorPage({
    status: 400,
    title: 'This sign-in cannot go on',
    explanation:
      'The app sent a redirect URI that is not registered for it, so there is nowhere safe to answer.',
    whatToDo:
      'If this is your app, register the exact URI it sends. Otherwise tell its makers, with this reference.',
    reference: 'req_9fK2mPqT7xW4',
  }),
  'sign-out': signOutPage({ action: '/logout', formToken: 'form-token', account, clientName: 'Demo player' }),
  'signed-out': signedOutPage({
    signInUrl: '/login',
    continueTo: { url: 'http://127.0.0.1:4430/', clientName: 'Demo player' },
  }),
  account: accountPage({
    account: { ...account, role: 'member' },
    ...ACCOUNT_FACTS,
  }),
  'second-step': secondStepPage(SECOND_STEP),
  'second-step-wrong-code': secondStepPage({ ...SECOND_STEP, passkey: undefined, error: 'code' }),
  'second-step-passkey': secondStepPage({ ...SECOND_STEP, hasApp: false, error: 'passkey' }),
  'second-step-recovery': secondStepPage({ ...SECOND_STEP, asks: 'recovery_code', error: 'recovery_code' }),
  'set-up': setUpPage(SET_UP),
  'set-up-required': setUpPage({ ...SET_UP, why: 'required', error: 'passkey' }),
  'set-up-app': appSetUpPage({ ...APP_SET_UP, error: 'code' }),
  'factor-added': factorAddedPage({
    kind: 'app',
    goOnUrl: '/login/go-on',
    recoveryCodes: Array.from({ length: 10 }, (_, index) => `4H2K-9MZQ-P7XW-TB0${index}`),
  }),
  ...INVITATION_SAMPLES,
  ...accessTokenStates(),
  'docs-page': docPage(WORDS, LIBRARY),
  'docs-list': listPage('Docs', LIBRARY.folders, LIBRARY),
  'docs-none': noSuchDocPage(LIBRARY),
};
