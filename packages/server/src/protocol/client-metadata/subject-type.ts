/**
 * How the client knows people.
 * @spec OpenID Connect Dynamic Client Registration §2 (`subject_type`, `sector_identifier_uri`), Core §8.1
 */
import { Type } from '../../schema/type.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';

export const subjectType: MetadataRule = {
  members: {
    subject_type: Type.String({
      maxLength: 100,
      description: 'public, or pairwise: another `sub` of each person for each sector',
    }),
    sector_identifier_uri: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'An https URL of a JSON list of redirect URIs; its host is the sector',
    }),
  },
  refusals(metadata, { redirectUris }) {
    const { subject_type: type = 'public', sector_identifier_uri: sector } = metadata;
    if (type !== 'public' && type !== 'pairwise')
      return [refuse('/subject_type', 'must be public or pairwise')];
    if (sector !== undefined) {
      return URL.parse(sector)?.protocol === 'https:'
        ? []
        : [refuse('/sector_identifier_uri', 'must be an https URL')];
    }
    const hosts = new Set(redirectUris.map((uri) => URL.parse(uri)?.host));
    return type === 'pairwise' && hosts.size > 1
      ? [refuse('/sector_identifier_uri', 'a pairwise client with redirect URIs on several hosts needs one')]
      : [];
  },
};
