import { createJwtSigner, hashTokenString, importSigningKey } from '@tessera/tokens';
import { createStatusList, statusListClaims } from '@tessera/tokens/status-list';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  EXP,
  METADATA_PATH,
  NOW,
  sendJson,
  startAuthorizationServer,
} from '../testing/authorization-server.ts';
import type { TestAuthorizationServer } from '../testing/authorization-server.ts';
import { TokenError } from './token-error.ts';
import type { VerifierOptions } from './verifier-options.ts';
import { createVerifier } from './verifier.ts';
import type { Verifier } from './verifier.ts';

const LIST = '/status-lists/0';
const EVENTS = '/events';

let server: TestAuthorizationServer;
let now = NOW;
let verifiers: Verifier[] = [];
let streams: { readonly res: ServerResponse; readonly lastEventId: string | undefined }[] = [];
let ended: number[] = [];
let listAnswers = 0;

beforeEach(async () => {
  server = await startAuthorizationServer();
  [now, verifiers, streams, ended, listAnswers] = [NOW, [], [], [], 0];
  const { issuer } = server;
  server.answers.set(METADATA_PATH, (res) =>
    sendJson(res, {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      introspection_endpoint: `${issuer}/api/introspect`,
      tessera_events_endpoint: `${issuer}${EVENTS}`,
    }),
  );
  server.answers.set(LIST, (res) => sendList(res));
  server.answers.set(EVENTS, (res, req) => {
    const lastEventId = req.headers['last-event-id'];
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('retry: 1\n\n');
    streams.push({ res, lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined });
  });
});
afterEach(async () => {
  for (const verifier of verifiers) verifier.close();
  for (const { res } of streams) res.end();
  await server.close();
});

function sendList(
  res: ServerResponse,
  change: object = {},
  typ = 'statuslist+jwt',
  type = `application/${typ}`,
): void {
  listAnswers += 1;
  const [key] = server.keys;
  if (key === undefined) throw new Error('no key');
  const list = createStatusList(1, 1024);
  for (const index of ended) list.set(index, 1);
  const seconds = Math.floor(now / 1000);
  const content = {
    uri: `${server.issuer}${LIST}`,
    issuedAt: seconds,
    expiresAt: seconds + 3600,
    ttl: 60,
    list,
  };
  const token = createJwtSigner(importSigningKey(key), typ).sign({ ...statusListClaims(content), ...change });
  res.writeHead(200, { 'content-type': type }).end(token);
}

const tokenAt = (idx: unknown, change: object = {}): string =>
  server.sign({ status: { status_list: { idx, uri: `${server.issuer}${LIST}` } }, ...change });
const verifierOf = (more: Partial<VerifierOptions> = {}): Verifier => {
  const verifier = createVerifier({ issuer: server.issuer, audience: AUDIENCE, clock: () => now, ...more });
  verifiers.push(verifier);
  return verifier;
};
const CREDENTIALS = { clientId: 'api', clientSecret: 'secret' } as const;
const codeOf = async (verifier: Verifier, token: string): Promise<string> => {
  const error: unknown = await verifier.verify(token).catch((reason: unknown) => reason);
  if (!(error instanceof Error)) return 'accepted';
  return error instanceof TokenError ? error.code : String(error);
};

describe('a status list', () => {
  it.each([
    [
      'at another address',
      (idx: number) => server.sign({ status: { status_list: { idx, uri: 'https://elsewhere.example/0' } } }),
    ],
    ['beyond its end', () => tokenAt(1024)],
    ['without an index', () => tokenAt(undefined)],
    ['told in another way', () => server.sign({ status: { other: {} } })],
    ['that is no object', () => server.sign({ status: 'good' })],
  ])('is not taken for a good one: %s', async (_what, token) => {
    expect(await codeOf(verifierOf(), token(1))).toBe('invalid_claims');
  });
  const unusable: readonly (readonly [string, (res: ServerResponse) => void])[] = [
    ['is gone', (res) => sendJson(res, {}, 404)],
    ['is no JWT', (res) => void res.writeHead(200).end('no list')],
    ['is another list', (res) => sendList(res, { sub: 'https://other.example/' })],
    ['is of another type', (res) => sendList(res, {}, 'at+jwt', 'application/statuslist+jwt')],
    ['has expired', (res) => sendList(res, { exp: NOW / 1000 })],
    ['grows too large', (res) => void res.writeHead(200).end('A'.repeat(3 * 1024 * 1024))],
  ];
  it.each(unusable)(
    'that %s is none: what is unknown passes or not by the setting',
    async (_what, answer) => {
      server.answers.set(LIST, answer);
      expect(await codeOf(verifierOf(), tokenAt(1))).toBe('accepted');
      expect(await codeOf(verifierOf({ onStaleRevocation: 'deny' }), tokenAt(1))).toBe('unavailable');
    },
  );
  it('is fetched once for many, and again when its time is over', async () => {
    ended = [7];
    const verifier = verifierOf();
    const codes = await Promise.all([7, 8, 7, 9].map((idx) => codeOf(verifier, tokenAt(idx))));
    expect(codes).toEqual(['revoked', 'accepted', 'revoked', 'accepted']);
    expect(listAnswers).toBe(1);
    ended = [7, 8];
    now += 59_000;
    await codeOf(verifier, tokenAt(8));
    now += 1000;
    expect(await codeOf(verifier, tokenAt(8))).toBe('revoked');
  });
  it('is fetched again after the clock has been set back', async () => {
    const verifier = verifierOf();
    const token = tokenAt(8, { exp: NOW / 1000 + 7200 });
    now += 3_600_000;
    expect([await codeOf(verifier, token), listAnswers]).toEqual(['accepted', 1]);
    ended = [8];
    now -= 3_600_000;
    expect(await codeOf(verifier, token)).toBe('revoked');
  });
  it('of hundreds is fetched once, too', async () => {
    const verifier = verifierOf();
    const tokens = Array.from({ length: 300 }, (_, number) => {
      const path = `/status-lists/${number + 1}`;
      server.answers.set(path, (res) => sendList(res, { sub: `${server.issuer}${path}` }));
      return server.sign({ status: { status_list: { idx: 3, uri: `${server.issuer}${path}` } } });
    });
    for (const token of [...tokens, ...tokens]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as they come
      expect(await codeOf(verifier, token)).toBe('accepted');
    }
    expect(listAnswers).toBe(300);
  });
  it('that cannot be fetched any more is used until its time is over, and an end is never forgotten', async () => {
    ended = [7];
    const verifier = verifierOf({ onStaleRevocation: 'deny' });
    expect(await codeOf(verifier, tokenAt(8))).toBe('accepted');
    server.answers.set(LIST, (res) => sendJson(res, {}, 500));
    now += 59_999;
    expect(await codeOf(verifier, tokenAt(8))).toBe('accepted');
    now += 1;
    expect([await codeOf(verifier, tokenAt(8)), await codeOf(verifier, tokenAt(7))]).toEqual([
      'unavailable',
      'revoked',
    ]);
  });
});

describe('events', () => {
  const connected = async (verifier: Verifier): Promise<ServerResponse> => {
    const before = streams.length;
    expect(await codeOf(verifier, tokenAt(1))).toBe('accepted');
    await expect.poll(() => streams.length).toBe(before + 1);
    return streams.at(-1)?.res as ServerResponse;
  };
  const say = (res: ServerResponse, event: string, data: object, id = 'place'): void =>
    void res.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const told: readonly (readonly [string, (token: { idx: number; jti: string }) => object])[] = [
    [
      'its place in a list',
      ({ idx }) => ({ token: 'x', exp: EXP, status: { uri: `${server.issuer}${LIST}`, idx } }),
    ],
    ['its grant', () => ({ grant: 'gra_1', exp: EXP })],
    ['its client', () => ({ client_id: 'app', before: NOW / 1000 + 1, exp: EXP })],
    ['its API', () => ({ resource: AUDIENCE, before: NOW / 1000 + 1, exp: EXP })],
  ];
  it.each(told)('end a token at once by %s', async (_what, data) => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    say(res, 'live', {});
    const claims = { grant_id: 'gra_1', client_id: 'app', jti: 'one', iat: NOW / 1000 };
    const token = tokenAt(5, claims);
    expect(await codeOf(verifier, token)).toBe('accepted');
    say(res, 'ended', data({ idx: 5, jti: 'one' }));
    await expect.poll(() => codeOf(verifier, token), { interval: 5 }).toBe('revoked');
    const later = tokenAt(6, { grant_id: 'gra_2', client_id: 'app', iat: NOW / 1000 + 1 });
    expect(await codeOf(verifier, later)).toBe('accepted');
  });
  describe('of changes of policies', () => {
    const AT = NOW / 1000;
    const change = (epoch: number, more: object = {}): object => ({
      policy: { epoch, ...more },
      before: AT + 2,
      exp: EXP,
    });
    const heard = async (...changes: readonly object[]): Promise<(claims: object) => Promise<string>> => {
      const verifier = verifierOf(CREDENTIALS);
      const res = await connected(verifier);
      for (const each of changes) say(res, 'ended', each);
      say(res, 'ended', { grant: 'gra_last', exp: EXP });
      say(res, 'live', {});
      const last = tokenAt(9, { grant_id: 'gra_last', policy_epoch: 99 });
      await expect.poll(() => codeOf(verifier, last), { interval: 5 }).toBe('revoked');
      return (claims) => codeOf(verifier, tokenAt(5, { iat: AT, ...claims }));
    };
    it('the newest counts, in whatever order they are told', async () => {
      const code = await heard(change(5), change(4));
      expect(await code({ policy_epoch: 4 })).toBe('revoked');
      expect(await code({ policy_epoch: 5 })).toBe('accepted');
    });
    it('what was issued while one was still to be written down was not judged by it', async () => {
      const code = await heard({ ...change(5), before: AT - 60 });
      expect(await code({ policy_epoch: 4 })).toBe('revoked');
      expect(await code({})).toBe('revoked');
      expect(await code({ policy_epoch: 5 })).toBe('accepted');
    });
    it('in an organization concern tokens that do not say whose they are', async () => {
      const code = await heard(change(5, { org_id: 'org_1' }));
      expect(await code({ org_id: 'org_2' })).toBe('accepted');
      expect(await code({})).toBe('revoked');
    });
    it('are forgotten when the issuer was set back', async () => {
      const code = await heard(change(5), { epoch: NOW, before: AT + 1, exp: EXP });
      expect(await code({ policy_epoch: 4, iat: AT + 1 })).toBe('accepted');
      expect(await code({ policy_epoch: 5, iat: AT })).toBe('revoked');
    });
  });
  it('end a token that no list tells of by the hash of its id', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    const token = server.sign({ jti: 'unlisted' });
    expect(await codeOf(verifier, token)).toBe('accepted');
    say(res, 'ended', { token: Buffer.from(hashTokenString('unlisted')).toString('base64url'), exp: EXP });
    await expect.poll(() => codeOf(verifier, token), { interval: 5 }).toBe('revoked');
  });
  describe('of more than are remembered', () => {
    const seconds = NOW / 1000;
    const hashOf = (jti: string): string => Buffer.from(hashTokenString(jti)).toString('base64url');
    /** Tells of one, and of a hundred thousand others after it. */
    const tellMany = async (verifier: Verifier, of: (index: number) => object): Promise<void> => {
      const res = await connected(verifier);
      say(res, 'live', {});
      await expect
        .poll(async () => [await codeOf(verifier, tokenAt(1)), listAnswers], { interval: 5 })
        .toEqual(['accepted', 2]);
      ended = [6];
      const all = Array.from({ length: 100_001 }, (_, index) => ({ exp: EXP, ...of(index) }));
      for (const each of all) say(res, 'ended', each);
      say(res, 'ended', { grant: 'gra_last', exp: EXP });
      const last = server.sign({ grant_id: 'gra_last' });
      await expect.poll(() => codeOf(verifier, last), { interval: 50, timeout: 20_000 }).toBe('revoked');
    };
    const unlisted: readonly (readonly [string, (index: number) => object, object])[] = [
      ['token', (index) => ({ token: hashOf(`jti ${index}`) }), { jti: 'jti 0' }],
      ['grant', (index) => ({ grant: `gra ${index}` }), { grant_id: 'gra 0' }],
    ];
    it.each(unlisted)('do not let a %s come back that no list tells of', async (_what, of, claims) => {
      const verifier = verifierOf(CREDENTIALS);
      await tellMany(verifier, of);
      expect(await codeOf(verifier, server.sign({ ...claims, iat: seconds - 60 }))).toBe('revoked');
      now += 60_000;
      const later = { jti: 'good', grant_id: 'good', iat: now / 1000 };
      expect(await codeOf(verifier, server.sign(later))).toBe('accepted');
    });
    it('do not let an app come back: the lists are looked at again', async () => {
      const verifier = verifierOf(CREDENTIALS);
      await tellMany(verifier, (index) => ({ client_id: `app ${index}`, before: seconds }));
      expect(await codeOf(verifier, tokenAt(6, { client_id: 'app 0', iat: seconds - 60 }))).toBe('revoked');
    });
    it('fetch a list anew once, not with each of them', async () => {
      const verifier = verifierOf(CREDENTIALS);
      const place = (index: number): object => ({
        token: 'x',
        status: { uri: `${server.issuer}${LIST}`, idx: 10 + index },
      });
      await tellMany(verifier, place);
      await codeOf(verifier, tokenAt(1));
      const before = listAnswers;
      const res = streams.at(-1)?.res as ServerResponse;
      for (let index = 0; index < 100; index++) say(res, 'ended', { exp: EXP, ...place(200_000 + index) });
      say(res, 'ended', { grant: 'gra_more', exp: EXP });
      const more = server.sign({ grant_id: 'gra_more' });
      await expect.poll(() => codeOf(verifier, more), { interval: 5 }).toBe('revoked');
      expect([await codeOf(verifier, tokenAt(1)), listAnswers]).toEqual(['accepted', before]);
    });
  });
  it('spare the list as long as they are live, and no longer', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    say(res, 'live', {});
    // One more for what ended before it was live.
    await expect
      .poll(async () => [await codeOf(verifier, tokenAt(1)), listAnswers], { interval: 5 })
      .toEqual(['accepted', 2]);
    now += 300_000;
    expect([await codeOf(verifier, tokenAt(1)), listAnswers]).toEqual(['accepted', 2]);
    res.end();
    await expect
      .poll(async () => [await codeOf(verifier, tokenAt(1)), listAnswers], { interval: 5 })
      .toEqual(['accepted', 3]);
  });
  it('are taken up from the last place, in pieces of any size', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    const message = `id: 17-a\r\nevent: ended\r\ndata: {"grant":\r\ndata: "gra_ö","exp":${EXP}}\r\n\r\n`;
    for (const byte of Buffer.from(message, 'utf8')) res.write(Buffer.from([byte]));
    await expect
      .poll(() => codeOf(verifier, tokenAt(2, { grant_id: 'gra_ö' })), { interval: 5 })
      .toBe('revoked');
    res.end();
    await expect.poll(() => streams.length).toBe(2);
    expect(streams[1]?.lastEventId).toBe('17-a');
  });
  it('that cannot be read, or were reset, make every list old', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    say(res, 'live', {});
    await expect
      .poll(async () => [await codeOf(verifier, tokenAt(1)), listAnswers], { interval: 5 })
      .toEqual(['accepted', 2]);
    say(res, 'ended', { epoch: 7 });
    await expect
      .poll(async () => [await codeOf(verifier, tokenAt(1)), listAnswers], { interval: 5 })
      .toEqual(['accepted', 3]);
    ended = [1];
    say(res, 'reset', {});
    say(res, 'live', {});
    await expect.poll(() => codeOf(verifier, tokenAt(1)), { interval: 5 }).toBe('revoked');
  });
  it('are not asked for without credentials, nor where they are not wanted', async () => {
    for (const more of [
      {},
      { ...CREDENTIALS, issuerRevocation: 'status_lists' },
      { ...CREDENTIALS, issuerRevocation: 'off' },
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- three
      expect(await codeOf(verifierOf(more), tokenAt(1))).toBe('accepted');
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(streams).toEqual([]);
  });
  it('that come while a list is under way count', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    const held: ServerResponse[] = [];
    server.answers.set(LIST, (answer) => void held.push(answer));
    say(res, 'live', {});
    const ofGrant = { grant_id: 'gra_1' };
    const checks: Promise<string>[] = [];
    // Once it is live, the list from before is too old.
    await expect
      .poll(() => {
        checks.push(codeOf(verifier, tokenAt(5, ofGrant)));
        return held.length;
      })
      .toBe(1);
    say(res, 'ended', { grant: 'gra_1', exp: EXP });
    await expect.poll(() => codeOf(verifier, server.sign({ ...ofGrant, jti: 'other' }))).toBe('revoked');
    server.answers.set(LIST, (answer) => sendList(answer));
    for (const answer of held) sendList(answer);
    expect(await checks.at(-1)).toBe('revoked');
  });
  it('that were cut off make a list old that came from a cache meanwhile', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    server.answers.set(LIST, (answer, { headers }) => {
      ended = headers['cache-control'] === 'no-cache' ? [5] : [];
      sendList(answer);
    });
    const isLive = server.sign({ jti: 'x', grant_id: 'gra_9' });
    say(res, 'live', {});
    say(res, 'ended', { grant: 'gra_9', exp: EXP });
    await expect.poll(() => codeOf(verifier, isLive)).toBe('revoked');
    const answer = server.answers.get(EVENTS)!;
    server.answers.set(EVENTS, (refused) => sendJson(refused, {}, 503));
    now += 60_000;
    res.end();
    await expect.poll(() => server.hits.get(EVENTS)).toBe(2);
    expect(await codeOf(verifier, tokenAt(5))).toBe('accepted');
    server.answers.set(EVENTS, answer);
    await expect.poll(() => streams.length).toBe(2);
    say(streams[1]!.res, 'live', {});
    await expect.poll(() => codeOf(verifier, tokenAt(5))).toBe('revoked');
  });
  it('are not asked for once the verifier is closed, though it was about to', async () => {
    let release: (() => void) | undefined;
    const { issuer } = server;
    server.answers.set(METADATA_PATH, (answer) => {
      release = () =>
        sendJson(answer, {
          issuer,
          jwks_uri: `${issuer}/.well-known/jwks.json`,
          tessera_events_endpoint: `${issuer}${EVENTS}`,
        });
    });
    const verifier = verifierOf({
      ...CREDENTIALS,
      jwks: () => ({ keys: server.keys.map((key) => key.publicJwk) }),
    });
    void codeOf(verifier, tokenAt(1));
    await expect.poll(() => release !== undefined).toBe(true);
    verifier.close();
    release?.();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(streams.length).toBe(0);
    await codeOf(verifier, tokenAt(1));
    expect(streams.length).toBe(0);
  });
  it('are not asked for by a verifier that was closed before its first token', async () => {
    const verifier = verifierOf(CREDENTIALS);
    verifier.close();
    expect(await codeOf(verifier, tokenAt(1))).toBe('accepted');
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    expect(streams.length).toBe(0);
  });
  it('end with the verifier', async () => {
    const verifier = verifierOf(CREDENTIALS);
    const res = await connected(verifier);
    let isClosed = false;
    res.once('close', () => (isClosed = true));
    verifier.close();
    await expect.poll(() => isClosed).toBe(true);
  });
});
