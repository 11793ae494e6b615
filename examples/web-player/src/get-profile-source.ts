import { readFileSync } from 'node:fs';

const WRITTEN_FOR = 'http://127.0.0.1:4410';
const SOURCE = readFileSync(new URL('./public/get-profile.js', import.meta.url), 'utf8');

/** The text of `getProfile()` as the player serves and runs it, asking the API at this address. */
export function getProfileSource(musicApiUrl: string): string {
  const { origin, pathname } = new URL(musicApiUrl);
  // The address stands between apostrophes in the script.
  const address = (origin + pathname).replaceAll("'", '%27').replace(/\/+$/, '');
  return SOURCE.replaceAll(WRITTEN_FOR, address);
}
