import type { Catalogue, Track } from '../catalogue/catalogue.ts';
import { badRequest } from '../errors.ts';

const TRACK_URI = /^spotify:track:([0-9A-Za-z]{22})$/;
const MAX_URIS = 100;

/** The tracks that these URIs name, in order. One that this catalogue does not hold refuses them all. */
export function readTrackUris(catalogue: Catalogue, uris: readonly string[]): readonly Track[] {
  if (uris.length > MAX_URIS) throw badRequest(`Too many uris: at most ${MAX_URIS}`);
  return uris.map((uri, index) => {
    const track = catalogue.tracks.get(TRACK_URI.exec(uri)?.[1] ?? '');
    if (track === undefined) throw badRequest(`Invalid track uri at position ${index}`);
    return track;
  });
}
