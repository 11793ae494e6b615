/** One-time codes that change every thirty seconds. @spec RFC 6238 §4 and §5.2, RFC 4226 §5.3 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../ports/random.ts';

const STEP_MS = 30_000;
const DIGITS = 6;
/** As long as a SHA-1 value (RFC 4226 §4, R6). */
const SEED_BYTES = 20;
/** How many steps a clock may be off, before and after. */
const SKEW_STEPS = 1;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function newSeed(random: Random): Uint8Array {
  return random(SEED_BYTES);
}

/** The time step of a moment in milliseconds. */
export function timeStepAt(at: number): number {
  return Math.floor(at / STEP_MS);
}

/** The code of one time step. SHA-1, because that is what authenticator apps know. */
export function timeCode(seed: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/**
 * The newest time step around `at` whose code this is. Every step is looked at, whether or not one has matched.
 * @param typed as the person typed it; spaces between the digits do no harm
 */
export function matchingStep(seed: Uint8Array, typed: string, at: number): number | undefined {
  const code = typed.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = timeStepAt(at);
  let found: number | undefined;
  for (let step = now - SKEW_STEPS; step <= now + SKEW_STEPS; step += 1) {
    if (timingSafeEqual(Buffer.from(timeCode(seed, step)), Buffer.from(code))) found = step;
  }
  return found;
}

/** A seed as a person types it (RFC 4648 §6), without padding. */
export function base32(seed: Uint8Array): string {
  let bits = '';
  for (const byte of seed) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('');
}

/** What the QR code says to an authenticator app (the Key URI format that all of them read). */
export function otpauthUri(issuer: string, account: string, seed: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const parameters = new URLSearchParams({
    secret: base32(seed),
    issuer,
    algorithm: 'SHA1',
    digits: String(DIGITS),
    period: String(STEP_MS / 1000),
  });
  // Apps read a plus sign as itself.
  return `otpauth://totp/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}
