// The answer to an authorization request: who it comes from, where it goes, how.
import type { Check } from '../harness/check.ts';
import { ensure, ensureEqual, ensureOneOf } from '../harness/failure.ts';
import { attempt, authorize, requestUrl } from '../harness/flow.ts';

export const authorizationResponseChecks: readonly Check[] = [
  {
    id: 'AZ-65',
    title:
      'A registered query is kept, and the answer is appended to it once; code in it cannot be registered',
    source: 'RFC 6749 §3.1.2; oidcc-redirect-uri-query-OK',
    needs: ['code'],
    async run(target) {
      const registered = 'https://query.example.com/cb?tenant=7';
      const client = await target.createClient({ redirect_uris: [registered] });
      const { visit, answer } = await authorize(target, { client });
      ensure(visit.leftFor?.startsWith(`${registered}&`) === true, `Location: ${visit.leftFor}`);
      for (const name of ['code', 'state', 'tenant'])
        ensureEqual(answer.getAll(name).length, 1, `Number of ${name}`);
      await target.expectRegistrationRefused(
        { redirect_uris: ['https://query.example.com/cb?code=attacker'] },
        'code in the query of its redirect URI',
      );
    },
  },
  {
    id: 'AZ-64',
    title: 'iss is in every answer, once, and equals the issuer of the metadata',
    source: 'RFC 9207 §2, §3; RFC 9700 §4.4',
    needs: ['code'],
    async run(target) {
      ensureEqual(
        target.metadata['authorization_response_iss_parameter_supported'],
        true,
        'authorization_response_iss_parameter_supported',
      );
      const answers = [
        await authorize(target),
        await attempt(target, { parameters: { prompt: 'consent' }, decision: 'deny' }),
        await attempt(target, { parameters: { response_type: 'nonsense' } }),
      ];
      for (const { answer } of answers) {
        ensureEqual(
          answer.getAll('iss'),
          [target.metadata['issuer']],
          `iss beside ${answer.get('error') ?? 'code'}`,
        );
      }
    },
  },
  {
    id: 'AZ-66',
    title: 'After a POST the browser is sent on with 303, so that credentials are not posted again',
    source: 'RFC 9700 §4.12',
    needs: ['code'],
    async run(target) {
      const { visit } = await authorize(target, {
        browser: target.browser(),
        parameters: { prompt: 'login consent' },
      });
      for (const { status } of visit.hops.slice(0, -1))
        ensureOneOf(status, [302, 303], 'Status of a redirect');
      ensureEqual(visit.hops.at(-1)?.status, 303, 'Status of the answer to the consent form');
    },
  },
  {
    id: 'AZ-67',
    title: 'The redirect carries an explicit fragment, so that that of the link is not inherited',
    source: 'RFC 9110 §10.2.2; RFC 9700 §4.1.3',
    needs: ['code'],
    async run(target) {
      const { visit } = await authorize(target);
      ensure(visit.leftFor?.includes('#') === true, `Location has no fragment: ${visit.leftFor}`);
      ensureOneOf(visit.leftFor.split('#')[1], ['', '_', '_=_'], 'The fragment');
    },
  },
  {
    id: 'oidcc-response-type-missing',
    title: 'A request without response_type is refused',
    source: 'RFC 6749 §3.1.1; OpenID Connect Core §3.1.2.6',
    needs: ['code'],
    async run(target) {
      const client = await target.web();
      const browser = target.browser();
      const visit = await browser.get(requestUrl(target, client, { response_type: undefined }));
      if (visit.leftFor === undefined) return ensure(visit.status >= 400, `Status ${visit.status}`);
      const error = new URL(visit.leftFor).searchParams.get('error');
      ensureOneOf(error, ['unsupported_response_type', 'invalid_request'], 'error');
    },
  },
];
