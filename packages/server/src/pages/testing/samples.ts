/** Every page with props as they come in life, for the tests that look at all of them. */
import { accountPage } from '../account-page.ts';
import { consentPage } from '../consent-page.ts';
import type { ConsentPage } from '../consent-page.ts';
import { errorPage } from '../error-page.ts';
import { signedOutPage, signOutPage } from '../sign-out-page.ts';
import { signInPage } from '../sign-in-page.ts';

const account = { displayName: 'Ada Lovelace', email: 'ada@example.test' };
const signIn = { action: '/login', interaction: 'sealed', formToken: 'form-token' };
const AT = Date.UTC(2027, 0, 15, 8, 0);

export const CONSENT: ConsentPage = {
  action: '/consent',
  interaction: 'sealed',
  formToken: 'form-token',
  client: {
    name: 'Demo player',
    host: 'player.example',
    redirectHost: '127.0.0.1:4430',
    policyUri: 'https://player.example/privacy',
    tosUri: 'https://player.example/terms',
  },
  api: { name: 'Music', identifier: 'https://music.example/' },
  scopes: [
    { name: 'user-read-private', description: 'See your country and your plan' },
    { name: 'user-read-email', description: 'See your email address' },
    { name: 'playlist-read-private', description: 'See your private playlists' },
    { name: 'offline_access', description: 'Stay connected while you are away' },
  ],
  alreadyGranted: ['user-read-private'],
  account,
  switchAccountAction: '/login/switch',
  firstParty: false,
  native: false,
  lifetimeSeconds: 180 * 86_400,
};

export const PAGE_SAMPLES: Readonly<Record<string, string>> = {
  'sign-in': signInPage({
    ...signIn,
    clientName: 'Demo player',
    hint: 'Demo: ada@example.test / tile-moss-4410',
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
      name: 'A command line with a name that is longer than one would like',
      redirectHost: 'com.example.cli',
    },
    api: undefined,
    alreadyGranted: [],
    native: true,
    connectedAppsUrl: '/console/connected-apps',
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
    signedInAt: AT,
    endsAt: AT + 14 * 86_400_000,
    signOutAction: '/logout',
    formToken: 'form-token',
  }),
};
