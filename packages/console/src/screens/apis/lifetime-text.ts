import type { Resource } from '../../api/described.ts';

/** @param rule seconds, or two ends to draw between; absent: as organization or server say */
export function lifetimeText(rule: Resource['access_token_lifetime']): string {
  if (rule === undefined) return 'as the server says';
  return typeof rule === 'number' ? `${rule} s` : `${rule.min} to ${rule.max} s, at random`;
}
