// How long tokens live: by a range, by the most specific rule, and no longer than the sign-in counts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemEvent } from '../../packages/server/src/startup/first-start.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { SECOND } from '../movable-clock.ts';
import { hasForm } from '../no-script-browser.ts';
import { authorizeUrl, createPkce, obtainTokens, postForm, refresh } from '../oauth-calls.ts';
import type { RegisteredClient } from '../registrations.ts';

const PLAIN = 'https://plain.example/';
const BRIEF = 'https://brief.example/';
const COUNT = 1000;

describe.each(STORES)('lifetimes on %s', (store) => {
  let server: TestServer;
  let app: RegisteredClient;
  let hurried: RegisteredClient;
  let banded: RegisteredClient;

  beforeAll(async () => {
    const config = { access_token_lifetime: 3600, access_token_lifetime_max: 5400, sign_in_frequency: 7200 };
    server = await startTestServer({ store, config });
    app = server.clients.confidential;
    await server.registerResource({ identifier: PLAIN });
    await server.registerResource({ identifier: BRIEF, accessTokenLifetime: 60 });
    const { organizations } = server.tessera.store;
    const band = { id: 'org_band', name: 'Band', kind: 'team', createdAt: 0 } as const;
    const owner = {
      organizationId: band.id,
      userId: server.person.user.id,
      role: 'owner',
      createdAt: 0,
      updatedAt: 0,
    } as const;
    await organizations.create(band, owner, systemEvent(server.tessera, 'organization.created', {}));
    await organizations.update(
      { ...band, accessTokenLifetime: 120 },
      systemEvent(server.tessera, 'organization.updated', {}),
    );
    banded = await server.registerClient({ id: 'banded', organizationId: band.id });
    hurried = await server.registerClient({ id: 'hurried', metadata: { access_token_lifetime: 90 } });
  });
  afterAll(() => server?.close());
  beforeEach(() => server.clock.reset());

  async function issue(
    client: RegisteredClient,
    resource?: string,
  ): Promise<{ token: string; life: number }> {
    const { status, body } = await postForm(
      server,
      '/api/token',
      { grant_type: 'client_credentials', resource },
      client,
    );
    expect(status).toBe(200);
    return { token: String(body['access_token']), life: Number(body['expires_in']) };
  }

  it('a thousand tokens under a random rule do not all end together (S8)', async () => {
    const lives: number[] = [];
    for (let issued = 0; issued < COUNT; issued += 50) {
      // oxlint-disable-next-line no-await-in-loop -- fifty at a time, as a crowd of apps would ask
      const some = await Promise.all(Array.from({ length: 50 }, () => issue(app, PLAIN)));
      lives.push(...some.map(({ life }) => life));
    }
    const mean = lives.reduce((sum, life) => sum + life, 0) / COUNT;
    expect(Math.min(...lives)).toBeGreaterThanOrEqual(3600);
    expect(Math.max(...lives)).toBeLessThanOrEqual(5400);
    // The mean of a thousand draws is off by more than 82 seconds once in a million runs.
    expect(Math.abs(mean - 4500)).toBeLessThan(82);
    expect(new Set(lives).size).toBeGreaterThan(100);
  });

  it('expires_in is exp - iat', async () => {
    const { token, life } = await issue(app, PLAIN);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number;
      iat: number;
    };
    expect(claims.exp - claims.iat).toBe(life);
  });

  it.each<[string, () => RegisteredClient, string | undefined, number, string]>([
    ['the API before the server', () => app, BRIEF, 60, 'api'],
    ['the organization before the server', () => banded, PLAIN, 120, 'organization'],
    ['the API before the organization', () => banded, BRIEF, 60, 'api'],
    ['the client before the server', () => hurried, PLAIN, 90, 'client'],
    ['the client where no API is named', () => hurried, undefined, 90, 'client'],
    ['never longer than the API says', () => hurried, BRIEF, 60, 'client_within_api'],
  ])('%s, and the row says which rule it was', async (_what, client, resource, life, reason) => {
    expect((await issue(client(), resource)).life).toBe(life);
    const { items } = await server.tessera.store.accessTokens.list({ clientId: client().id }, { limit: 1 });
    expect(items[0]?.row.lifetimeReason).toBe(reason);
  });

  it('a sign-in counts for as long as is set: then refresh tokens stop, and the person is asked again', async () => {
    const browser = server.newBrowser();
    const parameters = { scope: 'openid catalog-read' };
    const { refreshToken } = await obtainTokens(server, browser, { client: app, parameters });
    const isAskedToSignIn = async (): Promise<boolean> => {
      const { page } = await browser.get(authorizeUrl(server, app, createPkce(), parameters));
      return hasForm(page, 'email', 'password');
    };
    server.clock.advance(7200 * SECOND - SECOND);
    expect(await refresh(server, refreshToken, app)).toMatchObject({ status: 200 });
    expect(await isAskedToSignIn()).toBe(false);
    server.clock.advance(SECOND);
    expect(await refresh(server, refreshToken, app)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'The person has to sign in again' },
    });
    expect(await isAskedToSignIn()).toBe(true);
  });
});
