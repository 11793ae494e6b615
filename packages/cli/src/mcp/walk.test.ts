import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CODE,
  jwt,
  type McpStub,
  REGISTRATION_TOKEN,
  sendJson,
  startMcpStub,
  TOKEN,
} from '../testing/mcp-stub.ts';
import { parameterOf } from './challenge.ts';
import type { Check } from './check.ts';
import { PROFILE_NAMES, profileOf } from './client-profile.ts';
import { walk, type Walked, type WalkOptions } from './walk.ts';

let stub: McpStub;
beforeEach(async () => {
  stub = await startMcpStub();
});
afterEach(() => stub.close());

function check(options: Partial<WalkOptions> & { readonly as?: string } = {}): Promise<Walked> {
  return walk({ url: stub.url, profile: profileOf(options.as), mayRegister: true, ...options });
}

/** The whole way, with a person who agrees. */
function signedIn(as?: string): Promise<Walked> {
  return check({ signIn: (address) => void stub.agree(address), ...(as !== undefined && { as }) });
}

/** Everything that is neither good nor left out. */
function bad({ checks }: Walked): readonly string[] {
  return checks
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'warn')
    .map(({ step, check: name, outcome }) => `${outcome} ${step}: ${name}`);
}

const remove = (document: Record<string, unknown>, name: string): void => {
  Reflect.deleteProperty(document, name);
};

type Break = (broken: McpStub) => void;

describe('a server that', () => {
  it.each<[string, Break, string]>([
    [
      'has no challenge',
      (s) => (s.challenge = undefined),
      'warn challenge: the 401 says where the metadata are',
    ],
    [
      'points to metadata that can be changed on the way',
      (s) => (s.challenge = 'Bearer scope="read", resource_metadata="http://mcp.example/x"'),
      'warn challenge: the 401 says where the metadata are',
    ],
    [
      'names no scope',
      (s) => (s.challenge = s.challenge?.replace(' scope="read",', '')),
      'warn challenge: the 401 says which scopes to ask for',
    ],
    [
      'names another API',
      (s) => (s.resource['resource'] = 'https://other.example/mcp'),
      'fail protected resource: they name this server',
    ],
    ['names no API', (s) => remove(s.resource, 'resource'), 'fail protected resource: they name this server'],
    [
      'names its parent',
      (s) => (s.resource['resource'] = `${s.origin}/`),
      'warn protected resource: they name this server',
    ],
    [
      'has no issuer',
      (s) => (s.resource['authorization_servers'] = []),
      'fail protected resource: they name an authorization server',
    ],
    [
      'asks for offline_access',
      (s) => (s.resource['scopes_supported'] = ['offline_access']),
      'warn protected resource: offline_access is not among the scopes',
    ],
    [
      'is another issuer',
      (s) => (s.issuer['issuer'] = `${s.origin}/`),
      'fail authorization server: they name this issuer',
    ],
    [
      'does not speak of PKCE',
      (s) => remove(s.issuer, 'code_challenge_methods_supported'),
      'fail authorization server: PKCE with S256',
    ],
    [
      'has an endpoint on http',
      (s) => (s.issuer['token_endpoint'] = 'http://as.example/token'),
      'fail authorization server: authorization and token endpoint',
    ],
    [
      'knows no code',
      (s) => (s.issuer['response_types_supported'] = ['token']),
      'fail authorization server: response_type code',
    ],
    [
      'promises no iss',
      (s) => remove(s.issuer, 'authorization_response_iss_parameter_supported'),
      'warn authorization server: iss in the answers',
    ],
    [
      'is for secrets only',
      (s) => remove(s.issuer, 'token_endpoint_auth_methods_supported'),
      'warn authorization server: clients without a secret',
    ],
    [
      'takes no documents',
      (s) => remove(s.issuer, 'client_id_metadata_document_supported'),
      'warn registration: clients known by their URL',
    ],
    [
      'refuses to register',
      (s) => s.answers.set('/register', (res) => sendJson(res, { error: 'access_denied' }, 403)),
      'fail registration: clients that register themselves',
    ],
    [
      'registers something else',
      (s) => s.answers.set('/register', (res) => sendJson(res, { client_id: 'x' }, 201)),
      'fail registration: clients that register themselves',
    ],
    ['goes on without PKCE', (s) => s.overlooks.add('pkce'), 'warn authorization: no PKCE is refused'],
    [
      'redirects anywhere',
      (s) => s.overlooks.add('redirect'),
      'fail authorization: no redirect to an address that is not registered',
    ],
    [
      'knows every resource',
      (s) => s.overlooks.add('resource'),
      'warn authorization: an unknown resource is refused',
    ],
    [
      'promises iss and forgets it',
      (s) => s.overlooks.add('iss'),
      'fail authorization: errors carry iss and state',
    ],
    ['loses state', (s) => s.overlooks.add('state'), 'fail authorization: errors carry iss and state'],
    [
      'fails',
      (s) => s.answers.set('/authorize', (res) => void res.writeHead(500).end()),
      'fail authorization: the request is taken',
    ],
  ])('%s', async (_, breakIt, expected) => {
    breakIt(stub);
    const walked = await check();
    expect(bad(walked)).toContain(expected);
    expect(walked.exitCode).toBe(walked.checks.some(({ outcome }) => outcome === 'fail') ? 1 : 0);
  });

  it.each<[string, Break, string]>([
    [
      'refuses the code',
      (s) =>
        s.answers.set('/token', (res, body) =>
          sendJson(res, { error: 'invalid_grant', error_description: body }, 400),
        ),
      'fail token: the code becomes a token',
    ],
    [
      'lets the token be kept',
      (s) => s.answers.set('/token', (res) => sendJson(res, s.tokenResponse)),
      'fail token: nobody keeps the answer',
    ],
    ['issues tokens without an end', (s) => remove(s.tokenResponse, 'expires_in'), 'warn token: it ends'],
    [
      'issues tokens for others',
      (s) => (s.tokenResponse['access_token'] = jwt({ aud: 'https://other.example/' })),
      'fail token: it is for this server alone',
    ],
    [
      'issues tokens for many',
      (s) => (s.tokenResponse['access_token'] = jwt({ aud: [s.url, 'https://other.example/'] })),
      'warn token: it is for this server alone',
    ],
    [
      'refuses its own token',
      (s) => (s.tokenResponse['access_token'] = jwt({ aud: s.url })),
      'fail call: the token is taken',
    ],
    [
      'wants more and does not say what',
      (s) =>
        s.answers.set('/mcp', (res) =>
          sendJson(res, {}, s.calls.push({ authorization: '', body: '' }) > 2 ? 403 : 401),
        ),
      'fail call: a missing scope is named',
    ],
  ])('%s', async (_, breakIt, expected) => {
    breakIt(stub);
    const walked = await signedIn();
    expect(bad(walked)).toContain(expected);
    expect(walked.exitCode === 0).toBe(walked.checks.every(({ outcome }) => outcome !== 'fail'));
  });

  it('names itself with the slash of an empty path', async () => {
    stub.resource['resource'] = `${stub.origin}/`;
    const judged = async (as?: string): Promise<string | undefined> => {
      const { checks } = await check({ url: stub.origin, ...(as !== undefined && { as }) });
      return checks.find(({ check: name }) => name === 'they name this server')?.outcome;
    };
    stub.answers.set('/', (res) => sendJson(res, {}, 401));
    expect([await judged(), await judged('vscode')]).toEqual(['pass', 'fail']);
  });

  it('answers everyone', async () => {
    stub.answers.set('/mcp', (res) => sendJson(res, { jsonrpc: '2.0', id: 1, result: {} }));
    const walked = await check();
    expect(bad(walked)).toContain('fail challenge: no token is answered 401');
    expect(walked.exitCode).toBe(1);
  });

  it('takes any token', async () => {
    let asked = 0;
    stub.answers.set('/mcp', (res) => sendJson(res, {}, asked++ === 0 ? 401 : 200));
    expect(bad(await check())).toContain('fail challenge: an invalid token is answered 401');
  });

  it('is not there, does not end, or is not what it says', async () => {
    expect(bad(await check({ url: 'http://127.0.0.1:1/mcp' }))).toContain(
      'fail challenge: no token is answered 401',
    );
    stub.answers.set(
      '/.well-known/oauth-authorization-server',
      (res) => void res.writeHead(200).end('x'.repeat(2 ** 21)),
    );
    expect(bad(await check())).toContain('warn authorization server: clients find them wherever they look');
    stub.answers.set(
      '/.well-known/openid-configuration',
      (res) => void res.writeHead(302, { location: '/x' }).end(),
    );
    const walked = await check();
    expect(bad(walked)).toContain('fail authorization server: the metadata are there');
    expect(stub.requests).not.toContain('GET /x');
  });

  it('has no metadata at all', async () => {
    for (const path of ['', '/mcp']) {
      stub.answers.set(
        `/.well-known/oauth-protected-resource${path}`,
        (res) => void res.writeHead(404).end(),
      );
    }
    const walked = await check();
    expect(bad(walked)).toContain('fail protected resource: the metadata are there');
    expect(walked.checks.filter(({ outcome }) => outcome === 'skip').map(({ step }) => step)).toEqual([
      'registration',
      'authorization',
      'token',
      'call',
    ]);
  });
});

describe('the way', () => {
  it('ends where a person must sign in, and leaves nothing behind', async () => {
    const walked = await check();
    expect(bad(walked)).toEqual([]);
    expect(walked.exitCode).toBe(0);
    expect(walked.checks.at(-2)).toMatchObject({
      step: 'token',
      outcome: 'skip',
      detail: expect.stringContaining('--sign-in'),
    });
    expect(stub.requests.at(-1)).toBe('DELETE /register/registered');
  });

  it.each([false, true])(
    'goes on to the call once somebody signed in (event stream: %s)',
    async (streams) => {
      stub.streams = streams;
      const walked = await signedIn();
      expect(bad(walked)).toEqual([]);
      expect(walked.exitCode).toBe(0);
      expect(walked.checks.at(-1)).toMatchObject({
        check: 'the tools are listed',
        outcome: 'pass',
        detail: '1 of them',
      });
    },
  );

  it('sends no code to another server than the one asked (RFC 9207 §2.4)', async () => {
    const walked = await check({
      signIn: (address) => {
        stub.issuer['issuer'] = 'https://evil.example';
        void stub.agree(address);
      },
    });
    expect(bad(walked)).toContain('fail token: the answer names its issuer');
    expect(stub.requests).not.toContain('POST /token');
  });

  it('takes a token that is given, and registers nobody', async () => {
    const walked = await check({ token: TOKEN });
    expect(bad(walked)).toEqual([]);
    expect(stub.requests).not.toContain('POST /register');
  });

  it('says by its exit code that a given token is not good, or not enough', async () => {
    expect((await check({ token: 'another' })).exitCode).toBe(3);
    stub.answers.set('/mcp', (res) => {
      const challenge = `Bearer error="insufficient_scope", scope="read write"`;
      sendJson(res, {}, stub.requests.filter((one) => one === 'POST /mcp').length % 3 === 0 ? 403 : 401, {
        'www-authenticate': challenge,
      });
    });
    stub.requests.length = 0;
    const walked = await check({ token: TOKEN });
    expect(walked.exitCode).toBe(5);
    expect(walked.checks.at(-1)).toMatchObject({ outcome: 'pass', detail: 'read write' });
  });

  it('never shows a token, a code or a verifier, even if the server repeats it', async () => {
    stub.answers.set('/token', (res, body) => sendJson(res, { error: body, error_description: body }, 400));
    const shown = JSON.stringify([await signedIn(), await check({ token: TOKEN })]);
    stub.answers.delete('/token');
    const more = JSON.stringify(await signedIn());
    for (const secret of [TOKEN, CODE, REGISTRATION_TOKEN]) expect(shown + more).not.toContain(secret);
    expect(shown).toContain('code_verifier=...');
  });

  it('says for every check which line asks for it, and what to do where it is not well', async () => {
    stub.challenge = undefined;
    const { checks } = await signedIn();
    const looked = checks.filter(({ check: name }) => name !== 'not looked at');
    expect(looked.filter(({ spec }: Check) => !/RFC \d+|MCP |OAuth 2\.1|Fetch|OpenID/.test(spec))).toEqual(
      [],
    );
    expect(
      checks.filter(({ outcome, fix }) => outcome !== 'pass' && outcome !== 'skip' && fix === undefined),
    ).toEqual([]);
  });
});

describe('as a client', () => {
  it.each(PROFILE_NAMES)('%s finds nothing wrong with a good server', async (as) => {
    const walked = await check({ as });
    expect(bad(walked)).toEqual([]);
    expect(walked.exitCode).toBe(0);
  });

  it.each<[string, string, Break, string]>([
    [
      'claude-code',
      'needs "none" for its document',
      (s) => (s.issuer['token_endpoint_auth_methods_supported'] = ['client_secret_basic']),
      'fail registration: clients known by their URL, without a secret',
    ],
    [
      'claude-code',
      'does not go where the 401 points',
      (s) => {
        s.challenge = s.challenge?.replace('/.well-known/oauth-protected-resource/mcp', '/elsewhere');
        s.answers.set('/elsewhere', (res) => sendJson(res, s.resource));
        for (const path of ['', '/mcp'])
          s.answers.set(
            `/.well-known/oauth-protected-resource${path}`,
            (res) => void res.writeHead(404).end(),
          );
      },
      'fail protected resource: the metadata are there',
    ],
    [
      'vscode',
      'wants the very URL',
      (s) => (s.resource['resource'] = s.origin),
      'fail protected resource: they name this server',
    ],
    [
      'codex',
      'asks for what the authorization server names',
      (s) => (s.issuer['scopes_supported'] = ['openid']),
      'warn authorization: the scopes that the client asks for',
    ],
    [
      'inspector',
      'is in a browser',
      (s) =>
        s.answers.set('/.well-known/oauth-protected-resource/mcp', (res) =>
          sendJson(res, s.resource, 200, { 'access-control-allow-origin': 'null' }),
        ),
      'fail protected resource: pages in a browser may read them',
    ],
    [
      'chatgpt',
      'becomes no client where nobody registers',
      (s) => remove(s.issuer, 'registration_endpoint'),
      'fail registration: a client can be had',
    ],
  ])('%s %s', async (as, _, breakIt, expected) => {
    breakIt(stub);
    expect(bad(await check({ as }))).toContain(expected);
  });

  it.each([
    ['claude-code', 'https://claude.ai/oauth/claude-code-client-metadata'],
    ['vscode', 'https://vscode.dev/oauth/client-metadata.json'],
    ['codex', 'registered'],
    ['inspector', 'registered'],
  ])('%s is known as %s', async (as, clientId) => {
    const { checks } = await check({ as });
    const found = checks.find(({ check: name }) => name === 'a client can be had');
    expect(found?.detail).toContain(clientId);
  });

  it('writes an API without a path as the client does', async () => {
    stub.resource['resource'] = stub.origin;
    stub.overlooks.add('resource');
    const detailOf = ({ checks }: Walked): string =>
      checks.find(({ check: name }) => name === 'the request is taken')?.detail ?? '';
    expect(detailOf(await check({ as: 'claude-code' }))).toContain(`resource=${stub.origin}/ `);
    expect(detailOf(await check({ as: 'inspector' }))).toContain(`resource=${stub.origin} `);
  });

  it('receives the answer where the client would, path and all', async () => {
    for (const as of ['claude-code', 'vscode', 'codex']) {
      // oxlint-disable-next-line no-await-in-loop -- one sign-in after the other
      const walked = await signedIn(as);
      expect(bad(walked)).toEqual([]);
      expect(walked.checks.at(-1)?.check).toBe('the tools are listed');
    }
    expect((await signedIn('chatgpt')).checks.at(-2)?.detail).toContain('only ChatGPT itself');
  });
});

describe('parameterOf (RFC 9110 §11.6.1)', () => {
  it.each([
    ['Bearer scope="a b"', 'scope', 'a b'],
    ['bearer SCOPE=a', 'scope', 'a'],
    ['Bearer realm="a, scope=b", scope="c"', 'scope', 'c'],
    ['Basic realm="x", Bearer scope="a"', 'scope', 'a'],
    [String.raw`Bearer scope="a\"b"`, 'scope', 'a"b'],
    ['Bearer', 'scope', undefined],
    ['Basic scope="a"', 'scope', undefined],
    ['Bearer xscope="a"', 'scope', undefined],
  ])('%s: %s', (header, name, value) => {
    expect(parameterOf(header, name)).toBe(value);
  });
});
