/** A limit: so many within so long, as settings write it. */

export interface Limit {
  /** How many are allowed within the time. */
  readonly count: number;
  readonly seconds: number;
}

/** What a setting looks like: `100/15m`. */
export const LIMIT_PATTERN = '^[1-9][0-9]{0,5}/[1-9][0-9]{0,3}[smh]$';

/** What was counted is kept for so long. */
export const LONGEST_SECONDS = 86_400;

const UNITS = { s: 1, m: 60, h: 3600 } as const;

/** @returns undefined for what has not the form, or a time longer than a day */
export function readLimit(text: string): Limit | undefined {
  if (!new RegExp(LIMIT_PATTERN).test(text)) return undefined;
  const [count = '', time = ''] = text.split('/');
  const seconds = Number(time.slice(0, -1)) * UNITS[time.slice(-1) as keyof typeof UNITS];
  return seconds <= LONGEST_SECONDS ? { count: Number(count), seconds } : undefined;
}
