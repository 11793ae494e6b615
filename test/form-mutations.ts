// Every way in which one field of a form may be wrong: gone, empty, doubled, of another kind, too long.
import type { Parameters } from './oauth-calls.ts';

const VALUES: readonly string[] = [
  '',
  ' ',
  '\0',
  'null',
  '{}',
  '[]',
  '-1',
  '1e9',
  'true',
  'a'.repeat(20_000),
  '"><script>',
  '__proto__',
  'openid profile email offline_access',
  'none',
  '\uD800',
];

export function mutationsOf(good: Parameters): readonly (readonly [name: string, changed: Parameters])[] {
  return Object.keys(good).flatMap((field) => [
    [`${field} deleted`, { ...good, [field]: undefined }] as const,
    [`${field} doubled`, { ...good, [field]: [String(good[field]), 'other'] }] as const,
    ...VALUES.map((value) => [`${field} = ${value.slice(0, 30)}`, { ...good, [field]: value }] as const),
  ]);
}
