/** A time as people say it, with the exact one in UTC on hover and on focus. */
import { useSyncExternalStore } from 'react';

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** @param seconds since the epoch, as the APIs give them */
export function relativeTime(seconds: number, nowMs: number): string {
  const distance = seconds - nowMs / 1000;
  const size = Math.abs(distance);
  for (const [unit, length] of UNITS) {
    if (size >= length) return words.format(Math.trunc(distance / length), unit);
  }
  return size < 10 ? 'now' : words.format(Math.trunc(distance), 'second');
}

export function exactTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function Moment({ at }: { readonly at: number }) {
  const now = useNow(10_000);
  const exact = exactTime(at);
  return (
    <time className="moment" dateTime={new Date(at * 1000).toISOString()} tabIndex={0} data-exact={exact}>
      {relativeTime(at, now)}
      <span className="hidden">, {exact}</span>
    </time>
  );
}

/** The time, renewed as often as that; for everyone who asks with the same step at once. */
export function useNow(everyMs: number): number {
  return useSyncExternalStore(
    (changed) => {
      const timer = setInterval(changed, Math.min(everyMs, 1000));
      return () => clearInterval(timer);
    },
    () => Math.floor(Date.now() / everyMs) * everyMs,
  );
}
