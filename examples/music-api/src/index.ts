import type { MusicApiOptions } from './music-api.ts';
import { createMusicApi } from './music-api.ts';

export { createMusicApi } from './music-api.ts';
export type { MusicApiOptions } from './music-api.ts';
export type { FindPerson, Person } from './people.ts';
export { defaultMusicScopes, musicDetailsTypes, musicScopes } from './scopes.ts';
export type { QuotaMode } from './shapes/view.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Starts the music API. `url` is where it answers, without a slash at the end; its short-lived twin is at `${url}/short`. */
export async function startMusicApi({
  host,
  port,
  ...options
}: ListenOptions & MusicApiOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const app = await createMusicApi(options);
  await app.listen({ host, port });
  return { url: options.publicUrl ?? app.listeningOrigin, close: () => app.close() };
}
