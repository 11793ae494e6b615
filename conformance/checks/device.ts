// The device grant: polled slowly, approved by one person, used once.
import type { Check } from '../harness/check.ts';
import { expectError, expectNoStore } from '../harness/expectations.ts';
import { ensure, ensureEqual, ensureMatch, ensureOneOf, text } from '../harness/failure.ts';
import type { Browser, Visit } from '../harness/browser.ts';
import { act, call, createPkce, lead, requestUrl, signedIn, tokensOf } from '../harness/flow.ts';
import { type HttpResponse, jsonOf, type Parameters } from '../harness/http.ts';
import type { Client, Target } from '../harness/target.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const NEEDS = ['device', 'clock'] as const;

function deviceClient(target: Target): Promise<Client> {
  return target.once('device client', () =>
    target.createClient({
      client_name: 'Television',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [GRANT, 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    }),
  );
}

interface Begun {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly complete: string | undefined;
  readonly intervalMs: number;
  readonly response: HttpResponse;
}

async function begin(target: Target, client: Client, more: Parameters = {}): Promise<Begun> {
  const response = await call(target, 'device_authorization_endpoint', client, { scope: 'openid', ...more });
  const body = jsonOf(response);
  ensureEqual(response.status, 200, `Status of device authorization (${response.text.slice(0, 200)})`);
  return {
    deviceCode: text(body['device_code'], 'device_code'),
    userCode: text(body['user_code'], 'user_code'),
    verificationUri: text(body['verification_uri'], 'verification_uri'),
    complete:
      typeof body['verification_uri_complete'] === 'string' ? body['verification_uri_complete'] : undefined,
    intervalMs: (typeof body['interval'] === 'number' ? body['interval'] : 5) * 1000,
    response,
  };
}

function poll(
  target: Target,
  client: Client,
  deviceCode: string,
  more: Parameters = {},
): Promise<HttpResponse> {
  return call(target, 'token_endpoint', client, { grant_type: GRANT, device_code: deviceCode, ...more });
}

/** The person types the code, signs in if need be, and decides. */
async function decide(
  target: Target,
  browser: Browser,
  begun: Begun,
  decision: 'allow' | 'deny',
): Promise<Visit> {
  let visit = await lead(target, browser, await browser.get(begun.verificationUri), { decision });
  const action = target.hooks.pages.enterUserCode?.(visit.text, begun.userCode);
  ensure(action !== undefined, 'The page asks for no code');
  visit = await act(browser, visit, action);
  return lead(target, browser, visit, { decision });
}

export const deviceChecks: readonly Check[] = [
  {
    id: 'DV-00',
    title: 'A device gets tokens after a person typed its code and allowed it; a refusal is access_denied',
    source: 'RFC 8628 §3.1 to §3.5',
    needs: NEEDS,
    async run(target) {
      const client = await deviceClient(target);
      const begun = await begin(target, client);
      expectNoStore(begun.response, 'The answer');
      ensure(Number.isInteger(jsonOf(begun.response)['expires_in']), 'expires_in is no whole number');
      expectError(await poll(target, client, begun.deviceCode), ['authorization_pending'], 'Before');
      await decide(target, await signedIn(target), begun, 'allow');
      await target.hooks.moveClock?.(begun.intervalMs + 1000);
      tokensOf(await poll(target, client, begun.deviceCode));
      const refused = await begin(target, client);
      await decide(target, await signedIn(target), refused, 'deny');
      expectError(await poll(target, client, refused.deviceCode), ['access_denied'], 'After a refusal');
    },
  },
  {
    id: 'DV-01',
    title: 'A device that polls too fast is told slow_down, else authorization_pending',
    source: 'RFC 8628 §3.5',
    needs: NEEDS,
    async run(target) {
      const client = await deviceClient(target);
      const begun = await begin(target, client);
      expectError(await poll(target, client, begun.deviceCode), ['authorization_pending'], 'The first poll');
      await target.hooks.moveClock?.(100);
      expectError(await poll(target, client, begun.deviceCode), ['slow_down'], 'A poll at once');
      await target.hooks.moveClock?.(begun.intervalMs + 500);
      expectError(await poll(target, client, begun.deviceCode), ['slow_down'], 'A poll at the old interval');
      await target.hooks.moveClock?.(begun.intervalMs + 20_000);
      expectError(await poll(target, client, begun.deviceCode), ['authorization_pending'], 'A slow poll');
    },
  },
  {
    id: 'DV-02',
    title: 'Codes cannot be guessed: 20 bits typed, 128 bits polled, wrong ones slowed down',
    source: 'RFC 8628 §5.1, §5.2, §6.1',
    needs: ['device'],
    async run(target) {
      const client = await deviceClient(target);
      const { deviceCode, userCode } = await begin(target, client);
      const letters = userCode.replaceAll(/[^A-Za-z0-9]/g, '');
      const bits = letters.length * Math.log2(/^\d+$/.test(letters) ? 10 : 20);
      ensure(bits >= 20, `user_code has ${bits} bits`);
      ensure(
        deviceCode.replaceAll(/[^A-Za-z0-9]/g, '').length * Math.log2(62) >= 128,
        'device_code is short',
      );
      // Somebody of their own: who guesses is slowed down.
      const browser = target.browser();
      const user = await target.hooks.createUser();
      await lead(target, browser, await browser.get(requestUrl(target, await target.web())), { user });
      const { verification_uri: page } = jsonOf((await begin(target, client)).response);
      for (let guess = 0; guess < 40; guess++) {
        // oxlint-disable no-await-in-loop -- guess by guess
        const visit = await browser.get(String(page));
        const action = target.hooks.pages.enterUserCode?.(visit.text, `BBBB-BBB${'BCDFGHJKLM'[guess % 10]}`);
        if (visit.status === 429) return;
        ensure(action !== undefined, 'The page asks for no code');
        const after = await act(browser, visit, action);
        // oxlint-enable no-await-in-loop
        if (after.status === 429) return;
      }
      ensure(false, 'Forty guesses were answered');
    },
  },
  {
    id: 'DV-03',
    title: 'A link with the code in it approves nothing: the person sees app and code, and says yes',
    source: 'RFC 8628 §3.3.1, §5.4',
    needs: NEEDS,
    async run(target) {
      const client = await deviceClient(target);
      const begun = await begin(target, client);
      if (begun.complete === undefined) return;
      const browser = await signedIn(target);
      const visit = await browser.get(begun.complete);
      ensure(
        visit.text.includes('Television') ||
          target.hooks.pages.enterUserCode?.(visit.text, begun.userCode) !== undefined,
        'The page names no app',
      );
      ensure(visit.text.includes(begun.userCode), 'The page does not show the code');
      expectError(
        await poll(target, client, begun.deviceCode),
        ['authorization_pending'],
        'After the link was opened',
      );
    },
  },
  {
    id: 'DV-05',
    title: 'A device code works once, for its client, until it expires',
    source: 'RFC 8628 §3.4, §3.5; CVE-2026-123542',
    needs: NEEDS,
    async run(target) {
      const client = await deviceClient(target);
      const begun = await begin(target, client);
      const spa = await target.createClient({ ...client.metadata, client_name: 'Other television' });
      expectError(await poll(target, spa, begun.deviceCode), ['invalid_grant'], 'Another client');
      await decide(target, await signedIn(target), begun, 'allow');
      await target.hooks.moveClock?.(begun.intervalMs + 6000);
      tokensOf(await poll(target, client, begun.deviceCode));
      await target.hooks.moveClock?.(begun.intervalMs + 6000);
      expectError(
        await poll(target, client, begun.deviceCode),
        ['invalid_grant', 'expired_token'],
        'The second use',
      );
      const late = await begin(target, client);
      await target.hooks.moveClock?.(Number(jsonOf(late.response)['expires_in']) * 1000 + 1000);
      expectError(
        await poll(target, client, late.deviceCode),
        ['expired_token', 'invalid_grant'],
        'After its time',
      );
      expectError(
        await poll(target, client, 'invented'),
        ['invalid_grant', 'invalid_request'],
        'An invented code',
      );
    },
  },
  {
    id: 'DV-04',
    title: 'What one person opened another one does not decide',
    source: 'RFC 8628 §5.3; CVE-2026-45337',
    needs: NEEDS,
    async run(target) {
      const client = await deviceClient(target);
      const begun = await begin(target, client);
      const mine = await signedIn(target);
      const page = await mine.get(begun.complete ?? begun.verificationUri);
      const typed = target.hooks.pages.enterUserCode?.(page.text, begun.userCode);
      const shown = typed === undefined ? page : await act(mine, page, typed);
      const allow = target.hooks.pages.consent(shown.text, 'allow');
      ensure(allow !== undefined, 'The page does not ask');
      const stranger = target.browser();
      await act(stranger, shown, allow);
      expectError(
        await poll(target, client, begun.deviceCode),
        ['authorization_pending'],
        'After the stranger',
      );
    },
  },
  {
    id: 'DV-06',
    title: 'A device gets no scope beyond what its client may have; PKCE that was begun is asked for',
    source: 'RFC 8628 §3.1; CVE-2024-52287; CVE-2026-123542',
    needs: ['device'],
    async run(target) {
      const client = await deviceClient(target);
      const wide = { scope: 'openid no-such-scope' };
      const answer = await call(target, 'device_authorization_endpoint', client, wide);
      if (answer.status === 200) {
        const begun = await begin(target, client, wide);
        await decide(target, await signedIn(target), begun, 'allow');
        const { scope } = tokensOf(await poll(target, client, begun.deviceCode));
        ensure(!scope.includes('no-such-scope'), `Granted: ${scope}`);
      } else expectError(answer, ['invalid_scope']);
      const { challenge } = createPkce();
      const { status } = await call(target, 'device_authorization_endpoint', client, {
        scope: 'openid',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      ensureOneOf(status, [200, 400], 'Status with PKCE');
      const nobody = await call(
        target,
        'device_authorization_endpoint',
        { ...client, id: 'nope' },
        { scope: 'openid' },
      );
      expectError(nobody, ['invalid_client', 'invalid_request'], 'An unknown client');
      ensureMatch(nobody.headers.get('content-type'), /json/, 'Content-Type');
    },
  },
];
