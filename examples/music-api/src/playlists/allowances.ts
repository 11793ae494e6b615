/**
 * What a person allowed in detail: so many tracks, into one playlist, once a day. The token says what was allowed; how
 * much of it is used up, only the API can know.
 * @spec RFC 9396 §2
 */
import type { AccessToken } from '@tessera/verifier';
import { TokenError } from '@tessera/verifier';
import type { Playlist } from './playlist.ts';

export const PLAYLIST_CHANGE = 'playlist_change';

export interface Allowances {
  /** Whether the token allows this in detail, and has not been used for it today; notes that it has now. @throws TokenError */
  take(token: AccessToken, playlist: Playlist, tracks: number): void;
}

const DAY_MS = 24 * 3600_000;

/** @param clock milliseconds */
export function createAllowances(clock: () => number): Allowances {
  /** When each app last used what it was allowed. */
  const used = new Map<string, number>();
  return {
    take(token, playlist, tracks) {
      const allowed = maxTracks(token, playlist.name);
      const key = JSON.stringify([token.sub, token.clientId, playlist.id]);
      if (allowed === undefined) throw refused('The access token does not allow a change of this playlist');
      if (tracks > allowed) throw refused(`The person allowed ${allowed} tracks, not more`);
      const now = clock();
      if (now - (used.get(key) ?? Number.NEGATIVE_INFINITY) < DAY_MS) {
        throw refused('The person allowed this once a day, and it was done today');
      }
      used.set(key, now);
    },
  };
}

/** Whether the token was given for details rather than scopes. */
export function hasDetails(token: AccessToken): boolean {
  return detailsOf(token).length > 0;
}

function maxTracks(token: AccessToken, playlist: string): number | undefined {
  const numbers = detailsOf(token).flatMap((detail) => {
    const { max_tracks: max } = detail;
    return detail['playlist'] === playlist && typeof max === 'number' ? [max] : [];
  });
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function detailsOf({ claims }: AccessToken): readonly Readonly<Record<string, unknown>>[] {
  const details = claims['authorization_details'];
  return Array.isArray(details)
    ? details.filter((each: unknown) => isDetail(each) && each['type'] === PLAYLIST_CHANGE)
    : [];
}

function isDetail(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refused(description: string): TokenError {
  return new TokenError('insufficient_scope', description);
}
