import { catalogueId } from '../catalogue/catalogue-id.ts';

export interface PlaylistItem {
  readonly trackId: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly addedAt: string;
  readonly addedBy: string;
}

export interface PlaylistDetails {
  readonly name: string;
  readonly description: string | null;
  readonly public: boolean;
  readonly collaborative: boolean;
}

/** A playlist as it stands. A change makes a new one with the next revision; nothing is changed in place. */
export interface Playlist extends PlaylistDetails {
  readonly id: string;
  readonly owner: string;
  readonly items: readonly PlaylistItem[];
  readonly revision: number;
}

/** Names one state of a playlist: another revision, another snapshot. */
export function snapshotId(playlist: Playlist): string {
  const mark = catalogueId('snapshot', `${playlist.id}/${playlist.revision}`);
  return Buffer.from(`${playlist.revision},${mark}`).toString('base64');
}

/** Moves `length` items from `start` so that they stand before what is now at `before`. */
export function moveItems<Item>(
  items: readonly Item[],
  start: number,
  length: number,
  before: number,
): Item[] {
  const moved = items.slice(start, start + length);
  const rest = [...items.slice(0, start), ...items.slice(start + length)];
  const at = before <= start ? before : Math.max(start, before - moved.length);
  return rest.toSpliced(at, 0, ...moved);
}
