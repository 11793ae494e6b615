// Traces of the gateway: its span belongs to its caller's, the upstream's to it, and nothing of the request is in any.
import { openTraces } from '@tessera/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, startUpstream, type TestGateway, type TestUpstream } from '../gateway.ts';
import { type RecordedSpan, recordSpans } from '../recorded-spans.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const TOKEN = 'tsr_at_0123456789012345678901234567890123456789012';

describe('traces of the gateway', () => {
  const spans: RecordedSpan[] = [];
  let stop: () => void;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  beforeAll(async () => {
    stop = recordSpans(spans);
    upstream = await startUpstream();
    const check = { verify_access_token: { audience: 'https://api.example/' } };
    gateway = await startGateway(
      {
        issuers: { main: { url: 'http://127.0.0.1:1' } },
        routes: {
          open: { path: '/open', upstream: upstream.url, open: true },
          gone: { path: '/gone', upstream: 'http://127.0.0.1:1', open: true },
          closed: { path: '/closed', upstream: upstream.url, ...check },
        },
      },
      { traces: await openTraces() },
    );
  });
  afterAll(async () => {
    await gateway?.close();
    await upstream?.close();
    stop();
  });

  async function ask(path: string, headers: Record<string, string> = {}): Promise<readonly RecordedSpan[]> {
    spans.length = 0;
    await (await fetch(gateway.url + path, { headers })).arrayBuffer();
    await expect.poll(() => spans.some(({ name }) => name.includes(' '))).toBe(true);
    return spans;
  }

  it('a request is a span of the trace of its caller, and the upstream is told of one inside of it', async () => {
    const found = await ask('/open/x', { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: 'a=1' });
    const request = found.find(({ name }) => name === 'GET open');
    expect(request).toMatchObject({ traceId: TRACE, parentId: CALLER, failed: false });
    expect(request?.attributes).toEqual({
      'http.request.method': 'GET',
      'tessera.request_id': expect.stringMatching(/^req_/),
      'tessera.route': 'open',
      'tessera.outcome': 'passed',
      'http.response.status_code': 200,
    });
    const onward = found.find(({ name }) => name === 'GET');
    expect(onward).toMatchObject({ traceId: TRACE, parentId: request?.spanId, failed: false });
    expect(onward?.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(upstream.url).port),
      'http.response.status_code': 200,
    });
    const told = upstream.seen.at(-1)?.headers;
    expect(told).toMatchObject({ traceparent: `00-${TRACE}-${onward?.spanId}-01` });
    // The state is that of a propagator which knows none.
    expect(told).not.toHaveProperty('tracestate');
  });
  it('a request that is refused has no span for an upstream', async () => {
    const found = await ask('/closed');
    expect(found.map(({ name }) => name)).toEqual(['GET closed']);
    expect(found[0]).toMatchObject({ failed: false, attributes: { 'http.response.status_code': 401 } });
    expect((await ask('/nowhere')).map(({ name }) => name)).toEqual(['GET -']);
  });
  it('an upstream that cannot be reached has failed, without a status of its own', async () => {
    const found = await ask('/gone');
    expect(found.find(({ name }) => name === 'GET gone')).toMatchObject({
      failed: true,
      attributes: { 'http.response.status_code': 502 },
    });
    const onward = found.find(({ name }) => name === 'GET');
    expect(onward?.failed).toBe(true);
    expect(onward?.attributes).not.toHaveProperty('http.response.status_code');
  });
  it('hold no token, path or address of a caller', async () => {
    await ask(`/open/${TOKEN}?who=ada`, { authorization: `Bearer ${TOKEN}`, tracestate: TOKEN });
    await ask(`/open?access_token=${TOKEN}`);
    await ask('/open', { traceparent: 'no trace at all' });
    expect(JSON.stringify(spans)).not.toMatch(/tsr_|ada|no trace/);
    await ask(`/open/${TOKEN}`);
    expect(JSON.stringify(spans)).not.toMatch(/tsr_/);
  });
});

describe('a gateway without traces', () => {
  it('passes the trace context on as it came', async () => {
    const upstream = await startUpstream();
    const gateway = await startGateway({
      routes: { open: { path: '/open', upstream: upstream.url, open: true } },
    });
    await fetch(`${gateway.url}/open`, { headers: { traceparent: `00-${TRACE}-${CALLER}-01` } });
    expect(upstream.seen[0]?.headers['traceparent']).toBe(`00-${TRACE}-${CALLER}-01`);
    await gateway.close();
    await upstream.close();
  });
});
