import { expect, it } from 'vitest';
import { createExposureReports } from './exposed-tokens.ts';

const ISSUER = 'https://id.example';
const CREDENTIALS = { clientId: 'api', clientSecret: 'hush' };
const known = [{ issuer: ISSUER, credentials: CREDENTIALS }];

function issuerThatTakes(status = 202) {
  const asked: { url: string; body: string; authorization: string | null }[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (url.includes('/.well-known/')) {
      return Response.json({ issuer: ISSUER, tessera_leaked_tokens_endpoint: `${ISSUER}/api/leaked-tokens` });
    }
    const body = init.body instanceof URLSearchParams ? init.body.toString() : '';
    asked.push({ url, body, authorization: new Headers(init.headers).get('authorization') });
    return new Response(null, { status });
  };
  return { asked, fetch };
}

it('hands nothing to an issuer that it has no credentials for', async () => {
  const { asked, fetch } = issuerThatTakes();
  createExposureReports({
    issuers: () => [{ issuer: ISSUER, credentials: undefined }],
    failed: () => expect.fail(),
    fetch,
  })('tsr_at_x');
  await expect.poll(() => asked).toEqual([]);
});

it('tells a token once, with credentials, as one that came in a URL', async () => {
  const { asked, fetch } = issuerThatTakes();
  const report = createExposureReports({ issuers: () => known, failed: () => expect.fail(), fetch });
  report('tsr_at_x');
  report('tsr_at_x');
  await expect.poll(() => asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    url: `${ISSUER}/api/leaked-tokens`,
    body: 'token=tsr_at_x&found_in=url',
    authorization: expect.stringMatching(/^Basic /),
  });
});

it('is bounded, however many come at once', async () => {
  const { asked, fetch } = issuerThatTakes();
  const report = createExposureReports({ issuers: () => known, failed: () => expect.fail(), fetch });
  for (let each = 0; each < 500; each++) report(`tsr_at_${each}`);
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(asked.length).toBeLessThanOrEqual(8);
});

it('says that it could not be told, without the token', async () => {
  const failures: unknown[] = [];
  const report = createExposureReports({
    issuers: () => known,
    failed: (_issuer, error) => failures.push(error),
    fetch: issuerThatTakes(503).fetch,
  });
  report('tsr_at_secret');
  await expect.poll(() => failures).toHaveLength(1);
  expect(String(failures[0])).toContain('503');
  expect(String(failures[0])).not.toContain('tsr_at_secret');
});
