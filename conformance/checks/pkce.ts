// PKCE in the authorization request.
import type { Check } from '../harness/check.ts';
import { expectErrorRedirect } from '../harness/expectations.ts';
import { ensureEqual } from '../harness/failure.ts';
import { obtainTokens, requestUrl } from '../harness/flow.ts';
import type { Parameters } from '../harness/http.ts';
import type { Target } from '../harness/target.ts';

const INVALID_REQUEST = ['invalid_request'];

/** Sends a request that must not lead to a person, by a public and by a confidential client. */
async function expectRefusedForBoth(target: Target, more: Parameters): Promise<void> {
  for (const client of [await target.web(), await target.spa()]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const visit = await target.browser().get(requestUrl(target, client, more));
    expectErrorRedirect(target, visit, client, INVALID_REQUEST);
  }
}

export const pkceChecks: readonly Check[] = [
  {
    id: 'AZ-61',
    title: 'A request without code_challenge is refused, of a public and of a confidential client',
    source: 'OAuth 2.1 §4.1.1; RFC 9700 §2.1.1; CVE-2024-22258',
    needs: ['code'],
    run: (target) =>
      expectRefusedForBoth(target, { code_challenge: undefined, code_challenge_method: undefined }),
  },
  {
    id: 'AZ-62',
    title: 'The PKCE method plain is refused, named or by default, and not in the metadata',
    source: 'RFC 7636 §4.2, §7.2; RFC 9700 §2.1.1',
    needs: ['code'],
    async run(target) {
      ensureEqual(
        target.metadata['code_challenge_methods_supported'],
        ['S256'],
        'code_challenge_methods_supported',
      );
      await expectRefusedForBoth(target, { code_challenge_method: 'plain' });
      await expectRefusedForBoth(target, { code_challenge_method: undefined });
      await expectRefusedForBoth(target, { code_challenge_method: 's256' });
    },
  },
  {
    id: 'AZ-63',
    title: 'A code_challenge that is no base64url SHA-256 is refused',
    source: 'RFC 7636 §4.2',
    needs: ['code'],
    async run(target) {
      const values = [
        'a'.repeat(42),
        'a'.repeat(44),
        'a'.repeat(129),
        `${'a'.repeat(42)}+`,
        `${'a'.repeat(42)}=`,
        ' '.repeat(43),
      ];
      for (const code_challenge of values) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await expectRefusedForBoth(target, { code_challenge });
      }
    },
  },
  {
    id: 'oidcc-ensure-request-with-valid-pkce-succeeds',
    title: 'A request with S256 succeeds, and the right verifier buys the tokens',
    source: 'RFC 7636 §4.6',
    needs: ['code'],
    async run(target) {
      for (const client of [await target.web(), await target.spa()]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        await obtainTokens(target, { client });
      }
    },
  },
];
