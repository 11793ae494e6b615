/** Forged and damaged JWTs, family by family, made around a good one: none of them may pass anywhere. For tests only. */
import { withWrongClaims } from './jwt-attacks/claims.ts';
import { type Attack, type AttackMaterial, createForge } from './jwt-attacks/forge.ts';
import { withWrongForm, withWrongJson } from './jwt-attacks/forms.ts';
import { named, ofAnotherKind } from './jwt-attacks/headers.ts';
import { broken, confused, unsigned } from './jwt-attacks/signatures.ts';

export type { Attack } from './jwt-attacks/forge.ts';

export function jwtAttacks(material: AttackMaterial): readonly Attack[] {
  const forge = createForge(material);
  return [
    ...unsigned(forge),
    ...confused(forge, material),
    ...broken(forge),
    ...named(forge, material),
    ...ofAnotherKind(forge),
    ...withWrongClaims(forge, material.claims),
    ...withWrongJson(forge, material.claims),
    ...withWrongForm(forge),
  ];
}
