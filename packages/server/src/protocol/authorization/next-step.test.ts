import { describe, expect, it } from 'vitest';
import type { Client } from '../../domain/client.ts';
import type { Session } from '../../domain/session.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import { type NextStepFacts, nextStep } from './next-step.ts';

const NOW = 1_000_000_000;

const client = { id: 'app', applicationType: 'web', firstParty: false } as Client;
const session = {
  id: 's',
  userId: 'usr_a',
  authTime: NOW - 60_000,
  amr: ['pwd'] as readonly string[],
} as Session;
const request: AuthorizationRequest = {
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  scopes: ['a', 'b'],
  prompt: [],
  startedAt: NOW - 1000,
};
const consent = { userId: 'usr_a', clientId: 'app', scopes: ['a', 'b', 'c'], updatedAt: 0 };
const ready: NextStepFacts = {
  request,
  client,
  session,
  consents: [consent],
  hintedUserId: undefined,
  blocked: false,
  subject: 'usr_a',
  now: NOW,
};

function withRequest(changes: Partial<AuthorizationRequest>): NextStepFacts {
  return { ...ready, request: { ...request, ...changes } };
}

describe('what an authorization request still needs (OpenID Connect Core §3.1.2)', () => {
  it.each<[string, NextStepFacts, string]>([
    ['nobody is signed in', { ...ready, session: undefined }, 'sign_in'],
    ['prompt=login', withRequest({ prompt: ['login'] }), 'sign_in'],
    ['prompt=select_account', withRequest({ prompt: ['select_account'] }), 'sign_in'],
    ['max_age has passed, to the second', withRequest({ maxAge: 60 }), 'sign_in'],
    ['the sign-in is as old as sign-ins may be', { ...ready, signInFrequencySeconds: 60 }, 'sign_in'],
    [
      'a longer max_age does not stretch that',
      { ...withRequest({ maxAge: 600 }), signInFrequencySeconds: 60 },
      'sign_in',
    ],
    ['max_age=0', withRequest({ maxAge: 0 }), 'sign_in'],
    ['the hint names another person', { ...ready, hintedUserId: 'usr_b' }, 'sign_in'],
    ['the hint is not an ID token of ours', { ...ready, hintedUserId: 'unknown' }, 'sign_in'],
    ['no consent yet', { ...ready, consents: [undefined] }, 'consent'],
    ['a scope more than was agreed to', withRequest({ scopes: ['a', 'z'] }), 'consent'],
    ['prompt=consent', withRequest({ prompt: ['consent'] }), 'consent'],
    [
      'a native app, agreed to before (RFC 8252 §8.6)',
      { ...ready, client: { ...client, applicationType: 'native' } },
      'consent',
    ],
    [
      'a native first-party app',
      { ...ready, client: { ...client, applicationType: 'native', firstParty: true } },
      'consent',
    ],
    ['agreed to before', ready, 'issue'],
    [
      'a first-party web app',
      { ...ready, consents: [undefined], client: { ...client, firstParty: true } },
      'issue',
    ],
    ['the sign-in is young enough', { ...ready, signInFrequencySeconds: 61 }, 'issue'],
    ['max_age has not passed', withRequest({ maxAge: 61 }), 'issue'],
    [
      'prompt=login, signed in since',
      { ...withRequest({ prompt: ['login'] }), session: { ...session, authTime: NOW } },
      'issue',
    ],
    ['the hint names this person', { ...ready, hintedUserId: 'usr_a' }, 'issue'],
  ])('%s', (_what, facts, step) => {
    expect(nextStep(facts).step).toBe(step);
  });

  it.each<[string, NextStepFacts, string]>([
    ['nobody is signed in', { ...withRequest({ prompt: ['none'] }), session: undefined }, 'login_required'],
    ['max_age has passed', withRequest({ prompt: ['none'], maxAge: 1 }), 'login_required'],
    [
      'the hint names another person',
      { ...withRequest({ prompt: ['none'] }), hintedUserId: 'usr_b' },
      'login_required',
    ],
    ['no consent yet', { ...withRequest({ prompt: ['none'] }), consents: [undefined] }, 'consent_required'],
  ])('prompt=none shows no page: %s', (_what, facts, error) => {
    expect(nextStep(facts)).toMatchObject({ step: 'refuse', error });
  });
});
