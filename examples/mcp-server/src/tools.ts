/** What a model may do with the music: three tools, each with the permissions it needs. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Track } from '@tessera/example-music-api/catalogue';
import { catalogue } from '@tessera/example-music-api/catalogue';
import { z } from 'zod';
import type { Playlists } from './playlists.ts';

/** Finds the person that a token's `sub` names; undefined when there is none. */
export type FindPerson = (sub: string) => Promise<{ readonly displayName: string } | undefined>;

/** Every token needs these. */
export const BASIC_SCOPES = ['catalog-read'] as const;

/** What the call of a tool needs on top; a tool that is missing here cannot be called. */
export const TOOL_SCOPES = {
  search_tracks: [],
  get_profile: ['user-read-private'],
  add_to_playlist: ['playlist-modify-private'],
} as const;

/**
 * The tools for one caller. They know who it is and never see the token, so none can pass it on.
 * @param sub the person of the token, or the app where nobody is signed in
 */
export function toolsFor(sub: string, findPerson: FindPerson, playlists: Playlists): McpServer {
  const server = new McpServer({ name: 'tessera-music', version: '0.1.0' });
  server.registerTool(
    'search_tracks',
    {
      description: 'Finds tracks whose name or artist contains the text',
      inputSchema: { text: z.string().min(1).max(100), limit: z.number().int().min(1).max(50).default(10) },
      annotations: { readOnlyHint: true },
    },
    ({ text, limit }) => answer({ tracks: search(text).slice(0, limit).map(shown) }),
  );
  server.registerTool(
    'get_profile',
    { description: 'Says who you are', annotations: { readOnlyHint: true } },
    async () => {
      const person = await findPerson(sub);
      return person === undefined ? failure('Nobody is signed in') : answer({ name: person.displayName });
    },
  );
  server.registerTool(
    'add_to_playlist',
    {
      description:
        'Adds a track to a playlist of yours, and makes the playlist if there is none of this name',
      inputSchema: { playlist: z.string().min(1).max(100), track_id: z.string().length(22) },
      annotations: { destructiveHint: false },
    },
    ({ playlist, track_id: trackId }) => {
      const track = catalogue.tracks.get(trackId);
      if (track === undefined) return failure('There is no such track');
      return answer({ playlist, tracks: playlists.add(sub, playlist, track).map(shown) });
    },
  );
  return server;
}

function search(text: string): readonly Track[] {
  const wanted = text.toLowerCase();
  return [...catalogue.tracks.values()].filter(({ name, artists }) =>
    [name, ...artists.map((artist) => artist.name)].some((said) => said.toLowerCase().includes(wanted)),
  );
}

function shown({ id, name, artists, year }: Track): Readonly<Record<string, unknown>> {
  return { id, name, artists: artists.map((artist) => artist.name), year };
}

function answer(content: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(content) }] };
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
