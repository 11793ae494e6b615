/**
 * `client_secret_post`: id and secret in the request body.
 * @spec RFC 6749 §2.3.1
 */
import type { ClientAuthenticationMethod } from './presented-credentials.ts';

export const clientSecretPost: ClientAuthenticationMethod = ({ form }) => {
  const secret = form.get('client_secret');
  return secret === undefined
    ? undefined
    : { method: 'client_secret_post', clientId: form.require('client_id'), secret };
};
