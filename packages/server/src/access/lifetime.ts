/**
 * How long an access token lives, and which rule said so.
 * @spec RFC 6749 §4.2.2 (`expires_in`)
 */
import type { Resource } from '../domain/resource.ts';
import type { Random } from '../ports/random.ts';

export interface Lifetime {
  /** Whole seconds. */
  readonly seconds: number;
  /** The rule, for whoever asks why. */
  readonly reason: 'standard' | 'api' | 'api_random' | 'subject_token';
}

const STANDARD: Lifetime = { seconds: 3600, reason: 'standard' };

/** The lifetime of a token for an API; an hour where no API says otherwise. */
export function accessTokenLifetime(resource: Resource | undefined, random: Random): Lifetime {
  if (resource === undefined) return STANDARD;
  const rule = resource.accessTokenLifetime;
  if (typeof rule === 'number') return { seconds: rule, reason: 'api' };
  return { seconds: drawBetween(rule.min, rule.max, random), reason: 'api_random' };
}

/** A whole number, evenly from `min` to `max`, both included; draws again rather than favour small values. */
function drawBetween(min: number, max: number, random: Random): number {
  const span = max - min + 1;
  const limit = Math.floor(0x1_0000_0000 / span) * span;
  for (;;) {
    const bytes = random(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < limit) return min + (drawn % span);
  }
}
