/**
 * `none`: the request only says which client it is. For a public client PKCE and rotation carry the proof; for one
 * that authenticates by certificate the connection does.
 * @spec RFC 6749 §3.2.1, OAuth 2.1 §2.4, RFC 8705 §2
 */
import type { ClientAuthenticationMethod } from './presented-credentials.ts';

export const none: ClientAuthenticationMethod = ({ authorization, form }) => {
  if (authorization !== undefined || form.has('client_secret')) return undefined;
  if (form.has('client_assertion') || form.has('client_assertion_type')) return undefined;
  const clientId = form.get('client_id');
  return clientId === undefined ? undefined : { method: 'none', clientId };
};
