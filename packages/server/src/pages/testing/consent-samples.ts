/** Consent, what is sent to apps by a form, and what goes wrong on the way. */
import { consentPage } from '../consent-page.ts';
import type { ConsentPage } from '../consent-page.ts';
import { errorPage } from '../error-page.ts';
import { formPostPage } from '../form-post-page.ts';
import { account, AGENT_PURPOSE } from './sample-person.ts';

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

export const CONSENT_SAMPLES: Readonly<Record<string, string>> = {
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
  'consent-of-organization': consentPage({
    ...CONSENT,
    madeBy: 'Quartet <b>of</b> four people, with a name that is rather long',
  }),
};
