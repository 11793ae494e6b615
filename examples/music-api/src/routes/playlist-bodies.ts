/** The bodies that change playlists, as JSON Schema for Fastify and as types. Unknown members are ignored. */
export interface NewPlaylistBody {
  readonly name: string;
  readonly description?: string | null;
  readonly public?: boolean;
  readonly collaborative?: boolean;
}

export interface AddItemsBody {
  readonly uris: readonly string[];
  readonly position?: number;
}

export interface ReplaceItemsBody {
  readonly uris: readonly string[];
}

export interface MoveItemsBody {
  readonly range_start: number;
  readonly insert_before: number;
  readonly range_length?: number;
  readonly snapshot_id?: string;
}

export interface RemoveItemsBody {
  readonly items?: readonly { readonly uri: string }[];
  /** The old name of `items`. */
  readonly tracks?: readonly { readonly uri: string }[];
  readonly snapshot_id?: string;
}

const uris = { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 100 };
const index = { type: 'integer', minimum: 0 };
const snapshot = { type: 'string', maxLength: 100 };
const entries = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  items: { type: 'object', required: ['uri'], properties: { uri: { type: 'string', maxLength: 100 } } },
};

const details = {
  name: { type: 'string', minLength: 1, maxLength: 100 },
  description: { type: ['string', 'null'], maxLength: 300 },
  public: { type: 'boolean' },
  collaborative: { type: 'boolean' },
};

export const newPlaylistSchema = { body: { type: 'object', required: ['name'], properties: details } };

export const playlistDetailsSchema = { body: { type: 'object', minProperties: 1, properties: details } };

export const addItemsSchema = {
  body: { type: 'object', required: ['uris'], properties: { uris, position: index } },
};

export const replaceOrMoveItemsSchema = {
  body: {
    type: 'object',
    anyOf: [{ required: ['uris'] }, { required: ['range_start', 'insert_before'] }],
    properties: {
      uris,
      range_start: index,
      insert_before: index,
      range_length: index,
      snapshot_id: snapshot,
    },
  },
};

export const removeItemsSchema = {
  body: {
    type: 'object',
    anyOf: [{ required: ['items'] }, { required: ['tracks'] }],
    properties: { items: entries, tracks: entries, snapshot_id: snapshot },
  },
};
