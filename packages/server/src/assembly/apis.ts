/** The admin and account APIs, with what they need. */
import { deriveKeys } from '@tessera/tokens';
import type { FastifyInstance } from 'fastify';
import { registerAccountApi } from '../api/account-api.ts';
import { registerAdminApi } from '../api/admin-api.ts';
import { TESSERA_API_IDENTIFIER } from '../domain/resource.ts';
import { createBrowser } from '../http/browser.ts';
import type { FactorEnrolment } from '../people/factor-enrolment.ts';
import { createSealedSteps } from '../people/sealed-steps.ts';
import { factorPorts } from './factors.ts';
import { dutyTimes } from './duty.ts';
import type { Foundation } from './foundation.ts';
import { ownVerifier } from './own-verifier.ts';

export async function mountApis(app: FastifyInstance, foundation: Foundation): Promise<void> {
  const { parts, clock, random, keyRing, passwords, outbounds, attemptLimits, rates } = foundation;
  const { store, issuer } = parts;
  const verifier = ownVerifier(TESSERA_API_IDENTIFIER, foundation);
  const factors = factorPorts(foundation);
  const browser = createBrowser(issuer, parts.masterKey, random);
  const secondFactorRequired = parts.config.second_factor === 'required';
  const { sessions } = foundation.sightings;
  const console = { browser, sessions, clock, secondFactorRequired };
  await registerAdminApi(app, {
    ...foundation.personalTokens,
    ...store,
    attemptLimits,
    rates,
    issuer,
    verifier,
    personalApps: parts.config.personal_apps === 'on',
    createOrganizations: parts.config.create_organizations,
    sealingKey: deriveKeys(parts.masterKey, 'sealed-secrets'),
    upstreamSeals: foundation.upstreamSeals,
    keys: keyRing,
    catTokens: foundation.catTokens,
    verifyAuditLog: (known) => foundation.auditLog.verify(known),
    refusals: foundation.refusalLog,
    dutyTimes: dutyTimes(parts.config),
    ...(parts.demoNodes && { demoNodes: parts.demoNodes }),
    outbound: outbounds.registered,
    clock,
    random,
    hashPassword: (password) => passwords.hashPassword(password),
    sealMail: foundation.mail.sealMail,
    console,
    factors,
  });
  const enrolments = createSealedSteps<FactorEnrolment>('factor-enrolment', parts.masterKey, random);
  await registerAccountApi(app, {
    ...store,
    ...foundation.personalTokens,
    attemptLimits,
    rates,
    issuer,
    verifier,
    sessions,
    passwords,
    sealMail: foundation.mail.sealMail,
    clock,
    random,
    console,
    factors,
    enrolments,
  });
}
