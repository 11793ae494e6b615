/**
 * `none`: a public client only says who it is; PKCE and rotation carry the proof.
 * @spec RFC 6749 §3.2.1, OAuth 2.1 §2.4
 */
import type { ClientAuthenticationMethod } from './presented-credentials.ts';

export const none: ClientAuthenticationMethod = ({ authorization, form }) => {
  if (authorization !== undefined || form.has('client_secret')) return undefined;
  const clientId = form.get('client_id');
  return clientId === undefined ? undefined : { method: 'none', clientId };
};
