/** A rule for some members of client metadata: one object in one file of this room. */
import type { TSchema } from '../../schema/type.ts';
import type { ProtocolMetadata } from '../../domain/protocol-metadata.ts';
import type { ClientMetadata, Settled } from './client-metadata.ts';
import type { MetadataRefusal } from './refusal.ts';

export interface MetadataRule {
  /** The members that this rule judges, with the form they have on the wire. */
  readonly members: { readonly [Member in keyof ProtocolMetadata]?: TSchema };
  /** Every reason to refuse them; `settled` has the defaults of the other members filled in. */
  refusals(metadata: ClientMetadata, settled: Settled): readonly MetadataRefusal[];
}
