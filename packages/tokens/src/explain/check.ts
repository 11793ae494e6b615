/** One of the checks that a token goes through, as it is told to whoever asks why. */

/** In the words of the standards; of a Common Access Token each claim has one, under its name. */
export interface Check {
  readonly check: string;
  /** `skipped`: it could not be made here; `got` says why. */
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly expected?: string;
  readonly got?: string;
  /** What to do; there for each check that failed. */
  readonly fix?: string;
}

type Seen = Pick<Check, 'expected' | 'got'>;

/** Longer claims tell a person nothing. */
const LONGEST = 200;

export function passed(check: string, seen: Seen = {}): Check {
  return { check, result: 'passed', ...shortened(seen) };
}

export function failed(check: string, seen: Seen & { readonly fix: string }): Check {
  return { check, result: 'failed', ...shortened(seen), fix: seen.fix };
}

/** @param why in place of what was got */
export function skipped(check: string, why: string): Check {
  return { check, result: 'skipped', got: why };
}

/** A value of a claim as text. */
export function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param seconds since the epoch */
export function timeShown(seconds: unknown): string {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return shown(seconds);
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString().replace('.000Z', 'Z');
}

function shortened({ expected, got }: Seen): Seen {
  return {
    ...(expected === undefined ? {} : { expected: shorten(expected) }),
    ...(got === undefined ? {} : { got: shorten(got) }),
  };
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
