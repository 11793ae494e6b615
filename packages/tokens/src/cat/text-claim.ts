/** A claim that only informs, under a label of one's own: text. */
import type { CatClaim } from './claim.ts';
import { readText } from './read-value.ts';

/** @param label what the claim is called in the token, such as `scope` */
export function textClaim(label: string): CatClaim<string> {
  return {
    name: label,
    label,
    support: 'extension',
    says: 'Text; informs only',
    read: readText,
    toJson: (text) => text,
    fromJson: (json) => (typeof json === 'string' ? json : undefined),
  };
}
