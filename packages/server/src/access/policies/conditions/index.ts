/** Every condition that policies may have. */
import { acr } from './acr.ts';
import { amr } from './amr.ts';
import { binding } from './binding.ts';
import { client } from './client.ts';
import type { Condition } from './condition.ts';
import { membership } from './membership.ts';
import { network } from './network.ts';
import { resource } from './resource.ts';
import { risk } from './risk.ts';
import { scope } from './scope.ts';
import { signInAge } from './sign-in-age.ts';
import { user } from './user.ts';

export const CONDITIONS: readonly Condition[] = [
  client,
  resource,
  scope,
  user,
  membership,
  network,
  acr,
  amr,
  signInAge,
  binding,
  risk,
];

const BY_NAME = new Map(CONDITIONS.map((each) => [each.name, each]));

export function conditionNamed(name: string): Condition | undefined {
  return BY_NAME.get(name);
}
