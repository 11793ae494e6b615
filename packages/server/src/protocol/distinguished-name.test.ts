import { expect, it } from 'vitest';
import { isSameName, parseCertificateSubject, parseDistinguishedName } from './distinguished-name.ts';

/** @param subject as Node shows it: a line for each part, the least specific first */
function matches(registered: string, subject: string): boolean {
  const [expected, shown] = [parseDistinguishedName(registered), parseCertificateSubject(subject)];
  return expected !== undefined && shown !== undefined && isSameName(expected, shown);
}

it.each([
  ['CN=a,O=b', 'O=b\nCN=a'],
  ['cn = a , o = b', 'O=b\nCN=a'],
  ['2.5.4.3=a', 'CN=a'],
  ['OU=x+CN=a', 'CN=a + OU=x'],
  ['CN=a\\,b', 'CN=a\\,b'],
  ['CN=a\\2cb', 'CN=a\\,b'],
  ['CN=\\c3\\a9', 'CN=é'],
  ['CN=a\\ ', 'CN=a\\ '],
  ['CN=a=b', 'CN=a=b'],
  ['1.2.3.4=x', '1.2.3.4=x'],
])('RFC 4514 §3: %s is %j', (registered, subject) => {
  expect(matches(registered, subject)).toBe(true);
});

it.each([
  ['CN=a,O=b', 'CN=a\nO=b'],
  ['CN=a', 'O=b\nCN=a'],
  ['CN=a,O=b', 'CN=a\\,O=b'],
  ['CN=a+O=b', 'O=b\nCN=a'],
  ['CN=a', 'CN=A'],
  ['CN=a', 'CN=a\\ '],
  ['CN=a', 'CN=a\\0A'],
  ['CN=a', 'OU=a'],
  ['CN=a', ''],
  ['', ''],
  ['CN', 'CN'],
  ['CN="a"', 'CN=a'],
])('RFC 4514 §3: %s is not %j', (registered, subject) => {
  expect(matches(registered, subject)).toBe(false);
});
