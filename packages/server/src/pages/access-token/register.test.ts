import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { shownCode } from '../testing/code-blocks.ts';
import { DEMO, GET_PROFILE_SOURCE } from '../testing/access-token-samples.ts';
import { registerAccessTokenPage } from './register.ts';

const AT = 1_800_000_000_000;
const TOKEN = 'tsr_at_1fHt0Zk3WJqYp9cL5nB7vRxD2mGsA8uEo4TiKyQwXjM3bF1xw9';

interface Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Answer = (call: Call) => Response;

const granted = (expires_in = 3600) =>
  Response.json({ access_token: TOKEN, token_type: 'Bearer', expires_in });
const refused = () =>
  Response.json(
    { error: { status: 401, message: 'The access token expired' } },
    { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  );

/** The page in front of an API that answers as told; every call it makes is noted. */
async function open(answer: Answer) {
  const calls: Call[] = [];
  const app = Fastify();
  registerAccessTokenPage(app, {
    demo: DEMO,
    getProfileSource: GET_PROFILE_SOURCE,
    clock: () => AT,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { url, method } = request;
      const call = { url, method, headers: Object.fromEntries(request.headers), body: await request.text() };
      calls.push(call);
      return answer(call);
    },
  });
  const press = async (
    fields: Record<string, string>,
    headers: Record<string, string> = { origin: DEMO.issuer },
  ) =>
    await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  return { app, calls, press };
}

const HELD = `${AT - 1000} 3600 held ${TOKEN}`;
const SHORT = `${AT - 31_000} 30 held ${TOKEN}`;

describe('POST / refuses', () => {
  it.each([
    ['a form of another site', { origin: 'https://evil.example' }],
    ['a form without an origin', {}],
    ['an opaque origin', { origin: 'null' }],
  ])('%s, without calling anybody', async (_what, headers) => {
    const { press, calls } = await open(() => granted());
    const response = await press({ action: 'get_token' }, headers);
    expect(response.statusCode).toBe(403);
    expect(calls).toEqual([]);
  });

  it('a body that is no form', async () => {
    const { press, calls } = await open(() => granted());
    const response = await press(
      { action: 'get_token' },
      { origin: DEMO.issuer, 'content-type': 'application/json' },
    );
    expect(response.statusCode).toBe(415);
    expect(calls).toEqual([]);
  });

  it.each([[{ action: 'delete_everything' }], [{ action: '' }], [{}]])(
    'to do anything for %o',
    async (fields) => {
      const { press, calls } = await open(() => granted());
      expect((await press(fields)).statusCode).toBe(200);
      expect(calls).toEqual([]);
    },
  );

  it.each([
    '',
    'x',
    '1 2 held',
    `-1 3600 held ${TOKEN}`,
    `1 3600 live ${TOKEN}`,
    '1 3600 held a b',
    '<script>',
  ])('to take %j for a token it gave', async (got) => {
    const { press } = await open(() => granted());
    expect((await press({ got })).body).not.toContain('class="tile ');
  });
});

describe('the buttons', () => {
  it('Get a token: client credentials by HTTP Basic, no API named', async () => {
    const { press, calls } = await open(() => granted());
    const { body, headers } = await press({ action: 'get_token' });
    const [call] = calls;
    expect(call).toMatchObject({
      method: 'POST',
      url: `${DEMO.issuer}/api/token`,
      body: 'grant_type=client_credentials',
    });
    const { id, secret } = DEMO.confidentialClient;
    expect(call?.headers['authorization']).toBe(`Basic ${btoa(`${id}:${secret}`)}`);
    expect(body).toContain('&quot;expires_in&quot;: 3600');
    expect(body).toContain('class="tile opaque live"');
    expect(body).toContain(`name="token" type="text"`);
    expect(body).toContain(`value="${AT} 3600 held ${TOKEN}"`);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('Get a token: shows the refusal when there is none', async () => {
    const { press } = await open(() => Response.json({ error: 'invalid_client' }, { status: 401 }));
    const { body } = await press({ action: 'get_token' });
    expect(body).toContain('401 Unauthorized');
    expect(body).not.toContain('class="tile ');
  });

  it('Call the API: sends exactly what is in the field, in the header', async () => {
    const { press, calls } = await open(() => Response.json({ name: 'Overture', type: 'track' }));
    const changed = `${TOKEN.slice(0, -1)}8`;
    const { body } = await press({ action: 'call_api', token: ` ${changed} `, got: HELD });
    expect(calls).toMatchObject([{ method: 'GET', url: `${DEMO.musicApi}/v1/tracks/${DEMO.trackId}` }]);
    expect(calls[0]?.headers['authorization']).toBe(`Bearer ${changed}`);
    expect(body).toContain('200 OK');
    expect(body).toContain(`value="${changed}"`);
    expect(body).toContain('Character 57 is <code>8</code>; in the token it is <code>9</code>.');
  });

  it('Call the API: shows status, challenge and JSON of a refusal, and says it to a screen reader', async () => {
    const { press } = await open(refused);
    const { body } = await press({ action: 'call_api', token: TOKEN, got: HELD });
    expect(body).toContain('data-answer="call_api" data-status="401"');
    expect(body).toContain('Bearer error=&quot;invalid_token&quot;');
    expect(body).toContain('The access token expired');
    expect(body).toMatch(/aria-live="polite">The answer is 401 Unauthorized\.</);
  });

  it.each([
    ['nothing', ''],
    ['a line break', `${TOKEN}\r\nX-Evil: 1`],
    ['a space', 'a b'],
    ['another alphabet', 'τόκεν'],
  ])('Call the API: sends no header for %s', async (_what, token) => {
    const { press, calls } = await open(refused);
    expect((await press({ action: 'call_api', token })).statusCode).toBe(200);
    expect(calls[0]?.headers['authorization']).toBeUndefined();
  });

  it('gives the reason that the API gave, in words', async () => {
    const challenge = 'Bearer error="invalid_token", error_description="The access token was revoked"';
    const { press } = await open(
      () => new Response('', { status: 401, headers: { 'www-authenticate': challenge } }),
    );
    expect((await press({ action: 'call_api', token: TOKEN })).body).toContain(
      '</strong> · The access token was revoked</p>',
    );
  });

  it('sets JSON out so that it can be read, and loses nothing of it', async () => {
    const track = {
      name: 'Overture',
      album: {
        name: 'Fidelio',
        artists: [{ name: 'Ludwig van Beethoven', id: '2wOqMjp9TyABvtHdOSOTUS', type: 'artist' }],
      },
      restrictions: {},
      available_markets: Array.from({ length: 40 }, () => 'AT'),
      preview_url: null,
    };
    const { press } = await open(() => Response.json(track));
    const { body } = await press({ action: 'call_api', token: TOKEN });
    const [, shown = ''] = /aria-label="Body of the answer"><code>([^<]*)</.exec(body) ?? [];
    const text = shown.replaceAll('&quot;', '"');
    expect(JSON.parse(text)).toEqual(track);
    expect(text.split('\n')).toContain('  "restrictions": {},');
    expect(text.split('\n').length).toBeLessThan(20);
  });

  it('escapes what was typed and what was answered', async () => {
    const { press } = await open(() => new Response('<script>alert(1)</script>', { status: 500 }));
    const { body } = await press({ action: 'call_api', token: '"><script>alert(2)</script>' });
    expect(body).not.toContain('<script>alert');
  });

  it('Try a 30-second token: names the API, and shows what is left', async () => {
    const { press, calls } = await open(() => granted(30));
    const { body } = await press({ action: 'get_short_token', got: HELD });
    expect(new URLSearchParams(calls[0]?.body).get('resource')).toBe(DEMO.resources.musicShort);
    expect(body).toContain('data-left="30" data-lifetime="30"');
    expect(body).toContain(`value="${HELD}"`);
  });

  it('calls with the 30-second token where it is good, also after its end', async () => {
    const { press, calls } = await open(refused);
    const { body } = await press({ action: 'call_short_api', short: SHORT });
    expect(calls[0]?.url).toBe(`${DEMO.musicApi}${DEMO.shortPath}/tracks/${DEMO.trackId}`);
    expect(body).toContain('class="tile opaque ended"');
    expect(body).toContain('The access token expired');
  });

  it('Put it in a URL: does so, shows the refusal, does not show the token, offers to revoke', async () => {
    const { press, calls } = await open(() =>
      Response.json({ error: { status: 400, message: 'No' } }, { status: 400 }),
    );
    const { body } = await press({ action: 'put_in_url', got: HELD });
    expect(calls[0]?.url).toBe(`${DEMO.musicApi}/v1/tracks/${DEMO.trackId}?access_token=${TOKEN}`);
    expect(calls[0]?.headers['authorization']).toBeUndefined();
    expect(body).not.toContain(`access_token=${TOKEN}`);
    expect(body).toContain('400 Bad Request');
    expect(body).toContain('value="revoke"');
  });

  it('Put it in a URL: gets a token first if there is none', async () => {
    const { press, calls } = await open(({ method }) =>
      method === 'POST' ? granted() : new Response('', { status: 400 }),
    );
    await press({ action: 'put_in_url' });
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('Revoke it: revokes, and from then on the tile is in two pieces', async () => {
    const { press, calls } = await open(() => new Response(''));
    const { body } = await press({ action: 'revoke', got: HELD });
    expect(calls[0]).toMatchObject({ url: `${DEMO.issuer}/api/revoke`, body: `token=${TOKEN}` });
    expect(body).toContain('class="tile opaque revoked"');
    expect(body).toContain(`${AT - 1000} 3600 revoked ${TOKEN}`);
  });

  it('say so when nothing answers', async () => {
    const { press } = await open(() => {
      throw new TypeError('fetch failed');
    });
    expect((await press({ action: 'get_token' })).body).toContain('Nothing answered.');
  });
});

describe('GET /', () => {
  it('calls nobody, and shows getProfile() exactly as given', async () => {
    const { app, calls } = await open(() => granted());
    const { body, headers } = await app.inject('/');
    expect(calls).toEqual([]);
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(shownCode(body).filter(({ run }) => run === 'js')).toEqual([
      { run: 'js', code: GET_PROFILE_SOURCE },
    ]);
  });

  it('shows lines filled in with the demo’s own credentials and addresses', async () => {
    const { app } = await open(() => granted());
    const shell = shownCode((await app.inject('/')).body).filter(({ run }) => run === 'shell');
    expect(shell.length).toBeGreaterThanOrEqual(8);
    for (const { code } of shell) {
      expect(code).toContain(DEMO.issuer);
      expect(code).not.toMatch(/<[a-z]|\.\.\.|…/);
    }
  });
});
