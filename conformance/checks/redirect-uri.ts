// Which redirect URIs are taken: rows of attacks/redirect-uri-attacks.json, each a check.
import attacks from '../attacks/redirect-uri-attacks.json' with { type: 'json' };
import type { Check } from '../harness/check.ts';
import { expectPage, expectQuestion, expectRefused } from '../harness/expectations.ts';
import { ensure } from '../harness/failure.ts';
import { authorizationParameters, authorizationUrl, createPkce, requestUrl } from '../harness/flow.ts';
import type { Parameters } from '../harness/http.ts';
import type { Client, Target } from '../harness/target.ts';

/** `@repeat:head,unit,count` stands for a long value. */
function written(value: string): string {
  const [, head = '', unit = '', count = ''] = /^@repeat:(.*),(.),(\d+)$/.exec(value) ?? [];
  return count === '' ? value : head + unit.repeat(Number(count));
}

function sentAs(value: string | readonly string[] | Readonly<Record<string, string>>): Parameters {
  if (typeof value === 'string') return { redirect_uri: written(value) };
  if (Array.isArray(value)) return { redirect_uri: value as readonly string[] };
  return { redirect_uri: undefined, ...(value as Readonly<Record<string, string>>) };
}

/** Refused before there are pages, or before there is an answer: some servers close the connection at once. */
async function expectTooLong(target: Target, url: string): Promise<void> {
  const visit = await target
    .browser()
    .get(url)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return undefined;
      throw error;
    });
  if (visit !== undefined) expectRefused(visit);
}

function numbered(first: number, index: number): string {
  return `AZ-${String(first + index).padStart(2, '0')}`;
}

const strictRows: readonly Check[] = attacks.attacks.map((row, index) => ({
  id: numbered(1, index),
  title: `redirect_uri: ${row.id.slice('RU-'.length)} is answered on a page`,
  source: `RFC 9700 §4.1.3${row.ref === undefined ? '' : `; ${row.ref}`}`,
  needs: ['code'],
  async run(target) {
    const client = await target.web();
    const sent = sentAs(row.v as string);
    const parameters = { ...authorizationParameters(client, createPkce()), ...sent };
    const url = authorizationUrl(target, parameters);
    if (row.id === 'RU-long') return expectTooLong(target, url);
    const visit = await target.browser().get(url);
    expectPage(visit);
    const [value] = [sent['redirect_uri']].flat();
    const shown = value !== undefined && /[<>"]/.test(value) && visit.text.includes(value);
    ensure(!shown, 'The page shows the value as it came');
  },
}));

function loopbackClient(target: Target, redirectUri: string): Promise<Client> {
  return target.once(`loopback ${redirectUri}`, () =>
    target.createClient({
      client_name: 'Loopback',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: [redirectUri],
    }),
  );
}

const { loopback } = attacks;
const loopbackRows: readonly Check[] = loopback.rows.map((row, index) => ({
  id: numbered(44, index),
  title: `Loopback redirect_uri: ${row.id.slice('LB-'.length)} is ${row.expect === undefined ? 'refused' : 'accepted'}`,
  source: `RFC 8252 §7.3, §8.3${row.ref === undefined ? '' : `; ${row.ref}`}`,
  needs: ['code'],
  async run(target) {
    const client = await loopbackClient(target, row.registered ?? loopback.registered);
    const visit = await target.browser().get(requestUrl(target, client, { redirect_uri: row.v }));
    if (row.expect === 'accept') return expectQuestion(visit);
    expectPage(visit);
  },
}));

export const redirectUriChecks: readonly Check[] = [
  ...strictRows,
  ...loopbackRows,
  {
    id: 'AZ-57',
    title: 'Two redirect URIs registered and none sent: a page',
    source: 'OAuth 2.1 §2.3.2; oidcc-ensure-redirect-uri-in-authorization-request',
    needs: ['code'],
    async run(target) {
      const client = await target.createClient({
        redirect_uris: ['https://one.example.com/cb', 'https://two.example.com/cb'],
      });
      expectPage(await target.browser().get(requestUrl(target, client, { redirect_uri: undefined })));
    },
  },
  {
    id: 'oidcc-ensure-registered-redirect-uri',
    title: 'An unregistered redirect URI gets a page, signed in or not',
    source: 'OpenID Connect Core §3.1.2.1; RFC 6749 §3.1.2.4',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const parameters = { redirect_uri: 'https://elsewhere.example.com/cb', prompt: 'none' };
      expectPage(await target.browser().get(requestUrl(target, client, parameters)));
    },
  },
  ...queryChecks(),
];

function queryChecks(): readonly Check[] {
  const registered = 'https://query.example.com/cb?tenant=7';
  const withQuery = (target: Target): Promise<Client> =>
    target.once('query client', () => target.createClient({ redirect_uris: [registered] }));
  const refused = (id: string, what: string, redirectUri: string): Check => ({
    id,
    title: `A registered redirect URI with a query: ${what} is refused`,
    source: 'RFC 6749 §3.1.2.2; OpenID Connect Core §3.1.2.1',
    needs: ['code'],
    async run(target) {
      const client = await withQuery(target);
      expectPage(await target.browser().get(requestUrl(target, client, { redirect_uri: redirectUri })));
    },
  });
  return [
    refused('oidcc-redirect-uri-query-mismatch', 'another value', 'https://query.example.com/cb?tenant=8'),
    refused('oidcc-redirect-uri-query-added', 'one more parameter', `${registered}&more=1`),
    {
      id: 'oidcc-redirect-uri-regfrag',
      title: 'A redirect URI with a fragment cannot be registered',
      source: 'RFC 6749 §3.1.2; oidcc-redirect-uri-regfrag',
      needs: ['code'],
      run: (target) =>
        target.expectRegistrationRefused(
          { redirect_uris: ['https://app.example.com/cb#fragment'] },
          'a fragment in its redirect URI',
        ),
    },
  ];
}
