// Pushed authorization requests: once, by their client, nothing beside them.
import type { Check } from '../harness/check.ts';
import {
  expectError,
  expectErrorRedirect,
  expectNoCode,
  expectNoStore,
  expectQuestion,
} from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf, text } from '../harness/failure.ts';
import {
  answerOf,
  authorizationParameters,
  authorizationUrl,
  call,
  createPkce,
  lead,
  redeem,
  requestUrl,
  signedIn,
  tokensOf,
} from '../harness/flow.ts';
import { type HttpResponse, jsonOf, type Parameters } from '../harness/http.ts';
import type { Client, Target } from '../harness/target.ts';

const PAR = 'pushed_authorization_request_endpoint';
const REFUSED = ['invalid_request', 'invalid_request_object', 'request_uri_not_supported'];
const GONE = ['invalid_request', 'invalid_request_uri', 'invalid_request_object'];

export function push(target: Target, client: Client, parameters: Parameters): Promise<HttpResponse> {
  return call(target, PAR, client, parameters);
}

interface Pushed {
  readonly requestUri: string;
  readonly verifier: string;
  readonly url: string;
  readonly response: HttpResponse;
}

export async function pushed(target: Target, client: Client, more: Parameters = {}): Promise<Pushed> {
  const pkce = createPkce();
  const response = await push(target, client, authorizationParameters(client, pkce, more));
  ensureEqual(response.status, 201, `Status of PAR (${response.text.slice(0, 200)})`);
  const requestUri = text(jsonOf(response)['request_uri'], 'request_uri');
  const url = authorizationUrl(target, { client_id: client.id, request_uri: requestUri });
  return { requestUri, verifier: pkce.verifier, url, response };
}

export const pushedRequestChecks: readonly Check[] = [
  {
    id: 'fapi2-happy-flow',
    title: 'A pushed request goes on with client_id and request_uri alone, and gives tokens',
    source: 'RFC 9126 §2.2, §4; fapi2-par-without-duplicate-parameters',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.web();
      const { response, url, verifier } = await pushed(target, client);
      expectNoStore(response, 'The answer of PAR');
      ensure(Number.isInteger(jsonOf(response)['expires_in']), 'expires_in is no whole number');
      const browser = await signedIn(target);
      const visit = await lead(target, browser, await browser.get(url));
      const answer = answerOf(target, visit);
      ensureEqual(answer.get('state'), 'state-of-the-app', 'state');
      const code = answer.get('code') ?? '';
      tokensOf(
        await redeem(target, { client, visit, answer, code, verifier, redirectUri: client.redirectUri }),
      );
    },
  },
  {
    id: 'PA-01',
    title: 'A request_uri works until a code is given, and never again; with prompt=none, too',
    source: 'RFC 9126 §4, §7.3; CVE-2026-96446; fapi2-par-attempt-reuse-request_uri',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.web();
      const browser = await signedIn(target);
      for (const more of [{}, { prompt: 'none' }]) {
        // oxlint-disable no-await-in-loop -- one after the other
        const { url } = await pushed(target, client, more);
        const visit = await lead(target, browser, await browser.get(url));
        const answer = answerOf(target, visit);
        ensure(answer.has('code'), `No code: ${answer.get('error')} ${answer.get('error_description')}`);
        expectNoCode(target, await browser.get(url), GONE, 'The second use');
        // oxlint-enable no-await-in-loop
      }
    },
  },
  {
    id: 'fapi2-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds',
    title: 'A request_uri that was opened and not completed can be opened again',
    source: 'FAPI 2.0 Security Profile §5.3.2.2 note; RFC 9126 §7.3',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.web();
      const { url } = await pushed(target, client);
      const browser = target.browser();
      expectQuestion(await browser.get(url), 'The first use');
      const visit = await lead(target, browser, await browser.get(url));
      ensure(answerOf(target, visit).has('code'), 'There is no code');
    },
  },
  {
    id: 'PA-02',
    title: 'A request_uri of another client, a changed or an invented one leads nowhere',
    source: 'RFC 9126 §2.2, §7.1',
    needs: ['par', 'code'],
    async run(target) {
      const [client, other] = [await target.web(), await target.otherWeb()];
      const { requestUri } = await pushed(target, client);
      const rows = [
        [other.id, requestUri],
        [client.id, `${requestUri}x`],
        [client.id, requestUri.slice(0, -1)],
        [client.id, 'urn:ietf:params:oauth:request_uri:invented'],
        ['nope', requestUri],
      ] as const;
      for (const [client_id, request_uri] of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(authorizationUrl(target, { client_id, request_uri }));
        expectNoCode(target, visit, GONE, request_uri.slice(0, 60));
      }
    },
  },
  {
    id: 'PA-02-expired',
    title: 'A request_uri ends when it says; in the FAPI profile within 600 seconds',
    source: 'RFC 9126 §2.2; FAPI 2.0 Security Profile §5.3.2.2',
    needs: ['par', 'code', 'clock'],
    async run(target) {
      const { url, response } = await pushed(target, await target.web());
      const lifetime = Number(jsonOf(response)['expires_in']);
      ensure(lifetime > 0 && lifetime < 600, `expires_in is ${lifetime}`);
      await target.hooks.moveClock?.((lifetime + 1) * 1000);
      expectNoCode(target, await target.browser().get(url), GONE);
    },
  },
  {
    id: 'PA-03',
    title:
      'Parameters beside request_uri are ignored; a request_uri inside PAR and another client_id are refused',
    source: 'RFC 9126 §2.1; RFC 9101 §5, §6.3; fapi2-state-only-outside-request-object-not-used',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.web();
      const { url } = await pushed(target, client);
      const browser = await signedIn(target);
      const evil =
        '&redirect_uri=https%3A%2F%2Fevil.example%2Fcb&state=outer&scope=openid+email&response_type=token';
      const visit = await lead(target, browser, await browser.get(`${url}${evil}`));
      if (visit.leftFor !== undefined) {
        ensure(visit.leftFor.startsWith(client.redirectUri), `The answer goes to ${visit.leftFor}`);
        ensureEqual(answerOf(target, visit).get('state'), 'state-of-the-app', 'state');
      }
      const parameters = authorizationParameters(client, createPkce());
      const inside = { ...parameters, request_uri: 'urn:ietf:params:oauth:request_uri:x' };
      expectError(await push(target, client, inside), REFUSED, 'request_uri inside PAR');
      const other = await push(target, client, { ...parameters, client_id: (await target.otherWeb()).id });
      expectError(other, [...REFUSED, 'invalid_client'], 'Another client_id');
    },
  },
  {
    id: 'PA-04',
    title: 'PAR wants the client authenticated, a POST and a body of bearable size',
    source: 'RFC 9126 §2, §2.3; fapi2-par-invalid-http-method',
    needs: ['par'],
    async run(target) {
      const client = await target.web();
      const parameters = authorizationParameters(client, createPkce());
      const nobody = await call(target, PAR, client, parameters, { anonymous: true });
      expectError(nobody, ['invalid_client', 'invalid_request'], 'Nobody');
      for (const method of ['GET', 'PUT', 'DELETE']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await target.send({ method, url: target.endpoint(PAR) });
        ensureOneOf(status, [404, 405], `${method}, status`);
      }
      const big = await push(target, client, { ...parameters, x: 'x'.repeat(1024 * 1024) });
      ensureOneOf(big.status, [400, 413], 'Status of a megabyte');
    },
  },
  {
    id: 'PA-04-errors',
    title: 'What would be refused at the authorization endpoint is refused at PAR already',
    source: 'RFC 9126 §2.1, §2.3; fapi2-ensure-registered-redirect-uri',
    needs: ['par'],
    async run(target) {
      const client = await target.web();
      const rows: readonly (readonly [Parameters, readonly string[]])[] = [
        [{ redirect_uri: 'https://evil.example/cb' }, ['invalid_request', 'invalid_redirect_uri']],
        [{ code_challenge: undefined, code_challenge_method: undefined }, ['invalid_request']],
        [{ code_challenge_method: 'plain' }, ['invalid_request']],
        [{ response_type: 'token' }, ['unsupported_response_type', 'invalid_request', 'unauthorized_client']],
        [
          { response_type: 'code id_token' },
          ['unsupported_response_type', 'invalid_request', 'unauthorized_client'],
        ],
        [{ scope: 'openid no-such-scope"' }, ['invalid_scope']],
        [{ state: ['a', 'b'] }, ['invalid_request']],
      ];
      for (const [more, errors] of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await push(target, client, authorizationParameters(client, createPkce(), more));
        expectError(answer, errors, JSON.stringify(more));
      }
    },
  },
  {
    id: 'PA-05',
    title: 'A client that must push gets nothing by a plain request',
    source: 'RFC 9126 §5, §6',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.createClient({ require_pushed_authorization_requests: true });
      const visit = await (await signedIn(target)).get(requestUrl(target, client));
      expectNoCode(target, visit, ['invalid_request']);
      ensureOneOf(visit.leftFor === undefined ? visit.status : 303, [303, 400], 'Status');
      const { url } = await pushed(target, client);
      expectQuestion(await target.browser().get(url), 'A pushed request');
    },
  },
  {
    id: 'PA-01-entropy',
    title: 'request_uri is of the registered form, random, and never repeats',
    source: 'RFC 9126 §2.2, §7.1',
    needs: ['par'],
    async run(target) {
      const client = await target.web();
      const uris = new Set<string>();
      for (let count = 0; count < 10; count++) {
        // oxlint-disable-next-line no-await-in-loop -- few
        const { requestUri } = await pushed(target, client);
        ensureMatch(requestUri, /^urn:ietf:params:oauth:request_uri:[\w.~-]{22,}$/, 'request_uri');
        uris.add(requestUri);
      }
      ensureEqual(uris.size, 10, 'Number of different values');
    },
  },
  {
    id: 'PA-06',
    title: 'An error of a pushed request goes to the app by redirect, with its state',
    source: 'RFC 9126 §4; RFC 6749 §4.1.2.1',
    needs: ['par', 'code'],
    async run(target) {
      const client = await target.web();
      const { url } = await pushed(target, client, { prompt: 'none' });
      const visit = await target.browser().get(url);
      expectErrorRedirect(target, visit, client, ['login_required', 'interaction_required']);
    },
  },
];
