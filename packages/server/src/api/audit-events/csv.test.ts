import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.ts';

describe('a line of CSV', () => {
  it.each([
    ['=1+1', `"'=1+1"`],
    ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
    ['+1', `"'+1"`],
    ['-2+3', `"'-2+3"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['  =1', `"'  =1"`],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['\u200b=1', `"'\u200b=1"`],
    ['\uff1d1', `"'\uff1d1"`],
    ['\tx', `"'\tx"`],
    ['a","=1', `"a"",""=1"`],
    ['a\n=1', `"a\n=1"`],
  ])('holds %j as text', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });
  it('holds what there is and what there is not', () => {
    expect(csvLine(['a', undefined, 7, { b: '=1' }])).toBe('"a","","7","{""b"":""=1""}"\r\n');
  });
});
