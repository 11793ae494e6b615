/** What the demo gives away about itself, so that everything on its pages can be copied and run. */
export interface DemoData {
  readonly issuer: string;
  /** Origin of the music API, without a slash at the end. */
  readonly musicApi: string;
  /** Path at the music API that is `/v1` of the second API, `resources.musicShort`. */
  readonly shortPath: string;
  /** Origin of the web player. */
  readonly player: string;
  readonly confidentialClient: { readonly id: string; readonly secret: string };
  readonly publicClient: { readonly id: string; readonly redirectUri: string };
  readonly account: { readonly email: string; readonly password: string };
  /** Identifiers of the two APIs. */
  readonly resources: { readonly music: string; readonly musicShort: string };
  readonly trackId: string;
}

export function trackUrl({ musicApi, trackId }: DemoData): string {
  return `${musicApi}/v1/tracks/${trackId}`;
}

/** The same track, for tokens that live 30 seconds. */
export function shortTrackUrl({ musicApi, shortPath, trackId }: DemoData): string {
  return `${musicApi}${shortPath}/tracks/${trackId}`;
}

/** The player, going to work at once. */
export function playerUrl({ player }: DemoData, api: 'music' | 'short' = 'music'): string {
  return `${player}/?run=1${api === 'short' ? '&api=short' : ''}`;
}
