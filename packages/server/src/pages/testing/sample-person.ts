/** Whom the sample pages are about, and when. */
export const account = { displayName: 'Ada Lovelace', email: 'ada@example.test' };

export const AT = Date.UTC(2027, 0, 15, 8, 0);

export const AGENT_PURPOSE = 'Keeps my playlists in order, and tells me every Friday what is new in them';
