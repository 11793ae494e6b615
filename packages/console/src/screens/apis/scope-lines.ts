/** Permissions as people type them: one a line, the scope and the sentence that people read. */
import type { Resource } from '../../api/described.ts';

export const SCOPES_HINT =
  'One a line: the scope, then the sentence that people read, as in: notes-read Read your notes';

export function readScopes(text: string): Resource['scopes'] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = line, description = ''] = /^(\S+)\s*(.*)$/u.exec(line) ?? [];
      return { name, description };
    });
}

export function writeScopes(scopes: Resource['scopes']): string {
  return scopes.map(({ name, description }) => `${name} ${description}`.trim()).join('\n');
}
