import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN, type ApiFixture, createApiFixture } from './testing/api-fixture.ts';

// Hundreds of requests each; a busy machine needs longer than the 5 seconds that a rule gets.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let fixture: ApiFixture;
let authorization: string;
beforeAll(async () => {
  fixture = await createApiFixture();
  authorization = `Bearer ${fixture.tokenFor(ADMIN.id, ['admin'])}`;
});
afterAll(() => fixture.close());

const WRITES = [
  ['POST', '/admin/v1/users'],
  ['PATCH', '/admin/v1/users/usr_bob'],
  ['POST', '/admin/v1/clients'],
  ['POST', '/admin/v1/clients/nobody/secrets'],
  ['POST', '/admin/v1/resources'],
  ['PATCH', '/admin/v1/resources/res_tessera'],
  ['POST', '/admin/v1/keys/rotate'],
  ['POST', '/admin/v1/tokens/revoke'],
  ['POST', '/admin/v1/policies'],
  ['POST', '/admin/v1/policies/dry-run'],
  ['POST', '/admin/v1/users/usr_bob/risk-signals'],
  ['POST', '/admin/v1/personal-access-tokens/revoke'],
] as const;

const LISTS = ['users', 'clients', 'resources', 'tokens', 'grants', 'audit-events', 'keys', 'policies'];

const MEMBERS = [
  'email',
  'display_name',
  'password',
  'role',
  'client_name',
  'redirect_uris',
  'grant_types',
  'scope',
  'client_id',
  'identifier',
  'name',
  'scopes',
  'default_scopes',
  'access_token_lifetime',
  'resource_servers',
  'token',
  'expires_at',
  'alg',
];

/** Bodies that look right from afar: known members, any value, or values that are nearly good. */
const body = fc.dictionary(
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...MEMBERS) }, { weight: 1, arbitrary: fc.string() }),
  fc.oneof(
    fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' }), fc.constant('authorization_code'))),
    fc.emailAddress(),
    fc.constantFrom('urn:x:y', 'admin', 3600, { min: 5, max: 1 }),
  ),
  { maxKeys: 6 },
);

describe('whatever is sent', () => {
  it('bodies are answered with a resource or problem details, never with a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WRITES), body, async ([method, url], payload) => {
        const answer = await fixture.app.inject({ method, url, headers: { authorization }, payload });
        expect([200, 201, 400, 404, 409]).toContain(answer.statusCode);
        expect(answer.json()).toBeTypeOf('object');
      }),
      { numRuns: 400 },
    );
  });

  // A walk through what was parsed takes a step of the stack a level.
  it.each([5000, 20_000, 30_000])('so is a body that nests %d levels deep', async (levels) => {
    const nested = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    for (const [method, url] of WRITES) {
      for (const member of ['ids', 'scopes', 'metadata', 'redirect_uris']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await fixture.app.inject({
          method,
          url,
          headers: { authorization, 'content-type': 'application/json' },
          payload: `{"${member}":${nested}}`,
        });
        expect(answer.statusCode).toBe(400);
      }
    }
  });

  it('queries and identifiers are too', async () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 40 })
      .map((value) => encodeURIComponent(value.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...LISTS),
        fc.constantFrom('limit', 'cursor', 'client_id', 'type', 'live', 'x'),
        text,
        async (list, name, value) => {
          for (const url of [`/admin/v1/${list}?${name}=${value}`, `/admin/v1/${list}/${value}`]) {
            const answer = await fixture.app.inject({ url, headers: { authorization } });
            expect([200, 400, 404, 405]).toContain(answer.statusCode);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
