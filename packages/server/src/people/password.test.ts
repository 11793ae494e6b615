import { describe, expect, it } from 'vitest';
import {
  createPasswords,
  PASSWORD_MAX_BYTES,
  UNKNOWN_ACCOUNT_HASH,
  validateNewPassword,
} from './password.ts';
import { createPasswordQueue } from './password-queue.ts';
import type { PasswordQueue } from './password-queue.ts';

const passwords = createPasswords(createPasswordQueue());
const parameters = (phc: string) => phc.split('$').slice(0, 4);

describe('validateNewPassword', () => {
  it.each([
    ['seven bytes', '1234567', 'too_short'],
    ['nothing', '', 'too_short'],
    ['more than can be hashed', 'x'.repeat(PASSWORD_MAX_BYTES + 1), 'too_long'],
    ['characters of two bytes, over the limit in bytes', 'é'.repeat(513), 'too_long'],
    ['half a surrogate pair', 'password\ud83d', 'not_unicode'],
    ['eight bytes', '12345678', undefined],
    ['the longest', 'x'.repeat(PASSWORD_MAX_BYTES), undefined],
    ['a sentence with spaces', 'correct horse battery', undefined],
  ])('%s', (_what, password, fault) => {
    expect(validateNewPassword(password)).toBe(fault);
  });
});

describe('passwords', () => {
  it('does not hash what validateNewPassword refuses', async () => {
    await expect(passwords.hashPassword('short')).rejects.toThrow(RangeError);
  });

  it('refuses another password, a longer one with the same start, and none', async () => {
    const phc = await passwords.hashPassword('correct horse battery');
    for (const wrong of ['correct horse batterx', 'correct horse battery ', 'Correct horse battery', '']) {
      expect(await passwords.verifyPassword(phc, wrong)).toBe(false);
    }
  });

  it('hashes the whole input: two long passwords that differ in the last byte are two', async () => {
    const phc = await passwords.hashPassword(`${'x'.repeat(PASSWORD_MAX_BYTES - 1)}a`);
    expect(await passwords.verifyPassword(phc, `${'x'.repeat(PASSWORD_MAX_BYTES - 1)}b`)).toBe(false);
  });

  it('refuses without a hash, after one verification all the same', async () => {
    let runs = 0;
    const counting: Pick<PasswordQueue, 'run'> = {
      run(work) {
        runs += 1;
        return work();
      },
    };
    expect(await createPasswords(counting).verifyPassword(undefined, 'anything at all')).toBe(false);
    expect(runs).toBe(1);
  });

  it('spends on an absent hash what it spends on a present one', async () => {
    expect(parameters(UNKNOWN_ACCOUNT_HASH)).toEqual(parameters(await passwords.hashPassword('12345678')));
    expect(parameters(UNKNOWN_ACCOUNT_HASH)).toEqual(['', 'argon2id', 'v=19', 'm=19456,t=2,p=1']);
  });

  it('accepts the same characters typed in another normal form', async () => {
    const phc = await passwords.hashPassword('caf\u00e9 au lait');
    expect(await passwords.verifyPassword(phc, 'cafe\u0301 au lait')).toBe(true);
  });

  it('salts: the same password twice gives two hashes', async () => {
    const [one, two] = await Promise.all([
      passwords.hashPassword('12345678'),
      passwords.hashPassword('12345678'),
    ]);
    expect(one).not.toBe(two);
  });
});
