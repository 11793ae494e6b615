/** How long tokens live, as an option: `3600`; `600-3600`, at random between the two; `inherit`, no rule of its own. */
import { InvalidArgumentError } from 'commander';

export type LifetimeOption = number | { readonly min: number; readonly max: number } | null;

export const LIFETIME_HELP = 'of its tokens: 3600, 600-3600 for at random between, or inherit';

export function lifetime(value: string): LifetimeOption {
  if (value === 'inherit') return null;
  const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(value) ?? [];
  if (from === undefined) {
    throw new InvalidArgumentError('It must be seconds, such as 3600 or 600-3600, or inherit.');
  }
  return to === undefined ? Number(from) : { min: Number(from), max: Number(to) };
}
