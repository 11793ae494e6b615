// No secret that anybody is given stands in anything that is kept or told to others (OP-01, R18): what is handed out by
// the flows is collected as it goes, without knowing what it is, and then everything is searched for it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { EVERY_FLOW, handOutSecrets, newcomerOf, RETOLD } from '../handed-out.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { contentOf, foundIn, type Secrets } from '../secrets.ts';

describe.each(STORES)('what is handed out on %s', (store) => {
  let server: TestServer;
  let admin: string;
  const secrets: Secrets = new Map();

  beforeAll(async () => {
    server = await startTestServer({ store, config: EVERY_FLOW });
    admin = await adminToken(server);
    await handOutSecrets(server, secrets);
  });
  afterAll(() => server?.close());

  it('is of every kind', () => {
    const kinds = new Set([...secrets.values()].map((value) => /^tsr_[a-z]+_/.exec(value)?.[0]));
    const expected = ['at', 'rt', 'ac', 'pat', 'cs', 'dc', 'rat', 'se', 'ia', 'ml'];
    expect([...kinds]).toEqual(expect.arrayContaining(expected.map((kind) => `tsr_${kind}_`)));
    const whats = new Set([...secrets.keys()].map((what) => what.replace(/ \d+$/, '')));
    const others = ['a JWT', 'a cookie', 'a seed', 'the seed in hex', 'a recovery code', 'the password'];
    expect([...whats]).toEqual(expect.arrayContaining(others));
  });

  it('would be found, however it is written', () => {
    for (const value of secrets.values()) {
      const bytes = Buffer.from(value);
      for (const text of [
        value,
        encodeURIComponent(value),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ])
        expect(foundIn(`x ${text} x`, secrets)).not.toEqual([]);
    }
  });

  it('is in no line of the log, at its most talkative', () => {
    expect(server.log.length).toBeGreaterThan(50);
    expect(foundIn(server.log.join('\n'), secrets)).toEqual([]);
  });

  it('is in no metric', async () => {
    expect(foundIn(await server.tessera.metrics.text(), secrets)).toEqual([]);
  });

  it.each(RETOLD)('is not told again by %s', async (path) => {
    const answer = await callApi(server, admin, 'GET', path);
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeGreaterThan(100);
    expect(foundIn(answer.text, secrets)).toEqual([]);
  });

  it('is in no place of the database (R18)', async () => {
    const content = await contentOf(server.databaseUrl);
    expect(content).toContain(newcomerOf(1));
    expect(foundIn(content, secrets)).toEqual([]);
  });
});
