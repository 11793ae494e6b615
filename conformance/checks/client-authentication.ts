// Who the client is: one way, the registered one, guesses counted.
import type { Check } from '../harness/check.ts';
import { expectError } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf } from '../harness/failure.ts';
import {
  assertionForm,
  authorize,
  basic,
  call,
  clientCredentials,
  credentialsOf,
  obtainTokens,
  postForm,
  redeem,
  tokensOf,
} from '../harness/flow.ts';
import type { HeaderLine, HttpResponse, Parameters } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

const CLIENT = ['invalid_client'];
const CLIENT_OR_REQUEST = ['invalid_client', 'invalid_request'];

/** A request for a token with these credentials and no others. */
function present(
  target: Target,
  form: Parameters,
  headers: readonly HeaderLine[] = [],
): Promise<HttpResponse> {
  const { api } = target.hooks;
  const wanted = {
    grant_type: 'client_credentials',
    ...(api === undefined ? {} : { resource: api.identifier }),
  };
  return postForm(target, target.endpoint('token_endpoint'), { ...wanted, ...form }, headers);
}

export const clientAuthenticationChecks: readonly Check[] = [
  {
    id: 'TK-08',
    title: 'A client that authenticates in two ways at once is refused',
    source: 'RFC 6749 §2.3',
    needs: ['client_credentials'],
    async run(target) {
      const { id, secret = '' } = await target.machine();
      const header = basic(id, secret);
      expectError(
        await present(target, { client_id: id, client_secret: secret }, [header]),
        CLIENT_OR_REQUEST,
        'Basic and body',
      );
      const assertion = assertionForm('eyJhbGciOiJub25lIn0.e30.');
      expectError(await present(target, assertion, [header]), CLIENT_OR_REQUEST, 'Basic and assertion');
      expectError(
        await present(target, {}, [header, ['authorization', 'Basic eDp5']]),
        CLIENT_OR_REQUEST,
        'Two headers',
      );
    },
  },
  {
    id: 'TK-09-secret',
    title: 'A client with a secret is not taken without it, with a blank or with a wrong one',
    source: 'RFC 6749 §3.2.1; CVE-2026-53512; CVE-2026-44476',
    needs: ['client_credentials'],
    async run(target) {
      const { id, secret = '' } = await target.machine();
      const rows: readonly (readonly [string, Parameters, readonly HeaderLine[]])[] = [
        ['no secret', { client_id: id }, []],
        ['an empty secret', { client_id: id, client_secret: '' }, []],
        ['an empty secret by Basic', {}, [basic(id, '')]],
        ['a prefix of the secret', {}, [basic(id, secret.slice(0, -1))]],
        ['more than the secret', {}, [basic(id, `${secret}x`)]],
        ['an unknown client', {}, [basic('nope', secret)]],
        ['no client', {}, []],
        ['a Bearer header', {}, [['authorization', `Bearer ${secret}`]]],
      ];
      for (const [what, form, headers] of rows) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await present(target, form, headers), CLIENT_OR_REQUEST, what);
      }
    },
  },
  {
    id: 'TK-09-public',
    title: 'A public client is not taken with a secret it never had',
    source: 'RFC 6749 §2.1; CVE-2026-44476',
    needs: ['code'],
    async run(target) {
      const client = await target.spa();
      const authorized = await authorize(target, { client });
      const form = { client_id: client.id, client_secret: 'invented' };
      const answer = await redeem(target, authorized, form, { anonymous: true });
      expectError(answer, CLIENT_OR_REQUEST);
    },
  },
  {
    id: 'TK-09-401',
    title: 'Failed Basic authentication is answered 401 with WWW-Authenticate: Basic',
    source: 'RFC 6749 §5.2',
    needs: ['client_credentials'],
    async run(target) {
      const { id } = await target.machine();
      const answer = await present(target, {}, [basic(id, 'wrong')]);
      ensureEqual(answer.status, 401, 'Status');
      expectError(answer, CLIENT);
      ensureMatch(answer.headers.get('www-authenticate'), /^Basic\b/i, 'WWW-Authenticate');
    },
  },
  {
    id: 'TK-10',
    title: 'Basic: id and secret are form-decoded; what is no pair is refused',
    source: 'RFC 6749 §2.3.1; RFC 7617 §2',
    needs: ['client_credentials'],
    async run(target) {
      const { id, secret = '' } = await target.machine();
      const percent = id
        .split('')
        .map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
        .join('');
      const header = (pair: string): HeaderLine => [
        'authorization',
        `Basic ${Buffer.from(pair).toString('base64')}`,
      ];
      tokensOf(await present(target, {}, [header(`${percent}:${secret}`)]));
      for (const pair of [id, '', ':', `:${secret}`, `${id}:`, `${id}:%zz`, `${id} :${secret}`]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(
          await present(target, {}, [header(pair)]),
          CLIENT_OR_REQUEST,
          `Basic of ${pair.slice(0, 8)}`,
        );
      }
      for (const value of ['Basic', 'Basic !!!', 'Basic  ', 'Digest x', 'Negotiate']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expectError(await present(target, {}, [['authorization', value]]), CLIENT_OR_REQUEST, value);
      }
    },
  },
  {
    id: 'TK-11',
    title: 'Guessing a secret is slowed down with 429 and Retry-After; the right secret still passes',
    source: 'RFC 6819 §5.1.4.2.3; OWASP ASVS 5.0 V6.3.1',
    needs: ['client_credentials'],
    async run(target) {
      const client = await target.createClient({
        ...(await target.machine()).metadata,
        client_name: 'Guessed',
      });
      let answer: HttpResponse | undefined;
      for (let attempt = 0; attempt < 250 && answer?.status !== 429; attempt++) {
        // oxlint-disable-next-line no-await-in-loop -- one guess after the other
        answer = await present(target, {}, [basic(client.id, `guess-${attempt}`)]);
      }
      ensureEqual(answer?.status, 429, 'Status after 250 guesses');
      ensureMatch(answer?.headers.get('retry-after'), /^\d+$/, 'Retry-After');
      tokensOf(await clientCredentials(target, client));
    },
  },
  {
    id: 'oidcc-server-client-secret-post',
    title: 'client_secret_post works where it is registered',
    source: 'RFC 6749 §2.3.1; OpenID Connect Core §9',
    needs: ['code', 'client_secret_post'],
    async run(target) {
      const client = await target.createClient({ token_endpoint_auth_method: 'client_secret_post' });
      const { accessToken } = await obtainTokens(target, { client });
      ensure(accessToken !== '', 'There is no access token');
    },
  },
  {
    id: 'TK-09-refresh',
    title: 'A refresh without client authentication is refused for a confidential client',
    source: 'RFC 6749 §6; CVE-2026-53512',
    needs: ['code', 'refresh'],
    async run(target) {
      const client = await target.web();
      const own = await credentialsOf(target, client);
      ensure(own.headers.length > 0, 'The client has no credentials');
      const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: client.id };
      const answer = await call(target, 'token_endpoint', client, form, { anonymous: true });
      ensureOneOf(answer.status, [400, 401], 'Status');
      expectError(answer, CLIENT);
    },
  },
];
