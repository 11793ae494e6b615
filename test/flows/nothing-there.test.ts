// An address where there is nothing: people read a page, programs JSON.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../harness.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ store: 'sqlite' });
});
afterAll(() => server?.close());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server.base}${path}`, init);

describe('an address where there is nothing (RFC 9110 §15.5.5)', () => {
  it.each([
    ['a program', { accept: 'application/json' }],
    ['a program that takes anything', { accept: '*/*' }],
  ])('tells %s in JSON', async (_who, headers) => {
    const answer = await ask('/nothing-here', { headers });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: 'invalid_request',
      error_description: 'There is nothing at this path',
    });
  });
  it('tells what was not a look at a page in JSON', async () => {
    const answer = await ask('/nothing-here', { method: 'POST', headers: { accept: BROWSER } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
  it('tells people what to do, with a reference, under the policy of our pages, and nothing of what they sent', async () => {
    const answer = await ask('/nothing-here-<b>?q=<i>', { headers: { accept: BROWSER } });
    const page = await answer.text();
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('<h1>There is nothing here</h1>');
    expect(page).toContain('href="/"');
    expect(page).toContain(answer.headers.get('x-request-id'));
    expect(page).not.toMatch(/nothing-here-|q=/);
  });
  it('keeps 405 for a path that takes other methods, and JSON for the APIs', async () => {
    const other = await ask('/api/token', { headers: { accept: BROWSER } });
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    const api = await ask('/admin/v1/nothing', { headers: { accept: BROWSER } });
    expect(api.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
