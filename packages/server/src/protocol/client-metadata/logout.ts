/**
 * Where people go after signing out, and where the client is told of it.
 * @spec OpenID Connect RP-Initiated Logout §3.1, Back-Channel Logout §2.2
 */
import { Type } from '../../schema/type.ts';
import { validateRegisteredRedirectUri } from '../redirect-uri.ts';
import type { MetadataRule } from './metadata-rule.ts';
import { refuse } from './refusal.ts';
import { isWebPage } from './web-page.ts';

const MAX_URIS = 50;

export const logout: MetadataRule = {
  members: {
    post_logout_redirect_uris: Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      maxItems: 100,
      description: 'Where a person may be sent after signing out; compared character by character',
    }),
    backchannel_logout_uri: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'Where the server posts a logout token when a session ends that this client knows',
    }),
    backchannel_logout_session_required: Type.Boolean({
      description: 'Whether the client needs `sid` in logout tokens; it is there either way',
    }),
  },
  refusals(metadata, { applicationType }) {
    const { post_logout_redirect_uris: uris = [], backchannel_logout_uri: told } = metadata;
    const type = applicationType === 'native' ? 'native' : 'web';
    if (uris.length > MAX_URIS) return [refuse('/post_logout_redirect_uris', `at most ${MAX_URIS}`)];
    return [
      ...uris.flatMap((uri, index) => {
        const reason = validateRegisteredRedirectUri(uri, type);
        return reason === undefined ? [] : [refuse(`/post_logout_redirect_uris/${index}`, reason)];
      }),
      ...(told === undefined || (isWebPage(told) && !told.includes('#'))
        ? []
        : [refuse('/backchannel_logout_uri', 'must be an https URL without a fragment')]),
    ];
  },
};
