// Every figure, in the order of their numbers.
import type { Figure } from './figure.ts';
import { clock } from './figures/clock.ts';
import { fuzz } from './figures/fuzz.ts';
import { kill, killDatabase } from './figures/kill.ts';
import { mutatedCredentials } from './figures/mutated-credentials.ts';
import { mutatedTokens } from './figures/mutated-tokens.ts';
import { overloaded } from './figures/overload.ts';
import { codeRace, oneTimeRace, refreshRace } from './figures/races.ts';
import { nodes } from './figures/nodes.ts';
import { policyChange } from './figures/policy-change.ts';
import { restarts } from './figures/restarts.ts';
import { revocation } from './figures/revocation.ts';
import { rotation } from './figures/rotation.ts';
import { secrets } from './figures/secrets.ts';

export const FIGURES: readonly Figure[] = [
  kill,
  killDatabase,
  refreshRace,
  codeRace,
  oneTimeRace,
  fuzz,
  mutatedTokens,
  mutatedCredentials,
  clock,
  nodes,
  rotation,
  revocation,
  policyChange,
  restarts,
  overloaded,
  secrets,
];
