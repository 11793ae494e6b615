/** The permissions of this API. The names are Spotify's, so that its clients work; the sentences are what a person reads. */
export const musicScopes: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'catalog-read', description: 'Read tracks, artists and albums' },
  { name: 'user-read-private', description: 'See your name, country and subscription' },
  { name: 'user-read-email', description: 'See your email address' },
  { name: 'playlist-read-private', description: 'See your private playlists' },
  { name: 'playlist-read-collaborative', description: 'See playlists you keep with others' },
  { name: 'playlist-modify-public', description: 'Change your public playlists' },
  { name: 'playlist-modify-private', description: 'Change your private playlists' },
  { name: 'user-library-read', description: 'See what you have saved' },
  { name: 'user-library-modify', description: 'Change what you have saved' },
];

/** What a request gets that asks for no scope. Catalogue endpoints accept it and do not require it. */
export const defaultMusicScopes: readonly string[] = ['catalog-read'];

/** What an app may ask a person for in detail (RFC 9396), and the sentence that the person reads. */
export const musicDetailsTypes = [
  {
    type: 'playlist_change',
    description: 'Add up to {max_tracks} tracks to your playlist “{playlist}”, once a day',
    members: {
      playlist: { type: 'string', required: true, max_length: 100 },
      max_tracks: { type: 'integer', required: true, minimum: 1, maximum: 50 },
    },
  },
] as const;
