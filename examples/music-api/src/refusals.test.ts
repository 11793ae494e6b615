import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestMusicApi } from './testing/start-test-music-api.ts';
import { startTestMusicApi } from './testing/start-test-music-api.ts';

const TRACK = '/v1/tracks/11dFghVXANMlKmJXsNCbNl';

describe('what the music API refuses', () => {
  let api: TestMusicApi;
  beforeAll(async () => {
    api = await startTestMusicApi();
  });
  afterAll(() => api.close());

  const exposed =
    'A token in a URL is treated as exposed and must be revoked: send it in the Authorization header';
  const needsPerson =
    'This endpoint needs the token of a person: an app access token or a client token names an app only';
  it.each`
    what                                       | method      | path                                               | token              | status | message
    ${'no token: RFC 6750 §3.1'}               | ${'GET'}    | ${TRACK}                                           | ${undefined}       | ${401} | ${'No token provided'}
    ${'an unknown token: RFC 6750 §3.1'}       | ${'GET'}    | ${TRACK}                                           | ${'nonsense'}      | ${401} | ${'Invalid access token'}
    ${'a token for another API: RFC 9068 §4'}  | ${'GET'}    | ${TRACK}                                           | ${'billing-token'} | ${401} | ${'Invalid access token'}
    ${'an hour token at the 30-second API'}    | ${'GET'}    | ${`/short${TRACK}`}                                | ${'ada-token'}     | ${401} | ${'Invalid access token'}
    ${'a 30-second token at the hour API'}     | ${'GET'}    | ${TRACK}                                           | ${'ada-short'}     | ${401} | ${'Invalid access token'}
    ${'a token in the URL: RFC 6750 §5.3'}     | ${'GET'}    | ${`${TRACK}?access_token=ada-token`}               | ${undefined}       | ${400} | ${exposed}
    ${'a token in the URL and the header'}     | ${'GET'}    | ${`${TRACK}?access_token=ada-token`}               | ${'ada-token'}     | ${400} | ${exposed}
    ${'a token in the URL of a page'}          | ${'GET'}    | ${'/?access_token=ada-token'}                      | ${undefined}       | ${400} | ${exposed}
    ${'a token in the URL of an unknown path'} | ${'GET'}    | ${'/nowhere?access_token=ada-token'}               | ${undefined}       | ${400} | ${exposed}
    ${'an app asking who it is'}               | ${'GET'}    | ${'/v1/me'}                                        | ${'app-token'}     | ${403} | ${needsPerson}
    ${'an app asking for playlists'}           | ${'GET'}    | ${'/v1/me/playlists'}                              | ${'app-token'}     | ${403} | ${needsPerson}
    ${'a missing scope: RFC 6750 §3.1'}        | ${'GET'}    | ${'/v1/me/playlists'}                              | ${'ada-plain'}     | ${403} | ${'Insufficient client scope'}
    ${'a person who is gone'}                  | ${'GET'}    | ${'/v1/me'}                                        | ${'gone-token'}    | ${404} | ${'The person of this token is not known here'}
    ${'an unknown track'}                      | ${'GET'}    | ${'/v1/tracks/0000000000000000000000'}             | ${'app-token'}     | ${404} | ${'Track not found'}
    ${'an id that is none'}                    | ${'GET'}    | ${'/v1/tracks/short'}                              | ${'app-token'}     | ${400} | ${'Invalid base62 id'}
    ${'no ids'}                                | ${'GET'}    | ${'/v1/tracks'}                                    | ${'app-token'}     | ${400} | ${'ids is missing: ids separated by commas'}
    ${'a limit of nought'}                     | ${'GET'}    | ${'/v1/search?q=blues&type=track&limit=0'}         | ${'app-token'}     | ${400} | ${'Invalid limit: from 1 to 50'}
    ${'a limit given twice'}                   | ${'GET'}    | ${'/v1/search?q=blues&type=track&limit=1&limit=2'} | ${'app-token'}     | ${400} | ${'limit may be given once'}
    ${'a search for nothing'}                  | ${'GET'}    | ${'/v1/search?type=track'}                         | ${'app-token'}     | ${400} | ${'No search query: q is missing'}
    ${'a search for shows'}                    | ${'GET'}    | ${'/v1/search?q=blues&type=show'}                  | ${'app-token'}     | ${400} | ${'Invalid type: album, artist, track'}
    ${'a market that is no country'}           | ${'GET'}    | ${`${TRACK}?market=usa`}                           | ${'app-token'}     | ${400} | ${'Invalid market: two capital letters'}
    ${'an unknown path'}                       | ${'GET'}    | ${'/v1/nowhere'}                                   | ${'app-token'}     | ${404} | ${'Service not found'}
    ${'a wrong method: RFC 9110 §15.5.6'}      | ${'DELETE'} | ${TRACK}                                           | ${'ada-token'}     | ${405} | ${'Method not allowed: GET, HEAD'}
    ${'a URL that cannot be decoded'}          | ${'GET'}    | ${'/v1/tracks/%zz'}                                | ${'ada-token'}     | ${400} | ${'The URL cannot be read'}
  `('$what: $status', async ({ method, path, token, status, message }) => {
    const answer = await api.call(path, { method, token });
    expect(answer.body).toEqual({ error: { status, message } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin') ?? '*').toBe('*');
  });

  it.each`
    path                                 | token          | challenge
    ${TRACK}                             | ${undefined}   | ${/^Bearer realm="music", resource_metadata="[^"]+"$/}
    ${TRACK}                             | ${'nonsense'}  | ${/error="invalid_token"/}
    ${'/v1/me/playlists'}                | ${'ada-plain'} | ${/error="insufficient_scope".*scope="playlist-read-private"/}
    ${'/v1/me'}                          | ${'app-token'} | ${/error="insufficient_scope"/}
    ${`${TRACK}?access_token=ada-token`} | ${undefined}   | ${/error="invalid_request"/}
  `('challenges $path as RFC 6750 §3 and RFC 9728 §5.1 say', async ({ path, token, challenge }) => {
    const { headers } = await api.call(path, { token });
    const value = headers.get('www-authenticate') ?? '';
    expect(value).toMatch(challenge);
    expect(value).toContain(`resource_metadata="${api.url}/.well-known/oauth-protected-resource"`);
    expect(value).not.toContain('ada-token');
  });

  it.each`
    what                                       | authorization            | status | message
    ${'another scheme: RFC 6750 §3.1'}         | ${'Digest username="a"'} | ${401} | ${'No token provided'}
    ${'a password that is no personal token'}  | ${'Basic YTpi'}          | ${401} | ${'Invalid access token'}
    ${'no token after the scheme'}             | ${'Bearer '}             | ${400} | ${'Only valid bearer authentication supported'}
    ${'two tokens in one header: RFC 6750 §2'} | ${'Bearer a, Bearer b'}  | ${400} | ${'Only valid bearer authentication supported'}
    ${'an opaque token nobody vouches for'}    | ${'Bearer tsr_at_x'}     | ${401} | ${'Invalid access token'}
  `('refuses $what with $status', async ({ authorization, status, message }) => {
    const answer = await api.call(TRACK, { headers: { authorization } });
    expect(answer.body).toEqual({ error: { status, message } });
  });

  it('points a refused caller of the 30-second API to that API’s own metadata', async () => {
    const { headers } = await api.call(`/short${TRACK}`);
    expect(headers.get('www-authenticate')).toContain(
      `"${api.url}/short/.well-known/oauth-protected-resource"`,
    );
  });

  it('names the methods of a path it was called on wrongly', async () => {
    const { headers } = await api.call('/v1/me/playlists', { method: 'DELETE', token: 'ada-token' });
    expect(headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it.each`
    what                          | body                                  | type                                   | status
    ${'a body that is no JSON'}   | ${'{"name":'}                         | ${'application/json'}                  | ${400}
    ${'an empty body'}            | ${''}                                 | ${'application/json'}                  | ${400}
    ${'a member of a wrong type'} | ${'{"name":5}'}                       | ${'application/json'}                  | ${400}
    ${'a missing member'}         | ${'{}'}                               | ${'application/json'}                  | ${400}
    ${'another media type'}       | ${'name=x'}                           | ${'application/x-www-form-urlencoded'} | ${415}
    ${'a body beyond the limit'}  | ${`{"name":"${'x'.repeat(70_000)}"}`} | ${'application/json'}                  | ${413}
  `('refuses $what with $status in the same shape', async ({ body, type, status }) => {
    const answer = await api.call('/v1/me/playlists', {
      method: 'POST',
      token: 'ada-token',
      body,
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { status, message: expect.any(String) } });
  });

  it('answers a broken request in the same shape', async () => {
    const { hostname, port } = new URL(api.url);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write('NONSENSE\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toEqual({
      error: { status: 400, message: 'The request cannot be read' },
    });
  });

  it('hides what went wrong inside', async () => {
    const broken = await startTestMusicApi({
      findPerson: async () => {
        throw new Error('the password of the database is hunter2');
      },
    });
    const answer = await broken.call('/v1/me', { token: 'ada-token' });
    await broken.close();
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    expect(answer.body.error.status).toBe(500);
  });
});

describe('expiry, to the second', () => {
  it.each`
    api       | path                | token          | lifetime
    ${'hour'} | ${TRACK}            | ${'ada-token'} | ${3600}
    ${'30 s'} | ${`/short${TRACK}`} | ${'ada-short'} | ${30}
  `('a token of the $api API is refused from exp on', async ({ path, token, lifetime }) => {
    const api = await startTestMusicApi();
    api.moveClock(lifetime * 1000 - 1);
    expect((await api.call(path, { token })).status).toBe(200);
    api.moveClock(lifetime * 1000);
    const refused = await api.call(path, { token });
    await api.close();
    expect(refused.status).toBe(401);
    expect(refused.body).toEqual({ error: { status: 401, message: 'The access token expired' } });
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});

describe('quota', () => {
  it('refuses the call over it with Retry-After, and lets a call pass after that wait', async () => {
    const api = await startTestMusicApi({ requestsPerWindow: 2 });
    const call = () => api.call(TRACK, { token: 'app-token' });
    expect((await call()).status).toBe(200);
    api.moveClock(12_345);
    expect((await call()).status).toBe(200);
    const refused = await call();
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({ error: { status: 429, message: 'API rate limit exceeded' } });
    const wait = refused.headers.get('retry-after') ?? '';
    expect(wait).toMatch(/^\d+$/);
    api.moveClock(12_345 + Number(wait) * 1000);
    expect((await call()).status).toBe(200);
    await api.close();
  });

  it('counts by app, not by address, person or token', async () => {
    const api = await startTestMusicApi({ requestsPerWindow: 1 });
    expect((await api.call(TRACK, { token: 'ada-token' })).status).toBe(200);
    expect((await api.call(TRACK, { token: 'bob-token' })).status).toBe(429);
    expect((await api.call(TRACK, { token: 'ada-other-app' })).status).toBe(200);
    await api.close();
  });
});

describe('CORS', () => {
  it('answers a preflight without a token and allows what a page needs', async () => {
    const api = await startTestMusicApi();
    for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
      const answer = await api.call('/v1/me', {
        method: 'OPTIONS',
        headers: {
          origin: 'http://127.0.0.1:4430',
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      expect(answer.headers.get('access-control-allow-methods')).toContain(method);
      expect(answer.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type, DPoP');
    }
    await api.close();
  });

  it('lets a page read why it was refused and how long to wait', async () => {
    const api = await startTestMusicApi();
    const answer = await api.call('/v1/me', { headers: { origin: 'http://127.0.0.1:4430' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toBe('Retry-After, WWW-Authenticate');
    await api.close();
  });
});
