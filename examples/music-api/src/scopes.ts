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
