/** The pages for people, with what they need. */
import type { FastifyInstance } from 'fastify';
import { createBrowser } from '../http/browser.ts';
import { registerConsole } from '../pages/console/console-routes.ts';
import { type PageRouteDependencies, registerPageRoutes } from '../pages/routes/index.ts';
import { createInteractions } from '../protocol/authorization/interaction.ts';
import type { ClientDocuments } from '../protocol/client-documents/client-documents.ts';
import { withProfiles } from '../protocol/security-profile.ts';
import { createUserCodes } from '../protocol/user-code.ts';
import { createSealedSteps } from '../people/sealed-steps.ts';
import { factorPorts } from './factors.ts';
import { type Foundation, profileSetting } from './foundation.ts';

export async function mountPages(
  app: FastifyInstance,
  foundation: Foundation,
  documents: ClientDocuments,
): Promise<void> {
  const { parts, clock, random, keyRing, passwords, subjectOf, tellApps, attemptLimits } = foundation;
  const { store, issuer, masterKey, config, signInHint } = parts;
  const { sessions } = foundation.sightings;
  const { sealMail } = foundation.mail;
  const secondFactorRequired = config.second_factor === 'required';
  const userCodes = createUserCodes(masterKey, random);
  const browser = createBrowser(issuer, masterKey, random);
  registerConsole(app, { issuer, browser, sessions, clock, secondFactorRequired });
  await registerPageRoutes(app, {
    flow: {
      ...store,
      issuer,
      clients: withProfiles(documents, profileSetting(config)),
      documents,
      sessions,
      keyRing,
      subjectOf,
      policyJudge: foundation.policyJudge,
      signInFrequencySeconds: config.sign_in_frequency,
      random,
      clock,
      clientKeys: foundation.clientKeys,
      requirePushedRequests: config.require_pushed_authorization_requests,
      interactions: createInteractions(masterKey, random),
      browser,
      steps: createSealedSteps('sign-in-step', masterKey, random),
      secondFactorRequired,
    },
    factors: {
      factors: factorPorts(foundation),
      challenges: createSealedSteps('passkey-challenge', masterKey, random),
      enrolments: createSealedSteps('factor-enrolment', masterKey, random),
    },
    upstream: {
      ...store,
      providers: foundation.providers,
      accounts: { ...store, issuer, sealMail, seals: foundation.upstreamSeals, random },
      steps: createSealedSteps('upstream-sign-in', masterKey, random),
    },
    invitations: { ...store, random },
    devices: { ...store, clients: foundation.clients, attemptLimits, userCodes, random },
    account: accountPages(foundation),
    tellApps: (sid) => tellApps.ofSession(sid),
    signIn: { ...store, sessions, attemptLimits, secondFactorRequired, passwords, random },
    random,
    absoluteLifetimeSeconds: config.refresh_token_absolute_lifetime,
    ...(signInHint === undefined ? {} : { signInHint }),
  });
}

/** What the pages of sign-up, recovery and mailed links need. */
function accountPages({
  parts: { config, store },
  attemptLimits,
  passwords,
  random,
  mail: { sealMail },
}: Foundation): PageRouteDependencies['account'] {
  return {
    signUp: config.sign_up,
    mailLinks: store.mailLinks,
    personalAccessTokens: store.personalAccessTokens,
    attemptLimits,
    passwords,
    random,
    ...(sealMail === undefined ? {} : { sealMail }),
  };
}
