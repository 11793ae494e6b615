// What an authorization request must bring, and what it must not.
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect, expectNoCode, expectPage } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import {
  answerOf,
  attempt,
  authorizationParameters,
  authorizationUrl,
  createPkce,
  redeem,
  requestUrl,
  tokensOf,
} from '../harness/flow.ts';
import { titleOf } from '../harness/html.ts';
import type { Target } from '../harness/target.ts';

const INVALID_REQUEST = ['invalid_request'];

const DOUBLED = [
  'response_type',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
];

export const authorizationRequestChecks: readonly Check[] = [
  {
    id: 'AZ-58',
    title: 'An unknown client gets a page',
    source: 'RFC 6749 §4.1.2.1',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      for (const id of ['nope', '', `${client.id}x`, client.id.slice(0, -1), 'a'.repeat(3000), 'a\0b']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectPage(
          await target.browser().get(requestUrl(target, { ...client, id })),
          `client_id ${id.slice(0, 40)}`,
        );
      }
    },
  },
  ...(['disable_client', 'delete_client'] as const).map(
    (feature): Check => ({
      id: `AZ-58-${feature === 'disable_client' ? 'disabled' : 'deleted'}`,
      title: `A ${feature === 'disable_client' ? 'disabled' : 'deleted'} client gets the page of an unknown one`,
      source: 'RFC 6749 §4.1.2.1',
      needs: ['code', feature],
      async run(target) {
        const client = await target.createClient();
        const { hooks } = target;
        await (feature === 'disable_client'
          ? hooks.disableClient?.(client.id)
          : hooks.deleteClient?.(client.id));
        const gone = await target.browser().get(requestUrl(target, client));
        const unknown = await target.browser().get(requestUrl(target, { ...client, id: 'nope' }));
        expectPage(gone);
        ensureEqual(
          [gone.status, titleOf(gone.text)],
          [unknown.status, titleOf(unknown.text)],
          'Status and title',
        );
      },
    }),
  ),
  {
    id: 'AZ-59',
    title:
      'A parameter that comes twice is refused: a page for client and redirect URI, else an error to the app',
    source: 'RFC 6749 §3.1; CVE-2026-9689',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const parameters = authorizationParameters(client, createPkce(), { nonce: 'n', prompt: 'login' });
      const twice = (name: string): string =>
        authorizationUrl(target, {
          ...parameters,
          [name]: [parameters[name], parameters[name]].flat() as string[],
        });
      for (const name of ['client_id', 'redirect_uri']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectPage(await target.browser().get(twice(name)), `${name} twice`);
      }
      for (const name of DOUBLED) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(twice(name));
        expectErrorRedirect(
          target,
          visit,
          client,
          INVALID_REQUEST,
          name === 'state' ? null : 'state-of-the-app',
        );
      }
    },
  },
  {
    id: 'AZ-60',
    title: 'No implicit, hybrid or none: unsupported_response_type, and not in the metadata',
    source: 'RFC 9700 §2.1.2; OAuth 2.1 §10.1; CVE-2026-7571',
    needs: ['code'],
    async run(target) {
      ensureEqual(target.metadata['response_types_supported'], ['code'], 'response_types_supported');
      const grants = target.metadata['grant_types_supported'];
      ensure(
        Array.isArray(grants) && !grants.includes('implicit') && !grants.includes('password'),
        'grant_types_supported',
      );
      const client = await target.web();
      for (const response_type of [
        'token',
        'id_token',
        'code token',
        'code id_token',
        'code id_token token',
        'none',
        'CODE',
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const visit = await target.browser().get(requestUrl(target, client, { response_type, nonce: 'n' }));
        expectErrorRedirect(target, visit, client, [
          'unsupported_response_type',
          'invalid_request',
          'unauthorized_client',
        ]);
      }
    },
  },
  {
    id: 'AZ-77',
    title: 'A scope beyond what the client may have is refused or left out, and the answer says so',
    source: 'RFC 6749 §3.3',
    needs: ['code'],
    async run(target) {
      const scopes = [
        'openid no-such-scope',
        'openid "quoted"',
        'openid a\0b',
        `openid ${'x'.repeat(10_000)}`,
        'openid \\',
      ];
      for (const scope of scopes) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await expectNotWidened(target, scope);
      }
    },
  },
  {
    id: 'AZ-78',
    title: 'state comes back byte by byte, or is refused; no page shows it as it came',
    source: 'RFC 6749 §4.1.2, Appendix A.5',
    needs: ['code'],
    async run(target) {
      const states = [
        'x'.repeat(2048),
        'zażółć gęślą jaźń ☃',
        'a\r\nSet-Cookie: x=1',
        '"><script>alert(1)</script>',
        "'--&=#%25+ ",
      ];
      for (const state of states) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { answer, visit } = await attempt(target, { parameters: { state } });
        if (answer.get('error') === 'invalid_request') continue;
        ensureEqual(answer.get('state'), state, 'state');
        ensure(!visit.headers.getSetCookie().includes('x=1'), 'A header was injected');
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const asked = await target.browser().get(requestUrl(target, await target.web(), { state }));
        ensure(!asked.text.includes('<script>alert(1)'), 'The page holds the state as it came');
      }
    },
  },
  {
    id: 'AZ-79',
    title: 'A response_mode that would put the code into a fragment, or that nobody knows, is refused',
    source: 'OAuth 2.0 Multiple Response Type Encoding §2.1; RFC 9700 §4.3',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      for (const response_mode of ['web_message', 'nonsense', 'javascript', 'fragment']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { visit } = await attempt(target, { client, parameters: { response_mode } });
        const answer = answerOf(target, visit);
        const inFragment = visit.leftFor?.split('#')[1] ?? '';
        if (new URLSearchParams(inFragment).has('error')) continue;
        ensureOneOf(
          answer.get('error'),
          ['invalid_request', 'unsupported_response_mode'],
          `response_mode=${response_mode}, error`,
        );
      }
    },
  },
];

async function expectNotWidened(target: Target, scope: string): Promise<void> {
  const authorized = await attempt(target, { parameters: { scope } });
  if (authorized.code === '') {
    return expectNoCode(
      target,
      authorized.visit,
      ['invalid_scope', 'invalid_request'],
      `scope ${scope.slice(0, 30)}`,
    );
  }
  const granted = tokensOf(await redeem(target, authorized)).scope.split(' ');
  ensureEqual(granted, ['openid'], `Granted of ${scope.slice(0, 30)}`);
}
