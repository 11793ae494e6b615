import { expect, it } from 'vitest';
import { normalizeEmail } from './user.ts';

it.each([
  [' Ada@Example.TEST ', 'ada@example.test'],
  ['ren\u0065\u0301e@example.test', 'ren\u00e9e@example.test'],
  // J with caron has no composed form, j with caron has.
  ['\u004a\u030c@example.test', '\u01f0@example.test'],
])('%j is the account %j, and stays so', (typed, normal) => {
  expect(normalizeEmail(typed)).toBe(normal);
  expect(normalizeEmail(normal)).toBe(normal);
});
