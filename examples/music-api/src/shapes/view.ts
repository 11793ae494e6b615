/**
 * `extended` shows every field of the objects. `development` hides the fields that apps in development do not get,
 * and calls the content of a playlist by its new names only.
 */
export type QuotaMode = 'extended' | 'development';

/** What the shape of an answer depends on, besides the object itself. */
export interface View {
  /** Where this API answers, without a slash at the end. */
  readonly apiUrl: string;
  readonly mode: QuotaMode;
  /** The country the caller asked for, if any. */
  readonly market: string | undefined;
}

/** Fields that only `extended` shows. */
export function extendedOnly<Fields extends object>(view: View, fields: Fields): Partial<Fields> {
  return view.mode === 'extended' ? fields : {};
}

export type ObjectType = 'track' | 'artist' | 'album' | 'playlist' | 'user';

/** The four members every object has: where to read it, where a person looks at it, its id and its URI. */
export function identity(view: View, type: ObjectType, id: string) {
  const segment = encodeURIComponent(id);
  return {
    external_urls: { spotify: `${view.apiUrl}/${type}/${segment}` },
    href: `${view.apiUrl}/v1/${type}s/${segment}`,
    id,
    type,
    uri: `spotify:${type}:${segment}`,
  };
}

/** The square cover of an object in three sizes, drawn by this API (cover.ts). */
export function images(view: View, id: string) {
  return [640, 300, 64].map((size) => ({
    url: `${view.apiUrl}/covers/${size}/${id}.svg`,
    height: size,
    width: size,
  }));
}
