import { describe, expect, it } from 'vitest';
import { compareWithNearest } from './compare-uris.ts';

describe('a redirect URI that came', () => {
  it('is compared with nothing where nothing is registered', () => {
    expect(compareWithNearest('https://a.example/cb', [])).toBeUndefined();
  });

  it.each([
    ['more at its end', 'https://a.example/cb/', 'https://a.example/cb', ['/', ''], 21],
    ['less at its end', 'https://a.example/c', 'https://a.example/cb', ['', 'b'], 20],
    ['another scheme', 'http://a.example/cb', 'https://a.example/cb', ['', 's'], 5],
    ['another letter', 'https://a.example/Cb', 'https://a.example/cb', ['C', 'c'], 19],
    ['a letter twice', 'https://a.example/cbb', 'https://a.example/cb', ['b', ''], 21],
  ])('has %s', (_, got, registered, [differs, other], position) => {
    const comparison = compareWithNearest(got, ['https://elsewhere.example/', registered]);
    expect(comparison).toMatchObject({ position, got: { differs }, registered: { differs: other } });
    const whole = [comparison?.got, comparison?.registered].map(
      (marked) => `${marked?.before}${marked?.differs}${marked?.after}`,
    );
    expect(whole).toEqual([got, registered]);
  });
});
