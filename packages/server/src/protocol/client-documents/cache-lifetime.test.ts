import { expect, it } from 'vitest';
import { cacheLifetime } from './cache-lifetime.ts';

const NOW = Date.UTC(2027, 0, 15);
const DAY_SECONDS = 86_400;

it.each<[string, Record<string, string>, number]>([
  ['nothing said', {}, 30],
  ['not to be kept (RFC 9111 §5.2.2.5)', { 'cache-control': 'no-store, max-age=600' }, 30],
  ['to be asked about each time (RFC 9111 §5.2.2.4)', { 'cache-control': 'No-Cache' }, 30],
  ['a second', { 'cache-control': 'max-age=1' }, 30],
  ['ten minutes', { 'cache-control': 'public, max-age=600' }, 600],
  ['ten minutes, in quotes', { 'cache-control': 'max-age="600"' }, 600],
  [
    'ten minutes, four of which are over (RFC 9111 §5.1)',
    { 'cache-control': 'max-age=600', age: '240' },
    360,
  ],
  ['of shared caches only', { 'cache-control': 's-maxage=600' }, 30],
  ['a year', { 'cache-control': 'max-age=31536000' }, DAY_SECONDS],
  ['no number', { 'cache-control': 'max-age=soon' }, 30],
  ['an hour, by the clock (RFC 9111 §5.3)', { expires: new Date(NOW + 3_600_000).toUTCString() }, 3600],
  ['an end that is past', { expires: new Date(NOW - 1000).toUTCString() }, 30],
  ['an end that is no date', { expires: '0' }, 30],
])('%s', (_what, headers, seconds) => {
  expect(cacheLifetime(new Headers(headers), NOW)).toBe(seconds * 1000);
});
