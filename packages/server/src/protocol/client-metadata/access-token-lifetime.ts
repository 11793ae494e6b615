/** How long the access tokens of a client live; a member of our own, and the operator's to give. */
import { LifetimeRule, lifetimeRefusal } from '../../access/lifetime-rule.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';

export const accessTokenLifetime: MetadataRule = {
  members: { access_token_lifetime: LifetimeRule },
  refusals({ access_token_lifetime: lifetime }) {
    const refusal = lifetime === undefined ? undefined : lifetimeRefusal(lifetime);
    return refusal === undefined ? [] : [refuse('/access_token_lifetime', refusal)];
  },
};
