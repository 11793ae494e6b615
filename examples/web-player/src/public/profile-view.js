/** Shows the person, and their playlists with their tracks. */
import { element } from './element.js';

const COVER = 48;

export function showProfile(place, profile) {
  const facts = [
    ['Name', profile.display_name],
    ['Email', profile.email],
    ['Country', profile.country],
    ['Subscription', profile.product],
  ];
  place.replaceChildren(
    element('h2', {}, 'Your profile'),
    element(
      'dl',
      { class: 'facts' },
      ...facts.map(([name, value]) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value ?? 'not shown to this app')),
      ),
    ),
  );
}

/** Reads the playlists with the same token, page by page of the API. */
export async function loadPlaylists(apiUrl, accessToken) {
  const read = async (url) => {
    const response = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
    const data = await response.json();
    if (!response.ok) throw new Error(`${data.error.status} ${data.error.message}`);
    return data;
  };
  const { items: playlists } = await read(`${apiUrl}/v1/me/playlists?limit=50`);
  return Promise.all(
    playlists.map(async (playlist) => ({ ...playlist, entries: (await read(playlist.items.href)).items })),
  );
}

export function showPlaylists(place, playlists) {
  place.replaceChildren(element('h2', {}, 'Your playlists'), ...playlists.map(drawPlaylist));
}

function drawPlaylist({ name, public: isPublic, images, entries }) {
  const [cover] = images.slice(-1);
  return element(
    'details',
    { class: 'playlist', open: '' },
    element(
      'summary',
      {},
      element('img', { src: cover.url, alt: '', width: String(COVER), height: String(COVER) }),
      element('span', { class: 'name' }, name),
      element(
        'span',
        { class: 'small muted' },
        `${isPublic ? 'public' : 'private'} · ${entries.length} tracks`,
      ),
    ),
    element('ol', {}, ...entries.filter(({ item }) => item !== null).map(({ item }) => drawTrack(item))),
  );
}

function drawTrack(track) {
  const artists = track.artists.map((artist) => artist.name).join(', ');
  return element(
    'li',
    {},
    element('a', { href: track.external_urls.spotify }, track.name),
    element('span', { class: 'small muted' }, `${artists}, ${track.album.release_date}`),
    element('span', { class: 'length mono' }, inMinutes(track.duration_ms)),
  );
}

function inMinutes(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
