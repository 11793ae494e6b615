// Every planted fault.
import { createSend } from '../harness/http.ts';
import { openTarget, type Target } from '../harness/target.ts';
import { authorizationFaults, pageFaults } from './authorization-faults.ts';
import { certificateFaults } from './certificate-faults.ts';
import {
  deviceFaults,
  featureFaults,
  logoutFaults,
  pushFaults,
  registrationFaults,
} from './endpoint-faults.ts';
import type { Fault } from './fault.ts';
import {
  introspectionFaults,
  jwtFaults,
  metadataFaults,
  tokenFaults,
  userinfoFaults,
} from './token-faults.ts';

export const FAULTS: readonly Fault[] = [
  ...authorizationFaults,
  ...pageFaults,
  ...tokenFaults,
  ...jwtFaults,
  ...userinfoFaults,
  ...introspectionFaults,
  ...metadataFaults,
  ...pushFaults,
  ...registrationFaults,
  ...certificateFaults,
  ...deviceFaults,
  ...logoutFaults,
  ...featureFaults,
];

/** The good server seen through a fault; clients, people and sessions of the good one are used again. */
export async function plant(fault: Fault, good: Target): Promise<Target> {
  const send = await fault.plant(
    createSend(good.hooks.issuer, good.hooks.base, good.hooks.certificates?.authorities),
    good.metadata,
  );
  return openTarget({ hooks: fault.hooks?.(good.hooks) ?? good.hooks, send, known: good.known });
}
