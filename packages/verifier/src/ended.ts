import type { Clock } from './clock.ts';

/** Of each kind. Of most, status lists tell as well. */
const MAXIMUM_KEPT = 100_000;
/** Beyond it the ones heard first go, many at once: whoever forgets has to look at every list anew. */
const KEPT_OF_TOO_MANY = 90_000;
/** So much the issuer's clock may be ahead. */
const CLOCK_AHEAD_SECONDS = 5;

/** Names of what ended, each until its tokens have expired; bounded. */
export class Ended<Value = true> {
  readonly #clock: Clock;
  readonly #kept = new Map<
    string,
    { readonly value: Value; readonly until: number; readonly heardAt: number }
  >();
  /** When the last one was heard that had to go too early. */
  #forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(name: string): Value | undefined {
    return this.#kept.get(name)?.value;
  }

  has(name: string): boolean {
    return this.#kept.has(name);
  }

  /** Whether a token of that time may have ended by something that had to go. @param iat seconds */
  hasForgotten(iat: number): boolean {
    return (iat - CLOCK_AHEAD_SECONDS) * 1000 <= this.#forgottenAt;
  }

  clear(): void {
    this.#kept.clear();
  }

  /** @param exp seconds @returns whether some had to go whose tokens may be alive */
  add(name: string, exp: number, value: Value): boolean {
    // A second time means a later one.
    this.#kept.delete(name);
    const now = this.#clock();
    this.#kept.set(name, { value, until: exp * 1000, heardAt: now });
    if (this.#kept.size > MAXIMUM_KEPT) return this.#shrink(now);
    // What was heard first expires first, nearly; looking at two for each that comes keeps up with them.
    let looked = 0;
    for (const [oldest, { until }] of this.#kept) {
      if (looked === 2 || until > now) break;
      this.#kept.delete(oldest);
      looked += 1;
    }
    return false;
  }

  #shrink(now: number): boolean {
    for (const [name, { until }] of this.#kept) if (until <= now) this.#kept.delete(name);
    let isAnyForgotten = false;
    for (const [oldest, { heardAt }] of this.#kept) {
      if (this.#kept.size <= KEPT_OF_TOO_MANY) break;
      this.#kept.delete(oldest);
      this.#forgottenAt = heardAt;
      isAnyForgotten = true;
    }
    return isAnyForgotten;
  }
}
