/**
 * Client metadata out of JSON that anybody may have written: known members in their forms, and nothing else.
 * @spec RFC 7591 §2 ("The authorization server MUST ignore any client metadata sent by the client that it does not understand")
 */
import { type TSchema, Type } from '../../schema/type.ts';
import { compileSchema, type Validator } from '../../schema/validator.ts';
import { unstorableText } from '../storable-text.ts';
import type { ClientMetadata } from './client-metadata.ts';
import { PROTOCOL_METADATA_MEMBERS } from './index.ts';
import { ClientName, metadataMembers, removableMembers } from './members.ts';
import type { MetadataRefusal } from './refusal.ts';

const members: Readonly<Record<string, TSchema>> = {
  client_name: ClientName,
  ...metadataMembers,
  ...removableMembers,
  ...PROTOCOL_METADATA_MEMBERS,
};

/** Compiled when first needed, like every schema. */
const validators = new Map<string, Validator>();

export type ReadMetadata =
  | { readonly metadata: Omit<ClientMetadata, 'client_name'> & { readonly client_name?: string } }
  | { readonly refusals: readonly MetadataRefusal[] };

/** Members that the standard does not know are left out; `null` is taken as absent. */
export function readMetadata(json: Readonly<Record<string, unknown>>): ReadMetadata {
  const given = Object.entries(json).filter(
    ([name, value]) => Object.hasOwn(members, name) && value !== null && value !== undefined,
  );
  const refusals = given.flatMap(([name, value]) => refusalsOf(name, value));
  return refusals.length > 0 ? { refusals } : { metadata: Object.fromEntries(given) };
}

function refusalsOf(name: string, value: unknown): readonly MetadataRefusal[] {
  let validator = validators.get(name);
  if (validator === undefined) {
    validator = compileSchema(members[name] ?? Type.Never());
    validators.set(name, validator);
  }
  const error = name === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  if (!validator.Check(value))
    return [{ error, pointer: `/${name}`, detail: 'does not have the form it must have' }];
  return unstorableText(value, `/${name}`).map(({ pointer, detail }) => ({ error, pointer, detail }));
}
