// Traces: a request's span belongs to its caller's, what the store does belongs to the request, and no secret is in any.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { introspect, obtainTokens, refresh, requestToken, tokensOf } from '../oauth-calls.ts';
import { type RecordedSpan, recordSpans } from '../recorded-spans.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

describe.each(STORES)('traces on %s', (store) => {
  const spans: RecordedSpan[] = [];
  let stop: () => void;
  let server: TestServer;
  beforeAll(async () => {
    stop = recordSpans(spans);
    server = await startTestServer({ store, config: { traces: 'on' } });
  });
  afterAll(async () => {
    await server?.close();
    stop();
  });

  it('a request is a span of the trace of its caller, with the store inside', async () => {
    const { confidential } = server.clients;
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, baggage: 'user=ada' };
    const answer = await requestToken(server, { grant_type: 'client_credentials' }, confidential, {
      path: '/api/token?who=ada',
      headers: { ...headers, authorization: `Basic ${btoa(`${confidential.id}:${confidential.secret}`)}` },
    });
    expect(answer.status).toBe(200);
    const ofTrace = () => spans.filter(({ traceId }) => traceId === TRACE);
    await expect.poll(() => ofTrace().map(({ name }) => name)).toContain('POST /api/token');
    const request = ofTrace().find(({ name }) => name === 'POST /api/token')!;
    expect(request.parentId).toBe(CALLER);
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/token',
      'http.response.status_code': 200,
      'tessera.request_id': expect.stringMatching(/^req_/),
    });
    const stored = ofTrace().filter(({ name }) => name.startsWith('store '));
    expect(stored.map(({ name }) => name)).toContain('store append');
    expect(stored.every(({ parentId }) => parentId === request.spanId)).toBe(true);
    expect(stored[0]?.attributes).toMatchObject({
      'db.system.name': store === 'sqlite' ? 'sqlite' : 'postgresql',
    });
  });

  it('hold no token, code, secret, address or name', async () => {
    const tokens = await obtainTokens(server, server.newBrowser());
    const { confidential } = server.clients;
    const more = tokensOf(await refresh(server, tokens.refreshToken, confidential));
    await introspect(server, more.accessToken);
    await fetch(`${server.base}/userinfo?access_token=${more.accessToken}`);
    await fetch(`${server.base}/${more.accessToken}`);
    await fetch(`${server.base}/.well-known/jwks.json`, {
      headers: { traceparent: 'no trace at all', tracestate: more.accessToken },
    });
    await expect.poll(() => spans.some(({ name }) => name === 'GET (no such path)')).toBe(true);
    const text = JSON.stringify(spans);
    const { email, password } = server.person;
    for (const secret of [
      ...Object.values(tokens),
      ...Object.values(more),
      confidential.secret!,
      email,
      password,
    ]) {
      if (secret !== '') expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/tsr_|eyJ|ada@|127\.0\.0\.1/);
  });
});
