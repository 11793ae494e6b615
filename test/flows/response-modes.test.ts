// The ways an answer travels: in the query, by a form, and signed. Errors go the same way as codes.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { formsOf } from '../html-form.ts';
import type { NoScriptBrowser, Visit } from '../no-script-browser.ts';
import {
  authorizeUrl,
  createPkce,
  exchange,
  type Parameters,
  read,
  signInAndConsent,
} from '../oauth-calls.ts';
import { push, visit } from '../pushed-requests.ts';
import type { RegisteredClient } from '../registrations.ts';

describe.each(STORES)('response modes on %s', (store) => {
  let server: TestServer;
  let browser: NoScriptBrowser;
  let confidential: RegisteredClient;

  beforeAll(async () => {
    server = await startTestServer({ store });
    ({ confidential } = server.clients);
    browser = server.newBrowser();
    await signInAndConsent(server, browser);
  });
  afterAll(() => server?.close());

  const ask = (parameters: Parameters, client = confidential): Promise<Visit> =>
    browser.get(authorizeUrl(server, client, createPkce(), parameters));

  /** The fields that a browser without scripts would post to the app. */
  function postedTo({ page, status }: Visit, redirectUri: string): Readonly<Record<string, string>> {
    expect(status).toBe(200);
    const [form] = formsOf(page);
    expect(form).toMatchObject({ method: 'post', action: redirectUri });
    expect(form?.buttons).toHaveLength(1);
    return form!.fields;
  }

  async function claimsOf(response: string, audience: string): Promise<Readonly<Record<string, unknown>>> {
    const keys = createRemoteJWKSet(new URL(`${server.base}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(response, keys, { issuer: server.issuer, audience });
    expect(Number(payload.exp) - Math.floor(server.clock.now() / 1000)).toBeLessThanOrEqual(60);
    return { ...payload, alg: protectedHeader.alg };
  }

  describe('form_post (OAuth 2.0 Form Post Response Mode §2, AZ-79)', () => {
    it('posts the code, with iss once, from a page that no other script runs on', async () => {
      const answer = await ask({ response_mode: 'form_post', state: '"><script>alert(1)</script>' });
      const fields = postedTo(answer, confidential.redirectUri);
      expect(fields).toMatchObject({ state: '"><script>alert(1)</script>', iss: server.issuer });
      expect(fields['code']).toMatch(/^tsr_ac_/);
      expect(answer.page).not.toContain('<script>alert');
      expect(answer.page.match(/name="iss"/g)).toHaveLength(1);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='(;|$)/);
      expect(policy).not.toContain('unsafe-inline');
      expect(policy).toContain(`form-action 'self' ${new URL(confidential.redirectUri).origin}`);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });
    it.each<[string, Parameters, string]>([
      ['a bad scope', { scope: 'nope' }, 'invalid_scope'],
      ['a bad response_type', { response_type: 'token' }, 'unsupported_response_type'],
      ['prompt=none without a consent', { prompt: 'none', scope: 'openid email' }, 'consent_required'],
    ])('posts the error of %s', async (_name, parameters, error) => {
      const answer = await ask({ response_mode: 'form_post', ...parameters });
      expect(postedTo(answer, confidential.redirectUri)).toMatchObject({
        error,
        state: 'state-of-the-app',
        iss: server.issuer,
      });
    });
    it('posts what a person decided on the consent page', async () => {
      for (const decision of ['allow', 'deny']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const page = await ask({ response_mode: 'form_post', prompt: 'consent' });
        // oxlint-disable-next-line no-await-in-loop -- as above
        const answer = await browser.submit(page, {}, decision);
        const fields = postedTo(answer, confidential.redirectUri);
        expect(decision === 'allow' ? fields['code'] : fields['error']).toMatch(/^(tsr_ac_|access_denied)/);
      }
    });
    it('is refused where no form can be posted', async () => {
      const parameters = { response_mode: 'form_post', redirect_uri: 'com.example.native:/cb' };
      const { leftFor } = await ask(parameters, server.clients.native);
      expect(leftFor?.searchParams.get('error')).toBe('invalid_request');
    });
  });

  describe('signed answers (JARM §2)', () => {
    it.each(['jwt', 'query.jwt'])('%s: a JWT in the query, and nothing beside it', async (mode) => {
      const { leftFor } = await ask({ response_mode: mode });
      expect([...leftFor!.searchParams.keys()]).toEqual(['response']);
      const claims = await claimsOf(leftFor!.searchParams.get('response')!, confidential.id);
      expect(claims).toMatchObject({ alg: 'RS256', state: 'state-of-the-app' });
      expect(claims['code']).toMatch(/^tsr_ac_/);
    });
    it('form_post.jwt: a JWT in the form, also of an error', async () => {
      for (const parameters of [{}, { scope: 'nope' }]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await ask({ response_mode: 'form_post.jwt', ...parameters });
        const fields = postedTo(answer, confidential.redirectUri);
        expect(Object.keys(fields)).toEqual(['response']);
        // oxlint-disable-next-line no-await-in-loop -- as above
        const claims = await claimsOf(fields['response']!, confidential.id);
        expect(claims['code'] ?? claims['error']).toMatch(/^(tsr_ac_|invalid_scope)/);
      }
    });
    it('are signed with what the client registered (JARM §3)', async () => {
      const metadata = { authorization_signed_response_alg: 'ES256' };
      const client = await server.registerClient({ id: 'es-answers', metadata });
      const { leftFor } = await ask({ response_mode: 'jwt', prompt: 'none' }, client);
      const claims = await claimsOf(leftFor!.searchParams.get('response')!, client.id);
      expect(claims).toMatchObject({ alg: 'ES256', error: 'consent_required' });
    });
    it('come to a pushed request', async () => {
      const { requestUri, pkce } = await push(server, confidential, {
        response_mode: 'jwt',
        scope: undefined,
      });
      const { leftFor } = await visit(server, browser, confidential.id, { request_uri: requestUri });
      const claims = await claimsOf(leftFor!.searchParams.get('response')!, confidential.id);
      const { redirectUri } = confidential;
      const authorized = {
        code: String(claims['code']),
        verifier: pkce.verifier,
        redirectUri,
        location: leftFor!,
      };
      expect((await exchange(server, authorized)).status).toBe(200);
    });
  });

  it('are in the metadata', async () => {
    const { body } = await read(await fetch(`${server.base}/.well-known/openid-configuration`));
    expect(body).toMatchObject({
      response_modes_supported: ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'],
      authorization_signing_alg_values_supported: ['RS256', 'ES256', 'PS256', 'EdDSA'],
    });
  });
});
