import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Client } from '../domain/client.ts';
import { createClientKeys } from './client-keys.ts';

const URI = 'https://app.example/jwks';
const AT = 1_900_000_000_000;
const SECOND = 1000;

function publicKey(kid: string): Readonly<Record<string, unknown>> {
  const { publicKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...key.export({ format: 'jwk' }), kid };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the metadata are read
const client = { id: 'app', metadata: { jwks_uri: URI } } as unknown as Client;

/** A server whose answer can be changed and whose requests are counted. */
function publishing(first: unknown) {
  let answer: unknown = first;
  let asked = 0;
  const keys = createClientKeys({
    async get(url) {
      expect(url).toBe(URI);
      asked++;
      if (answer === undefined) throw new Error('unreachable');
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
      return { status: 200, headers: new Headers(), body: Buffer.from(text) };
    },
  });
  return {
    publish: (next: unknown) => void (answer = next),
    asked: () => asked,
    find: async (kid: string | undefined, at = AT) => (await keys.find(client, kid, 'ES256', at))?.kid,
  };
}

describe('a key set by URL is refused', () => {
  it.each<[string, unknown]>([
    ['when nobody answers', undefined],
    ['when it is no JSON', '<html>'],
    ['when it is no key set', []],
    ['when its keys are none', { keys: {} }],
    ['when a private key lies open in it', { keys: [publicKey('one'), { kty: 'EC', d: 'x' }] }],
    ['when it has too many keys', { keys: Array.from({ length: 51 }, (_, index) => ({ kid: `${index}` })) }],
    ['when it names two keys alike', { keys: [publicKey('one'), publicKey('one')] }],
  ])('%s', async (_what, answer) => {
    const { find, asked } = publishing(answer);
    expect(await find('one')).toBeUndefined();
    expect(asked()).toBe(1);
  });
});

it('tells keys of one name apart by their algorithm (FAPI 2.0 Security Profile §5.4.3)', async () => {
  const { publicKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = { ...other.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  expect(await publishing({ keys: [rsa, publicKey('one')] }).find('one')).toBe('one');
});

describe('rotation (oidcc-refresh-token-rp-key-rotation)', () => {
  it('finds a new key after half a minute, whatever is tried in between', async () => {
    const { find, publish, asked } = publishing({ keys: [publicKey('one')] });
    expect(await find('one')).toBe('one');
    publish({ keys: [publicKey('two')] });
    for (const kid of ['two', 'three', 'four']) expect(await find(kid, AT + 29 * SECOND)).toBeUndefined();
    expect(asked()).toBe(1);
    expect(await find('two', AT + 30 * SECOND)).toBe('two');
    expect(await find('one', AT + 31 * SECOND)).toBeUndefined();
    expect(asked()).toBe(2);
  });

  it('forgets a key that was taken away within five minutes', async () => {
    const { find, publish } = publishing({ keys: [publicKey('one')] });
    expect(await find('one')).toBe('one');
    publish({ keys: [] });
    expect(await find('one', AT + 299 * SECOND)).toBe('one');
    expect(await find('one', AT + 300 * SECOND)).toBeUndefined();
  });

  it('asks again after the clock was put back: how old the keys are nobody knows then', async () => {
    const { find, publish } = publishing({ keys: [publicKey('one')] });
    expect(await find('one', AT + 3600 * SECOND)).toBe('one');
    publish({ keys: [publicKey('two')] });
    expect(await find('one')).toBeUndefined();
    expect(await find('two')).toBe('two');
  });

  it('goes on for an hour while nobody answers, asking once in half a minute', async () => {
    const { find, publish, asked } = publishing({ keys: [publicKey('one')] });
    expect(await find('one')).toBe('one');
    publish(undefined);
    expect(await find('one', AT + 3599 * SECOND)).toBe('one');
    expect(await find('one', AT + 3599 * SECOND)).toBe('one');
    expect(asked()).toBe(2);
    expect(await find('one', AT + 3600 * SECOND)).toBeUndefined();
  });

  it('asks once for many at the same time', async () => {
    const { find, asked } = publishing({ keys: [publicKey('one')] });
    const found = await Promise.all(Array.from({ length: 32 }, () => find('one')));
    expect(new Set(found)).toEqual(new Set(['one']));
    expect(asked()).toBe(1);
  });
});

it('a client without keys has none', async () => {
  const keys = createClientKeys({ get: () => Promise.reject(new Error('no request is expected')) });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the metadata are read
  const without = { id: 'app', metadata: {} } as unknown as Client;
  expect(keys.find(without, undefined, 'ES256', AT)).toBeUndefined();
});

it('what apps that registered themselves make the server fetch is counted apart (RFC 7591 §5)', async () => {
  const asked: string[] = [];
  const answering = (name: string) => ({
    async get() {
      asked.push(name);
      return {
        status: 200,
        headers: new Headers(),
        body: Buffer.from(JSON.stringify({ keys: [publicKey('one')] })),
      };
    },
  });
  const keys = createClientKeys(answering('known'), answering('strangers'));
  for (const registeredBy of ['operator', 'registration', 'metadata_document'] as const) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    await keys.find({ ...client, registeredBy }, 'two', 'ES256', AT);
  }
  await keys.find({ metadata: client.metadata }, 'two', 'ES256', AT + 31 * SECOND);
  expect(asked).toEqual(['known', 'strangers', 'known']);
});

it('remembers the keys of thousands of apps, so that all sign in while nobody can be asked', async () => {
  const MANY = 5000;
  const body = Buffer.from(JSON.stringify({ keys: [publicKey('one')] }));
  let isReachable = true;
  const keys = createClientKeys({
    async get() {
      if (!isReachable) throw new Error('unreachable');
      return { status: 200, headers: new Headers(), body };
    },
  });
  const all = Array.from({ length: MANY }, (_, index) => ({
    ...client,
    metadata: { jwks_uri: `https://app.example/${index}` },
  }));
  const found = async (at: number): Promise<number> => {
    const kids = await Promise.all(all.map(async (each) => keys.find(each, 'one', 'ES256', at)));
    return kids.filter((key) => key !== undefined).length;
  };
  expect(await found(AT)).toBe(MANY);
  isReachable = false;
  expect(await found(AT + 600 * SECOND)).toBe(MANY);
});

it('keeps no more of large key sets than fits, and of many that are none', async () => {
  const filling = { kty: 'oct', filling: 'x'.repeat(60_000) };
  let asked = 0;
  const keys = createClientKeys({
    async get() {
      asked++;
      return { status: 200, headers: new Headers(), body: Buffer.from(JSON.stringify({ keys: [filling] })) };
    },
  });
  const look = (index: number) =>
    keys.find({ ...client, metadata: { jwks_uri: `https://app.example/${index}` } }, 'one', 'ES256', AT);
  for (let index = 0; index < 1500; index++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await look(index);
  }
  await look(1499);
  expect(asked).toBe(1500);
  await look(0);
  expect(asked).toBe(1501);
});
