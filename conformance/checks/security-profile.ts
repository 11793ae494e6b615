// What the FAPI 2.0 Security Profile forbids a client that is held to it.
import type { Check } from '../harness/check.ts';
import { expectError, expectNoCode } from '../harness/expectations.ts';
import {
  assertionForm,
  authorizationParameters,
  clientAssertion,
  createPkce,
  postForm,
  requestUrl,
  signedIn,
  tokensOf,
} from '../harness/flow.ts';
import { proven, tokenHeader } from '../harness/dpop.ts';
import { type HttpResponse } from '../harness/http.ts';
import { seconds } from '../harness/jwt.ts';
import { type Client, createKey, type SigningKey, type Target } from '../harness/target.ts';
import { push } from './pushed-requests.ts';

const NOT_AUTHENTICATED = ['invalid_client', 'invalid_request'];

interface Held {
  readonly client: Client;
  /** Of its proofs. */
  readonly key: SigningKey;
}

/** A machine under the profile. */
function held(target: Target): Promise<Held> {
  return target.once('machine under fapi2', async () => ({
    key: await createKey('ES256'),
    client: await target.keyClient({
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      ...(target.hooks.api === undefined ? {} : { scope: target.hooks.api.scopes.join(' ') }),
      ...target.hooks.fapi2,
    }),
  }));
}

/** A token request with this assertion, made anew where the server wants a nonce: an assertion is good once. */
function ask(
  target: Target,
  { client, key }: Held,
  claims: Readonly<Record<string, unknown>> = {},
  { isProven = true } = {},
): Promise<HttpResponse> {
  const { api } = target.hooks;
  return proven(
    async (header) => {
      const form = {
        grant_type: 'client_credentials',
        ...(api === undefined ? {} : { resource: api.identifier }),
        client_id: client.id,
        ...assertionForm(await clientAssertion(target, client, claims)),
      };
      return postForm(target, target.endpoint('token_endpoint'), form, isProven ? [header] : []);
    },
    (nonce) => tokenHeader(target, key, nonce === undefined ? {} : { claims: { nonce } }),
  );
}

const NEEDS = ['private_key_jwt', 'client_credentials', 'dpop', 'fapi2'] as const;

export const securityProfileChecks: readonly Check[] = [
  {
    id: 'TK-13-skew',
    title: 'An assertion that begins in 8 seconds is taken: clocks differ',
    source: 'FAPI 2.0 Security Profile §5.3.2.1 (10 s)',
    needs: NEEDS,
    async run(target) {
      tokensOf(await ask(target, await held(target), { nbf: seconds(8), iat: seconds(8) }));
    },
  },
  {
    id: 'FAPI2-skew-far',
    title: 'An assertion that begins in more than a minute is refused',
    source: 'FAPI 2.0 Security Profile §5.3.2.1 (60 s)',
    needs: NEEDS,
    async run(target) {
      const claims = { nbf: seconds(90), iat: seconds(90), exp: seconds(150) };
      expectError(await ask(target, await held(target), claims), NOT_AUTHENTICATED);
    },
  },
  {
    id: 'FAPI2-audience',
    title: 'The audience of an assertion is the issuer as one text: no list, no address of an endpoint',
    source: 'FAPI 2.0 Security Profile §5.3.2.1',
    needs: NEEDS,
    async run(target) {
      const machine = await held(target);
      const audiences = {
        'A list': [target.issuer],
        'The token endpoint': target.endpoint('token_endpoint'),
      };
      for (const [what, aud] of Object.entries(audiences)) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await ask(target, machine, { aud }), NOT_AUTHENTICATED, what);
      }
    },
  },
  {
    id: 'FAPI2-bound',
    title: 'A client of the profile gets no bearer token',
    source: 'FAPI 2.0 Security Profile §5.3.2.1; fapi2-holder-of-key-required',
    needs: NEEDS,
    async run(target) {
      const answer = await ask(target, await held(target), {}, { isProven: false });
      expectError(answer, ['invalid_dpop_proof', 'invalid_request', 'use_dpop_nonce']);
    },
  },
  {
    id: 'FAPI2-secret',
    title: 'No client of the profile proves itself by a secret, or not at all',
    source: 'FAPI 2.0 Security Profile §5.3.2.1',
    needs: ['fapi2'],
    async run(target) {
      for (const method of ['client_secret_basic', 'none']) {
        const metadata = { token_endpoint_auth_method: method, ...target.hooks.fapi2 };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await target.expectRegistrationRefused(metadata, `the profile and ${method}`);
      }
    },
  },
  {
    id: 'FAPI2-pushed',
    title: 'A client of the profile gets no code for a request that it did not push',
    source:
      'FAPI 2.0 Security Profile §5.3.2.2; fapi2-ensure-unsigned-authorization-request-without-using-par-fails',
    needs: ['private_key_jwt', 'code', 'par', 'fapi2'],
    async run(target) {
      const client = await target.keyClient({ ...target.hooks.fapi2 });
      const browser = await signedIn(target);
      const visit = await browser.get(requestUrl(target, client));
      expectNoCode(target, visit, ['invalid_request', 'unauthorized_client']);
      const plain = { code_challenge: undefined, code_challenge_method: undefined };
      const request = authorizationParameters(client, createPkce(), plain);
      expectError(await push(target, client, request), ['invalid_request'], 'A pushed request without PKCE');
    },
  },
];
