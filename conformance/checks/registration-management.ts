// Who may register and manage a client, and how far the server trusts one that registered itself.
import type { Check } from '../harness/check.ts';
import { expectNoStore, expectPage } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import { authorizationParameters, authorizationUrl, createPkce, requestUrl } from '../harness/flow.ts';
import { type HeaderLine, jsonOf } from '../harness/http.ts';
import { withCanary, managed, manage, usual } from './registration.ts';

export const registrationManagementChecks: readonly Check[] = [
  {
    id: 'DC-03',
    title: 'Without, or with a wrong initial access token nobody registers where one is wanted',
    source: 'RFC 7591 §3, §3.2.2',
    needs: ['registration', 'initial_access_token'],
    async run(target) {
      const url = target.endpoint('registration_endpoint');
      const headers: readonly HeaderLine[] = [
        ['content-type', 'application/json'],
        ['authorization', 'Bearer invented'],
      ];
      const answer = await target.send({ method: 'POST', url, headers, body: JSON.stringify(usual()) });
      ensureEqual(answer.status, 401, 'Status with an invented token');
      const without = await target.send({
        method: 'POST',
        url,
        headers: headers.slice(0, 1),
        body: JSON.stringify(usual()),
      });
      ensureEqual(without.status, 401, 'Status without a token');
    },
  },
  {
    id: 'DC-04',
    title: 'A registration access token reads, changes and deletes its own client and no other',
    source: 'RFC 7592 §2, §3',
    needs: ['registration'],
    async run(target) {
      const [mine, other, third] = [await managed(target), await managed(target), await managed(target)];
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const body = method === 'PUT' ? usual({ client_id: other.id }) : undefined;
        // oxlint-disable-next-line no-await-in-loop -- three
        const foreign = await manage(target, method, other, third.token, body);
        ensureOneOf(foreign.status, [401, 403], `${method} with the token of another client, status`);
      }
      const shown = await manage(target, 'GET', mine, mine.token);
      ensureEqual([shown.status, jsonOf(shown)['client_id']], [200, mine.id], 'Status and client_id');
      expectNoStore(shown, 'The answer');
      const { registration_access_token: next } = jsonOf(shown);
      const token = typeof next === 'string' ? next : mine.token;
      const gone = await manage(target, 'DELETE', mine, token);
      ensureEqual(gone.status, 204, 'Status of DELETE');
      ensureOneOf((await manage(target, 'GET', mine, token)).status, [401, 403, 404], 'Status afterwards');
    },
  },
  {
    id: 'DC-04-update',
    title: 'A redirect URI that was taken back is taken no more',
    source: 'RFC 7592 §2.2',
    needs: ['registration'],
    async run(target) {
      const one = await managed(target);
      const {
        registration_access_token: _token,
        registration_client_uri: _uri,
        client_id_issued_at: _at,
        client_secret_expires_at: _exp,
        ...rest
      } = one.body;
      const changed = await manage(target, 'PUT', one, one.token, {
        ...rest,
        redirect_uris: ['https://new.example.com/cb'],
      });
      ensureEqual(changed.status, 200, `Status of PUT (${changed.text.slice(0, 200)})`);
      const client = {
        ...(await target.web()),
        id: one.id,
        redirectUri: 'https://registered.example.com/cb',
      };
      expectPage(await target.browser().get(requestUrl(target, client)));
    },
  },
  {
    id: 'AZ-75',
    title:
      'A client that registered itself is no open redirector: a person comes before an error is sent there',
    source: 'RFC 9700 §4.11.2; CVE-2026-44681',
    needs: ['registration', 'code'],
    async run(target) {
      const { id } = await managed(target);
      const client = { ...(await target.web()), id, redirectUri: 'https://registered.example.com/cb' };
      for (const more of [
        { scope: 'openid no-such-scope' },
        { response_type: 'token' },
        { code_challenge: undefined },
      ]) {
        // oxlint-disable-next-line no-await-in-loop -- three
        const visit = await target.browser().get(requestUrl(target, client, more));
        ensure(visit.leftFor === undefined, `The browser was sent to ${visit.leftFor}`);
      }
    },
  },
  {
    id: 'DC-05',
    title:
      'A client_id that is a URL of http, of this machine, with a fragment, or that nobody answers gets a page',
    source: 'OAuth Client ID Metadata Document §3, §6; MCP authorization',
    needs: ['url_clients', 'code'],
    async run(target) {
      const hits = await withCanary(async (port) => {
        const ids = [
          `http://127.0.0.1:${port}/client`,
          `https://127.0.0.1:${port}/client`,
          `https://localhost:${port}/client`,
          `https://[::1]:${port}/client`,
          'https://example.com/client#x',
          'https://user:pass@example.com/client',
          'https://example.com/../client',
          'https://example.com',
          'https://nobody.invalid/client',
        ];
        for (const client_id of ids) {
          const parameters = { ...authorizationParameters(await target.web(), createPkce()), client_id };
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          expectPage(await target.browser().get(authorizationUrl(target, parameters)), client_id);
        }
      });
      ensureEqual(hits, 0, 'Calls of the server to this machine');
    },
  },
];
