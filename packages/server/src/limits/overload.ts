/**
 * When a node has more to do than it can: what it turns away, so that the rest is answered in time. A node is late
 * when its event loop is, and full when more requests are under way than it answers in time. What is expensive and
 * open to anybody goes first, then whoever sends more than others, then everything but what must always be answered.
 * @spec RFC 9110 §15.6.4, §10.2.3
 */
import { type Asking, createShares, type Shares } from './shares.ts';

/** `last`: turned away only when nothing else helps. */
export type Turn = 'first' | 'last';

export interface Overload {
  /** Whether a request may begin. Counts nothing. */
  admits(turn: Turn, asking: Asking): boolean;
  /** It is being worked on. */
  began(): void;
  /** Its answer is over, or whoever asked is gone. */
  ended(): void;
  /** How long an answer took, of those that are turned away last. */
  took(durationMs: number): void;
  /** To be called every BEAT_MS. */
  beat(): void;
}

export const BEAT_MS = 50;
/** Late for so long it is no hiccup, and after so long without it is over. */
const ALARM_AFTER_MS = 1000;
const CALM_AFTER_MS = 5000;
/** Of the requests under way: where the search for the right number begins, and between what it goes on. */
const FIRST_ROOM = 1024;
const LEAST_ROOM = 64;
const MOST_ROOM = 65_536;
/** At most so often one late answer makes the room smaller. */
const SHRINK_EVERY_MS = 100;

export interface OverloadSettings {
  /** How late a node may be; what is to go first goes at half of it. 0: nothing is ever turned away. */
  readonly waitMs: number;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Any number, so that nobody can foresee who shares a count with whom. */
  readonly seed: number;
}

export function createOverload(settings: OverloadSettings): Overload {
  return new Watch(settings);
}

class Watch implements Overload {
  readonly #waitMs: number;
  readonly #monotonic: () => number;
  readonly #shares: Shares;
  #expectedAt: number;
  /** How late the last beat was. */
  #lastLate = 0;
  /** Since when no beat was in time. */
  #lateSince: number | undefined;
  #lastLateAt = 0;
  #alarmed = false;
  #underWay = 0;
  #room = FIRST_ROOM;
  #shrunkAt = 0;

  constructor({ waitMs, monotonic, seed }: OverloadSettings) {
    this.#waitMs = waitMs === 0 ? Infinity : waitMs;
    this.#monotonic = monotonic;
    this.#shares = createShares(seed);
    this.#expectedAt = monotonic() + BEAT_MS;
  }

  admits(turn: Turn, asking: Asking): boolean {
    const fullness = this.#waitMs === Infinity ? 0 : this.#underWay / this.#room;
    if (!this.#alarmed && fullness < 0.5) return true;
    const lateness = this.#alarmed ? this.#lateness() : 0;
    const isMore = this.#shares.count(asking);
    if (turn === 'first' && (lateness >= 0.5 || fullness >= 0.5)) return false;
    if (isMore && (lateness >= 0.5 || fullness >= 0.75)) return false;
    return lateness < 1 && fullness < 1;
  }

  began(): void {
    this.#underWay += 1;
  }

  ended(): void {
    this.#underWay -= 1;
  }

  took(durationMs: number): void {
    // One slow answer among few says nothing about how many there may be.
    if (this.#underWay * 2 <= this.#room) return;
    if (durationMs <= this.#waitMs) {
      this.#room = Math.min(MOST_ROOM, this.#room + 1);
    } else if (durationMs > this.#waitMs * 2) {
      const now = this.#monotonic();
      if (now - this.#shrunkAt < SHRINK_EVERY_MS) return;
      this.#shrunkAt = now;
      this.#room = Math.max(LEAST_ROOM, Math.floor(this.#room * 0.9));
    }
  }

  beat(): void {
    const now = this.#monotonic();
    this.#lastLate = Math.max(0, now - this.#expectedAt);
    this.#expectedAt = now + BEAT_MS;
    this.#shares.beat(now);
    if (this.#lastLate < this.#waitMs / 4) {
      this.#lateSince = undefined;
      if (now - this.#lastLateAt >= CALM_AFTER_MS) this.#alarmed = false;
      return;
    }
    this.#lateSince ??= now - this.#lastLate;
    this.#lastLateAt = now;
    if (now - this.#lateSince >= ALARM_AFTER_MS) this.#alarmed = true;
  }

  /** 1: as late as it may be. A turn of the event loop that is not over yet counts as far as it has got. */
  #lateness(): number {
    return Math.max(this.#lastLate, this.#monotonic() - this.#expectedAt) / this.#waitMs;
  }
}
