/**
 * The client's own public keys: in place or by URL, never both.
 * @spec RFC 7591 §2 (`jwks`, `jwks_uri`), RFC 7517 §5
 */
import { hasPrivateMembers, importPublicJwk } from '@tessera/tokens';
import { Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { isWebPage } from './web-page.ts';
import { refuse } from './refusal.ts';

const MAX_KEYS = 20;

export const keys: MetadataRule = {
  members: {
    jwks: Type.Object(
      { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 100 }) },
      { description: 'The public keys of the client; at most 20' },
    ),
    jwks_uri: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'Where the client publishes its public keys; instead of jwks',
    }),
  },
  refusals({ jwks, jwks_uri: uri }) {
    if (jwks !== undefined && uri !== undefined) {
      return [refuse('/jwks_uri', 'a client has jwks or jwks_uri, not both')];
    }
    if (uri !== undefined && !isWebPage(uri)) return [refuse('/jwks_uri', 'must be an https URL')];
    const given = jwks?.keys ?? [];
    if (given.length > MAX_KEYS) return [refuse('/jwks/keys', `at most ${MAX_KEYS} keys`)];
    return given.flatMap((key, index) => {
      if (hasPrivateMembers(key)) {
        return [
          refuse(
            `/jwks/keys/${index}`,
            'holds a private or symmetric key; replace the key and send its public members only',
          ),
        ];
      }
      return importPublicJwk(key) === undefined && !isForEncryption(key)
        ? [refuse(`/jwks/keys/${index}`, 'is not a public key for signatures that is strong enough')]
        : [];
    });
  },
};

/** Not used here, but some clients publish theirs beside the others. */
function isForEncryption(key: Readonly<Record<string, unknown>>): boolean {
  return key['use'] === 'enc';
}
