/** Sign-in without a secret: authorization code with PKCE (OAuth 2.1 §4.1), refresh (§4.3), revocation (RFC 7009). */
import { codeChallenge, randomText } from './pkce.js';

const PENDING = 'sign_in';

/** What the issuer, or the callback, said instead of giving a token. */
export class SignInError extends Error {
  constructor(code, description) {
    super(description === undefined ? code : `${code}: ${description}`);
    this.name = 'SignInError';
    this.code = code;
  }
}

export function createAuthorization({ issuer, clientId, redirectUri, scope }) {
  let metadata;

  /** The issuer's addresses (RFC 8414). Metadata that name another issuer are somebody else's. */
  async function discover() {
    if (metadata !== undefined) return metadata;
    const found = await fetchJson(`${issuer}/.well-known/openid-configuration`);
    if (found.issuer !== issuer) throw new SignInError('wrong_issuer', `the metadata name ${found.issuer}`);
    metadata = found;
    return found;
  }

  async function requestTokens(parameters) {
    const { token_endpoint: endpoint } = await discover();
    return fetchJson(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, ...parameters }),
    });
  }

  return {
    /** Leaves the page for the issuer's. `request` comes back from `finish`. */
    async start(request, resource) {
      const { authorization_endpoint: endpoint } = await discover();
      const [state, verifier] = [randomText(), randomText()];
      sessionStorage.setItem(PENDING, JSON.stringify({ state, verifier, request }));
      const url = new URL(endpoint);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope,
        state,
        code_challenge: await codeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(resource !== undefined && { resource }),
      });
      location.assign(url);
    },

    /** On return: checks that this is the answer to our question, and exchanges the code. One question, one answer. */
    async finish(answer) {
      const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
      sessionStorage.removeItem(PENDING);
      if (pending === null) throw new SignInError('no_sign_in', 'no sign-in was started in this tab');
      if (answer.get('state') !== pending.state)
        throw new SignInError('wrong_state', 'this answers another request');
      await requireIssuer(answer.get('iss'));
      if (answer.has('error')) {
        throw new SignInError(answer.get('error'), answer.get('error_description') ?? undefined);
      }
      const tokens = await requestTokens({
        grant_type: 'authorization_code',
        code: answer.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: pending.verifier,
      });
      return { tokens, request: pending.request };
    },

    refresh(refreshToken) {
      return requestTokens({ grant_type: 'refresh_token', refresh_token: refreshToken });
    },

    async revoke(token) {
      const { revocation_endpoint: endpoint } = await discover();
      const body = new URLSearchParams({ client_id: clientId, token });
      const response = await fetch(endpoint, { method: 'POST', body });
      if (!response.ok) throw new SignInError('not_revoked', `the issuer answered ${response.status}`);
    },
  };

  /** RFC 9207: an answer that another issuer gave must not be sent to this one. */
  async function requireIssuer(iss) {
    const { authorization_response_iss_parameter_supported: promised } = await discover();
    if (iss === issuer || (iss === null && promised !== true)) return;
    throw new SignInError('wrong_issuer', `the answer comes from ${iss ?? 'nobody'}`);
  }
}

async function fetchJson(url, options) {
  const response = await fetch(url, options);
  const data = await response.json();
  if (!response.ok) throw new SignInError(data.error ?? `status_${response.status}`, data.error_description);
  return data;
}
