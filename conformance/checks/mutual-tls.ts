// Clients that prove themselves by a certificate, and tokens that are bound to one.
import { decodeJwt } from 'jose';
import { type Identity, selfSigned } from '../../test/certificates.ts';
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, text } from '../harness/failure.ts';
import { authorize, call, tokensOf } from '../harness/flow.ts';
import {
  type ClientCertificate,
  encode,
  type HttpResponse,
  jsonOf,
  type Parameters,
} from '../harness/http.ts';
import type { Client, Target } from '../harness/target.ts';

const REFUSED = ['invalid_client', 'invalid_request'];
const SUBJECT = 'CN=conformance-client';

/** A form sent where the server asks for certificates. */
function post(
  target: Target,
  endpoint: string,
  certificate: ClientCertificate | undefined,
  form: Parameters,
): Promise<HttpResponse> {
  return target.send({
    method: 'POST',
    url: target.certificateEndpoint(endpoint),
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    body: encode(form),
    ...(certificate === undefined ? {} : { certificate: { cert: certificate.cert, key: certificate.key } }),
  });
}

interface Holder {
  readonly client: Client;
  readonly own: Identity;
}

const MACHINE = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };

/** A client that registered the certificate itself. */
function holder(target: Target): Promise<Holder> {
  return target.once('holder of a certificate', async () => {
    const own = await selfSigned({ subject: SUBJECT });
    const client = await target.createClient({
      ...MACHINE,
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [own.jwk] },
      ...(target.hooks.api === undefined ? {} : { scope: target.hooks.api.scopes.join(' ') }),
    });
    return { client, own };
  });
}

function ask(
  target: Target,
  { id }: Client,
  certificate: ClientCertificate | undefined,
  more: Parameters = {},
): Promise<HttpResponse> {
  const { api } = target.hooks;
  const form = {
    grant_type: 'client_credentials',
    ...(api === undefined ? {} : { resource: api.identifier }),
  };
  return post(target, 'token_endpoint', certificate, { ...form, client_id: id, ...more });
}

/** A public client whose tokens are bound to the certificate that it happens to use. */
async function boundTokens(target: Target): Promise<{
  readonly client: Client;
  readonly own: Identity;
  readonly tokens: ReturnType<typeof tokensOf>;
}> {
  const own = await selfSigned();
  const client = await target.createClient({
    token_endpoint_auth_method: 'none',
    tls_client_certificate_bound_access_tokens: true,
  });
  const parameters = target.has('offline_access')
    ? { scope: 'openid offline_access', prompt: 'consent' }
    : {};
  const { code, verifier, redirectUri } = await authorize(target, { client, parameters });
  const form = { client_id: client.id, grant_type: 'authorization_code', code, code_verifier: verifier };
  const answer = await post(target, 'token_endpoint', own, { ...form, redirect_uri: redirectUri });
  return { client, own, tokens: tokensOf(answer) };
}

function userinfo(
  target: Target,
  token: string,
  certificate: ClientCertificate | undefined,
): Promise<HttpResponse> {
  return target.send({
    method: 'GET',
    url: target.certificateEndpoint('userinfo_endpoint'),
    headers: [['authorization', `Bearer ${token}`]],
    ...(certificate === undefined ? {} : { certificate: { cert: certificate.cert, key: certificate.key } }),
  });
}

const authenticationChecks: readonly Check[] = [
  {
    id: 'RFC8705-metadata',
    title:
      'The metadata name addresses of their own for mutual TLS, over https, each of an endpoint that there is',
    source: 'RFC 8705 §5',
    needs: ['mtls'],
    run(target) {
      const aliases = target.metadata['mtls_endpoint_aliases'] ?? {};
      for (const [name, address] of Object.entries(aliases)) {
        ensureMatch(text(address, name), /^https:\/\//, `The address of ${name}`);
        ensure(typeof target.metadata[name] === 'string', `There is an alias, but no ${name}`);
      }
      ensureMatch(target.certificateEndpoint('token_endpoint'), /^https:\/\//, 'The token endpoint');
      return Promise.resolve();
    },
  },
  {
    id: 'RFC8705-self-signed',
    title: 'A client with the certificate that it registered gets a token',
    source: 'RFC 8705 §2.2',
    needs: ['mtls', 'client_credentials'],
    async run(target) {
      const { client, own } = await holder(target);
      tokensOf(await ask(target, client, own));
    },
  },
  {
    id: 'RFC8705-no-certificate',
    title:
      'A client of mutual TLS gets nothing on a connection without a certificate, nor at the usual address',
    source: 'RFC 8705 §2; CVE-2026-53512',
    needs: ['mtls', 'client_credentials'],
    async run(target) {
      const { client } = await holder(target);
      expectError(await ask(target, client, undefined), REFUSED, 'No certificate');
      const form = { grant_type: 'client_credentials', client_id: client.id };
      const options = { anonymous: true };
      expectError(await call(target, 'token_endpoint', client, form, options), REFUSED, 'The name alone');
      const secret = { ...form, client_secret: 'x' };
      expectError(await call(target, 'token_endpoint', client, secret, options), REFUSED, 'A secret');
    },
  },
  {
    id: 'RFC8705-other-certificate',
    title: 'Another certificate with the same subject is not the client’s',
    source: 'RFC 8705 §2.2',
    needs: ['mtls', 'client_credentials'],
    async run(target) {
      const { client } = await holder(target);
      const other = await selfSigned({ subject: SUBJECT });
      expectError(await ask(target, client, other), REFUSED, 'Another certificate');
    },
  },
  {
    id: 'RFC8705-client-id',
    title: 'A certificate does not say which client it is: a request without client_id is refused',
    source: 'RFC 8705 §2',
    needs: ['mtls', 'client_credentials'],
    async run(target) {
      const { client, own } = await holder(target);
      expectError(await ask(target, client, own, { client_id: undefined }), REFUSED, 'No client_id');
    },
  },
  {
    id: 'RFC8705-pki',
    title:
      'A certificate of a trusted authority lets in the client of that subject, and no other subject or authority',
    source: 'RFC 8705 §2.1',
    needs: ['mtls_pki', 'client_credentials'],
    async run(target) {
      const { issue } = target.hooks.certificates ?? {};
      if (issue === undefined) throw new Error('No authority');
      const client = await target.createClient({
        ...MACHINE,
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: SUBJECT,
        ...(target.hooks.api === undefined ? {} : { scope: target.hooks.api.scopes.join(' ') }),
      });
      tokensOf(await ask(target, client, await issue(SUBJECT)));
      const other = await issue('CN=somebody-else');
      expectError(await ask(target, client, other), REFUSED, 'Another subject');
      const own = await selfSigned({ subject: SUBJECT });
      expectError(await ask(target, client, own), REFUSED, 'The subject, signed by itself');
    },
  },
  {
    id: 'RFC8705-pki-metadata',
    title: 'A client of a trusted authority registers exactly one subject',
    source: 'RFC 8705 §2.1.2',
    needs: ['mtls_pki'],
    async run(target) {
      const method = { ...MACHINE, token_endpoint_auth_method: 'tls_client_auth' };
      await target.expectRegistrationRefused(method, 'tls_client_auth and no subject');
      const two = { tls_client_auth_subject_dn: SUBJECT, tls_client_auth_san_dns: 'client.example.com' };
      await target.expectRegistrationRefused({ ...method, ...two }, 'two subjects');
    },
  },
];

const bindingChecks: readonly Check[] = [
  {
    id: 'RFC8705-cnf',
    title: 'A token is bound to the certificate it was asked for with, and says so',
    source: 'RFC 8705 §3.1, §3.2',
    needs: ['mtls', 'certificate_bound', 'client_credentials', 'api', 'introspection'],
    async run(target) {
      const { client, own } = await holder(target);
      const { accessToken } = tokensOf(await ask(target, client, own));
      const { api } = target.hooks;
      if (api?.tokenFormat === 'jwt') {
        ensureEqual(decodeJwt(accessToken)['cnf'], { 'x5t#S256': own.thumbprint }, 'cnf of the token');
      }
      if (api?.server === undefined) return;
      const { client_id: id, client_secret: secret } = api.server;
      const asked = { id, secret, redirectUri: '', authMethod: 'client_secret_basic', metadata: {} };
      const said = jsonOf(await call(target, 'introspection_endpoint', asked, { token: accessToken }));
      ensureEqual(said['cnf'], { 'x5t#S256': own.thumbprint }, 'cnf of the introspection');
    },
  },
  {
    id: 'RFC8705-bound-at-api',
    title: 'A bound token is good on a connection with its certificate, and 401 on any other',
    source: 'RFC 8705 §3',
    needs: ['certificate_bound', 'code', 'openid', 'userinfo'],
    async run(target) {
      const { own, tokens } = await boundTokens(target);
      ensureEqual(
        (await userinfo(target, tokens.accessToken, own)).status,
        200,
        'With its certificate, status',
      );
      for (const other of [undefined, await selfSigned()]) {
        const what = other === undefined ? 'Without a certificate' : 'With another certificate';
        // oxlint-disable-next-line no-await-in-loop -- two
        const { status, headers } = await userinfo(target, tokens.accessToken, other);
        ensureEqual(status, 401, `${what}, status`);
        ensureMatch(headers.get('www-authenticate'), /error="?invalid_token/, `${what}, challenge`);
      }
    },
  },
  {
    id: 'RFC8705-bound-refresh',
    title: 'The refresh token of a public client is bound to the certificate',
    source: 'RFC 8705 §4',
    needs: ['certificate_bound', 'code', 'openid', 'refresh'],
    async run(target) {
      const { client, own, tokens } = await boundTokens(target);
      ensure(tokens.refreshToken !== '', 'There is no refresh token');
      const form = { client_id: client.id, grant_type: 'refresh_token', refresh_token: tokens.refreshToken };
      const refused = ['invalid_grant', 'invalid_request', 'invalid_client'];
      const other = await post(target, 'token_endpoint', await selfSigned(), form);
      expectError(other, refused, 'Another certificate');
      expectError(await post(target, 'token_endpoint', undefined, form), refused, 'No certificate');
      tokensOf(await post(target, 'token_endpoint', own, form));
    },
  },
  {
    id: 'RFC8705-bound-required',
    title: 'A client that registered bound tokens gets none without a certificate',
    source: 'RFC 8705 §3.4; FAPI 2.0 Security Profile §5.3.2.1',
    needs: ['certificate_bound', 'client_credentials'],
    async run(target) {
      const client = await target.createClient({
        ...MACHINE,
        token_endpoint_auth_method: 'client_secret_post',
        tls_client_certificate_bound_access_tokens: true,
      });
      const form = { grant_type: 'client_credentials' };
      expectError(await call(target, 'token_endpoint', client, form), REFUSED, 'At the usual address');
      const credentials = { client_id: client.id, client_secret: text(client.secret, 'client_secret') };
      const without = await post(target, 'token_endpoint', undefined, { ...form, ...credentials });
      expectError(without, REFUSED, 'Without a certificate');
    },
  },
];

export const mutualTlsChecks: readonly Check[] = [...authenticationChecks, ...bindingChecks];
