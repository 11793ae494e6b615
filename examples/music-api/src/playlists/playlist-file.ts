import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Playlist } from './playlist.ts';

export interface PlaylistFile {
  /** Every playlist last written; none when the file does not exist yet. */
  read(): Promise<readonly Playlist[]>;
  /** Writes soon. Calls that come while a write is under way are joined into the next one. */
  write(playlists: () => readonly Playlist[]): void;
  /** Resolves when everything asked for is on disk; rejects when the last write failed. */
  settled(): Promise<void>;
}

/** Keeps playlists in one small JSON file: written beside it and renamed over it, so that no reader sees half a file. */
export function openPlaylistFile(path: string): PlaylistFile {
  let wanted: (() => readonly Playlist[]) | undefined;
  let writing: Promise<void> | undefined;

  async function writeWanted(): Promise<void> {
    while (wanted !== undefined) {
      const playlists = wanted();
      wanted = undefined;
      await writeFile(`${path}.new`, `${JSON.stringify(playlists, null, 1)}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
  }

  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? [] : parsePlaylists(text, path);
    },
    write(playlists) {
      wanted = playlists;
      writing ??= writeWanted().finally(() => (writing = undefined));
      // A failed write is reported by settled(); the playlists stay in memory and the next change writes them all again.
      writing.catch(() => undefined);
    },
    async settled() {
      await writing;
    },
  };
}

function parsePlaylists(text: string, path: string): readonly Playlist[] {
  const playlists = parseJson(text);
  if (Array.isArray(playlists) && playlists.every(isPlaylist)) return playlists;
  throw new Error(`${path} is not a file of playlists. Move it away to start with new ones.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPlaylist(value: unknown): value is Playlist {
  if (typeof value !== 'object' || value === null) return false;
  return (
    hasOf(value, 'id', 'string') &&
    hasOf(value, 'owner', 'string') &&
    hasOf(value, 'name', 'string') &&
    hasOf(value, 'public', 'boolean') &&
    hasOf(value, 'revision', 'number') &&
    'items' in value &&
    Array.isArray(value.items)
  );
}

function hasOf(value: object, member: string, type: 'string' | 'boolean' | 'number'): boolean {
  return typeof Object.getOwnPropertyDescriptor(value, member)?.value === type;
}
