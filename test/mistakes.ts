// Where people put a secret by mistake: requests that are refused, and must not tell it to anybody.
import type { TestServer } from './harness.ts';
import type { TestMusic } from './music.ts';
import { type Answer, basic, encode, postForm, requestToken } from './oauth-calls.ts';

export type Mistake = (value: string) => Promise<Answer | Response>;

/** Each is answered with a 4xx, whatever the value is. */
export function mistakesAt(server: TestServer, music: TestMusic): readonly Mistake[] {
  const { confidential } = server.clients;
  return [
    (value) => requestToken(server, { grant_type: value }, confidential),
    (value) =>
      requestToken(server, { grant_type: 'client_credentials', client_id: value, client_secret: value }),
    (value) =>
      requestToken(server, {
        grant_type: 'client_credentials',
        client_id: 'confidential',
        client_secret: value + value,
      }),
    (value) => requestToken(server, { grant_type: 'client_credentials', scope: value }, confidential),
    (value) => requestToken(server, { grant_type: 'client_credentials', resource: value }, confidential),
    (value) =>
      requestToken(
        server,
        { grant_type: 'authorization_code', code: value, redirect_uri: value, code_verifier: value },
        confidential,
      ),
    (value) =>
      requestToken(
        server,
        { grant_type: 'refresh_token', refresh_token: value, scope: value },
        { ...confidential, id: 'spa', secret: undefined },
      ),
    (value) => requestToken(server, { [value]: value }, confidential),
    (value) => requestToken(server, {}, undefined, { headers: { authorization: basic(value, value) } }),
    (value) =>
      requestToken(server, {}, undefined, {
        headers: { authorization: `Bearer ${encodeURIComponent(value)}` },
      }),
    (value) =>
      requestToken(server, {}, confidential, {
        path: `/api/token?${encode({ client_secret: value, code: value })}`,
      }),
    (value) =>
      postForm(server, `/api/introspect?${encode({ token: value })}`, { token: value }, confidential),
    (value) => postForm(server, `/api/token/${encodeURIComponent(value)}`, {}),
    (value) =>
      fetch(`${server.base}/userinfo`, {
        headers: { authorization: `Bearer x${encodeURIComponent(value)}` },
      }),
    (value) => fetch(`${server.base}/authorize?${encode({ client_id: value, redirect_uri: value })}`),
    (value) => fetch(`${server.base}/login?${encode({ interaction: value })}`),
    (value) => fetch(`${server.base}/${encodeURIComponent(value)}`),
    (value) =>
      fetch(`${server.base}/admin/v1/users/${encodeURIComponent(value)}`, {
        headers: { authorization: `Bearer ${encodeURIComponent(value)}` },
      }),
    (value) =>
      fetch(`${server.base}/admin/v1/users`, {
        method: 'POST',
        body: value,
        headers: { 'content-type': 'application/json' },
      }),
    (value) => fetch(`${music.url}/v1/tracks/${encodeURIComponent(value)}`),
    (value) => music.call('/v1/me', `x${encodeURIComponent(value)}`),
  ];
}

/** A refused redirect URI is kept, so that somebody can ask why: what has the form of a token is not. */
export function mistakenRedirect({ base }: TestServer): Mistake {
  return (value) =>
    fetch(`${base}/authorize?${encode({ client_id: 'confidential', redirect_uri: `https://${value}/` })}`);
}
