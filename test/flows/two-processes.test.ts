// What counts once, raced for by two processes on one database: nothing but the database lies between them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../harness.ts';
import { exchange, requestToken, signInAndConsent, tokensOf } from '../oauth-calls.ts';
import { oneTimeThings } from '../one-time.ts';
import { authorizationCode } from '../one-time/grants.ts';
import { createOneTimeWorld, type OneTimeWorld } from '../one-time/world.ts';

const WAYS = 32;
const CONFIG = { dynamic_registration: 'initial_token' } as const;
const THINGS = [
  'authorization code',
  'request_uri',
  'consent',
  'user_code',
  'device_code',
  'client assertion jti',
  'DPoP jti, for a token',
  'DPoP jti, for an API',
  'initial access token',
  'link to choose a password',
  'TOTP step',
];

describe('two processes on one PostgreSQL', () => {
  let server: TestServer;
  let bases: readonly string[];
  let world: OneTimeWorld;

  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres', config: CONFIG });
    world = await createOneTimeWorld(server);
    bases = (await Promise.all([server.addProcess(CONFIG), server.addProcess(CONFIG)])).map(
      ({ base }) => base,
    );
  });
  afterAll(() => server?.close());

  /** The same thing many times at once, every second time at the other process. */
  const race = <Outcome>(run: (base: string) => Promise<Outcome>): Promise<readonly Outcome[]> =>
    Promise.all(Array.from({ length: WAYS }, (_, index) => run(bases[index % bases.length]!)));

  it.each(THINGS)('%s: one gets through', async (name) => {
    const thing = [authorizationCode(world), ...oneTimeThings(world)].find((one) => one.name === name);
    const use = await thing!.make();
    const uses = await race(use);
    expect(uses.filter((one) => typeof one === 'object')).toEqual([]);
    expect(uses.filter((one) => one === 'taken')).toHaveLength(1);
  });

  it('a refresh token: every answer within the grace is the same one', async () => {
    const { publicWeb } = server.clients;
    const authorized = await signInAndConsent(server, server.newBrowser(), { client: publicWeb });
    const { refreshToken } = tokensOf(await exchange(server, authorized, publicWeb));
    const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const answers = await race((base) => requestToken(server, refresh, publicWeb, { base }));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const { refreshToken: next } = tokensOf(answers[0]!);
    const again = await requestToken(server, { ...refresh, refresh_token: next }, publicWeb);
    expect(again.status).toBe(200);
  });
});
