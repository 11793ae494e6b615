import type { Catalogue, Track } from '../catalogue/catalogue.ts';
import { catalogueId } from '../catalogue/catalogue-id.ts';
import type { Playlist } from './playlist.ts';

const STARTERS = [
  {
    name: 'First sides of jazz',
    description: 'New Orleans to Richmond, 1917-1924',
    public: true,
    tracks: [
      'Livery Stable Blues',
      'Tiger Rag',
      "Ory's Creole Trombone",
      'Dipper Mouth Blues',
      'Chimes Blues',
      'King Porter (A Stomp)',
      'Riverboat Shuffle',
    ],
  },
  {
    name: 'Late evening',
    description: 'Voices and strings, kept private',
    public: false,
    tracks: ['Vesti la giubba (Pagliacci)', 'Liebesleid', 'Song of the Volga Boatmen', 'Deep River', 'Aria'],
  },
];

/** The two playlists a new person finds: one public, one private. Their ids follow from the person. */
export function starterPlaylists(catalogue: Catalogue, owner: string, now: number): readonly Playlist[] {
  const addedAt = toTimestamp(now);
  return STARTERS.map(({ tracks, ...details }) => ({
    ...details,
    id: catalogueId('playlist', `${owner}/${details.name}`),
    owner,
    collaborative: false,
    items: tracks
      .flatMap((title) => findByTitle(catalogue, title))
      .map((track) => ({ trackId: track.id, addedAt, addedBy: owner })),
    revision: 1,
  }));
}

export function toTimestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

function findByTitle(catalogue: Catalogue, title: string): readonly Track[] {
  const track = [...catalogue.tracks.values()].find((candidate) => candidate.name === title);
  return track === undefined ? [] : [track];
}
