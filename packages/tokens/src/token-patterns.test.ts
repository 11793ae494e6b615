import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findTokenStrings, tokenPatterns } from './token-patterns.ts';
import { createTokenString, tokenKinds } from './token-string.ts';

const altered = (token: string): string => {
  const at = token.length - 20;
  return `${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`;
};

describe('a scanner', () => {
  it.each(tokenKinds)('finds a token of the kind %s in a text, and knows an altered one offline', (kind) => {
    const token = createTokenString(kind, randomBytes);
    const text = `export TOKEN="${token}"\n# was ${altered(token)}, before\nhttps://x.example/?q=${token}&a=1`;
    const found = findTokenStrings(text);
    expect(found.map(({ intact }) => intact)).toEqual([true, false, true]);
    expect(found.map((each) => each.kind)).toEqual([kind, kind, kind]);
    expect(found.map(({ index, token: seen }) => text.slice(index, index + seen.length))).toEqual([
      token,
      altered(token),
      token,
    ]);
  });
  it('finds nothing in what only resembles one', () => {
    const token = createTokenString('at', randomBytes);
    for (const text of [
      '',
      'tsr_at_',
      `${token}A`,
      `A${token}`,
      token.slice(1),
      token.slice(0, -1),
      token.replace('_at_', '_zz_'),
    ]) {
      expect(findTokenStrings(text)).toEqual([]);
    }
  });
});

describe('the published patterns', () => {
  it.each(tokenPatterns)('$kind: takes its own kind and no other', ({ kind, pattern }) => {
    const whole = new RegExp(`^${pattern}$`);
    for (const other of tokenKinds) {
      expect(whole.test(createTokenString(other, randomBytes))).toBe(other === kind);
    }
  });
  it('say of every kind whether it is secret and what the server takes', () => {
    expect(tokenPatterns.map(({ kind }) => kind)).toEqual(tokenKinds);
    expect(tokenPatterns.filter(({ secret }) => !secret).map(({ kind }) => kind)).toEqual(['ct']);
    expect(tokenPatterns.filter(({ reportable }) => reportable).map(({ kind }) => kind)).toEqual([
      'at',
      'rt',
      'pat',
      'cs',
      'rat',
    ]);
  });
});
