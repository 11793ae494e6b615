import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashRecoveryCode, newRecoveryCodes, readRecoveryCode } from './recovery-codes.ts';

describe('readRecoveryCode refuses', () => {
  it.each([
    ['nothing', ''],
    ['too few letters', 'ABCD-EFGH-JKMN-PQR'],
    ['too many', 'ABCD-EFGH-JKMN-PQRS-T'],
    ['a letter that is in no code', 'ABCD-EFGH-JKMN-PQRU'],
    ['letters of another script', 'АBCD-EFGH-JKMN-PQRS'],
  ])('%s', (_what, typed) => {
    expect(readRecoveryCode(typed)).toBeUndefined();
  });
});

describe('recovery codes', () => {
  const codes = newRecoveryCodes(randomBytes);

  it('are ten, and each its own', () => {
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  });
  it('are read as they were shown, and as people type them', () => {
    for (const code of codes) {
      expect(readRecoveryCode(code)).toBe(code);
      expect(readRecoveryCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toBe(code);
      expect(readRecoveryCode(code.replaceAll('-', '').replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(code);
    }
  });
  it('are kept by a hash that is of one person alone', () => {
    const [code = ''] = codes;
    expect(hashRecoveryCode('usr_ada', code)).not.toEqual(hashRecoveryCode('usr_bob', code));
    expect(Buffer.from(hashRecoveryCode('usr_ada', code)).toString('latin1')).not.toContain(code);
  });
});
