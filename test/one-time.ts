// Things that count once, and how each is used: one table for every race over them.
import { recoveryCode, passkeyAnswer, timeStep } from './one-time/factors.ts';
import {
  authorizationGrant,
  clientAssertion,
  consent,
  deviceCode,
  initialAccessToken,
  proofForApi,
  proofForToken,
  pushedRequest,
  userCode,
} from './one-time/grants.ts';
import { confirmationLink, invitation, newAddressLink, passwordLink, signUpLink } from './one-time/links.ts';
import type { OneTimeThing, OneTimeWorld } from './one-time/world.ts';

/** Everything but codes and refresh tokens. */
export function oneTimeThings(world: OneTimeWorld): readonly OneTimeThing[] {
  return [
    pushedRequest,
    consent,
    userCode,
    deviceCode,
    clientAssertion,
    authorizationGrant,
    proofForToken,
    proofForApi,
    initialAccessToken,
    passwordLink,
    signUpLink,
    newAddressLink,
    confirmationLink,
    invitation,
    timeStep,
    recoveryCode,
    passkeyAnswer,
  ].map((of) => of(world));
}
