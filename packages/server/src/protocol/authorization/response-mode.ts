/**
 * How an answer travels to the client: in the query, by a form that the browser posts, and either of them as a signed
 * JWT. Not in the fragment: it survives redirects of the app, and scripts of the page read it (docs/decisions).
 * @spec OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post Response Mode §2, JARM §2.3
 */
import type { Client } from '../../domain/client.ts';
import type { SigningAlg } from '../../domain/resource.ts';
import type { Form } from '../form.ts';
import { OAuthError } from '../oauth-error.ts';
import { signsMessages } from '../security-profile.ts';

export type ResponseMode = 'query' | 'form_post' | 'query.jwt' | 'form_post.jwt';

/** As the metadata list them; `jwt` is the signed form of the default, `query.jwt`. */
export const RESPONSE_MODES: readonly string[] = ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'];

/** What signs an answer; the first is the default (JARM §3). */
export const RESPONSE_SIGNING_ALGS: readonly SigningAlg[] = ['RS256', 'ES256', 'PS256', 'EdDSA'];

/** @throws OAuthError `invalid_request` for a mode that is not known, and for a form to where none can be posted */
export function readResponseMode(form: Form, redirectUri: string, client: Client): ResponseMode | undefined {
  const requested = form.get('response_mode');
  if (signsMessages(client) && requested?.endsWith('jwt') !== true) {
    throw new OAuthError('invalid_request', 'Answers to this client are signed; ask for response_mode=jwt');
  }
  if (requested === undefined) return undefined;
  const mode = requested === 'jwt' ? 'query.jwt' : requested;
  if (!isResponseMode(mode)) {
    throw new OAuthError('invalid_request', `The response_mode is none of ${RESPONSE_MODES.join(', ')}`);
  }
  if (mode.startsWith('form_post') && !/^https?:/.test(redirectUri)) {
    throw new OAuthError('invalid_request', 'A form can be posted to an http or https redirect_uri only');
  }
  return mode;
}

/** The algorithm of a client's signed answers. */
export function responseSigningAlg({ metadata }: Client): SigningAlg {
  const chosen = metadata.authorization_signed_response_alg;
  return RESPONSE_SIGNING_ALGS.find((alg) => alg === chosen) ?? 'RS256';
}

function isResponseMode(mode: string): mode is ResponseMode {
  return mode !== 'jwt' && RESPONSE_MODES.includes(mode);
}
