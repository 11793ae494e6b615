// A secret that leaked is noticed, wherever it is and however it is written.
import { describe, expect, it } from 'vitest';
import { leaksIn } from './secrets.ts';

const canary = 'tsr_at_canary+of/a=secret';
const bytes = Buffer.from(canary);
const collected = new Map([
  ['a token', canary],
  ['a password', 'correct horse battery staple'],
]);

describe('a secret', () => {
  it.each([
    ['as it is', canary],
    ['in a URL', encodeURIComponent(canary)],
    ['in base64', bytes.toString('base64')],
    ['in base64url', bytes.toString('base64url')],
    ['in hex', bytes.toString('hex')],
    ['in a dump', bytes.toString('hex').toUpperCase()],
  ])('%s is found', (_how, text) => {
    const places = [
      { name: 'the log', text: `{"level":20,"msg":"${text}"}` },
      { name: 'the metrics', text: 'tessera_http_requests_total 1' },
    ];
    expect(leaksIn(places, collected)).toEqual(['a token is in the log']);
  });

  it('is counted once, with every place where it is', () => {
    const places = ['the log', 'the database'].map((name) => ({ name, text: `x${canary}` }));
    expect(leaksIn(places, collected)).toEqual(['a token is in the log, the database']);
  });

  it('of which only a part is there is none', () => {
    expect(leaksIn([{ name: 'the log', text: canary.slice(0, -1) }], collected)).toEqual([]);
    expect(leaksIn([{ name: 'the log', text: '' }], collected)).toEqual([]);
  });
});
