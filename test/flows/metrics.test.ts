// What the metrics tell, and that nothing a request sends makes a series of its own.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { introspect, obtainTokens, requestToken, revoke, tokensOf } from '../oauth-calls.ts';

const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' };

describe.each(STORES)('metrics on %s', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store });
  });
  afterAll(() => server?.close());

  const text = (): Promise<string> => server.tessera.metrics.text();
  const valueOf = async (series: string): Promise<number | undefined> => {
    const line = (await text()).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };

  it('counts tokens, sign-ins, refusals and the work of the store', async () => {
    await obtainTokens(server, server.newBrowser());
    const { confidential } = server.clients;
    const { accessToken } = tokensOf(await requestToken(server, CLIENT_CREDENTIALS, confidential));
    await introspect(server, accessToken);
    await revoke(server, accessToken, confidential);
    await introspect(server, accessToken);
    await requestToken(server, CLIENT_CREDENTIALS, { ...confidential, secret: 'wrong' });
    await requestToken(server, { grant_type: 'magic' }, confidential);
    const expected: Record<string, number> = {
      'tessera_tokens_issued_total{grant="authorization_code"}': 1,
      'tessera_tokens_issued_total{grant="client_credentials"}': 1,
      'tessera_tokens_refused_total{grant="client_credentials",error="invalid_client"}': 1,
      'tessera_tokens_refused_total{grant="other",error="unsupported_grant_type"}': 1,
      'tessera_introspections_total{active="true"}': 1,
      'tessera_introspections_total{active="false"}': 1,
      'tessera_audit_events_total{type="sign_in",outcome="success"}': 1,
      'tessera_audit_events_total{type="token.revoked",outcome="success"}': 1,
      'tessera_http_requests_total{method="POST",path="/api/token",status="200"}': 2,
      'tessera_http_requests_total{method="POST",path="/api/token",status="401"}': 1,
      'tessera_http_request_duration_seconds_count{path="/api/token",status="2xx"}': 2,
      tessera_mails_waiting: 0,
      'tessera_passwords{state="waiting"}': 0,
    };
    for (const [series, value] of Object.entries(expected)) {
      // oxlint-disable-next-line no-await-in-loop -- the answer is reported after it was sent
      await expect.poll(async () => [series, await valueOf(series)]).toEqual([series, value]);
    }
    for (const series of [
      'tessera_store_duration_seconds_count{operation="write",outcome="answered"}',
      'tessera_store_duration_seconds_count{operation="find",outcome="answered"}',
      'tessera_store_commit_writes_count',
      'tessera_cache_lookups_total{cache="clients",outcome="hit"}',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect([series, ((await valueOf(series)) ?? 0) >= 0]).toEqual([series, true]);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect([series, await valueOf(series)]).not.toEqual([series, undefined]);
    }
    await expect.poll(() => valueOf('tessera_on_duty')).toBe(1);
    if (store === 'postgres') {
      expect(await valueOf('tessera_store_connections{state="open"}')).toBeGreaterThan(0);
    }
  });

  it('gets no series from paths, methods, clients, agents or grants that nobody knows', async () => {
    const seriesNow = async (): Promise<readonly string[]> =>
      (await text())
        .split('\n')
        .filter((line) => line.startsWith('tessera_'))
        .map((line) => line.slice(0, line.lastIndexOf(' ')));
    const round = async (): Promise<void> => {
      const any = randomBytes(9).toString('base64url');
      const headers = { 'user-agent': any, 'x-forwarded-for': '203.0.113.9', host: `${any}.example` };
      const form = new URLSearchParams({ grant_type: any, client_id: any, client_secret: any, scope: any });
      await Promise.all([
        fetch(`${server.base}/${any}?${any}=${any}`, { headers: { 'user-agent': any } }),
        fetch(`${server.base}/docs/${any}`),
        fetch(`${server.base}/admin/v1/clients/${any}`),
        fetch(`${server.base}/status-lists/${any}`),
        fetch(`${server.base}/authorize?client_id=${any}&redirect_uri=https://${any}.example/`),
        fetch(`${server.base}/${any}`, { method: 'PROPFIND' }),
        fetch(`${server.base}/api/token`, { method: 'POST', body: form, headers }),
        requestToken(server, { grant_type: any }, { ...server.clients.confidential, id: any }),
        introspect(server, any),
      ]);
    };
    await round();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = await seriesNow();
    for (let count = 0; count < 8; count++) {
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await round();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Chores, the store and the caches go on counting in series that are known by their code.
    const added = (await seriesNow()).filter(
      (one) => !before.includes(one) && !/^tessera_(store|chore|audit_events|cache)/.test(one),
    );
    expect(added).toEqual([]);
  });
});
