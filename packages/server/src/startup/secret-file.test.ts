import { chmodSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSecretFile } from './master-key.ts';

const directory = mkdtempSync(join(tmpdir(), 'tessera-secret-'));

it('does not write through a link to another file', () => {
  const other = join(directory, 'other');
  const link = join(directory, 'link');
  writeFileSync(other, 'theirs');
  symlinkSync(other, link);
  expect(() => writeSecretFile(link, 'secret')).toThrow(/cannot be written/);
  expect(readFileSync(other, 'utf8')).toBe('theirs');
});

it.each(['new', 'open to all'])('leaves a file that is %s to its owner alone', (name) => {
  const path = join(directory, name);
  if (name !== 'new') {
    writeFileSync(path, 'before, and longer');
    chmodSync(path, 0o644);
  }
  writeSecretFile(path, 'secret');
  expect(readFileSync(path, 'utf8')).toBe('secret');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
