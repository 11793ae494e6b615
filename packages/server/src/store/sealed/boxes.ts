/** Every column that is sealed under the master key, with all that a box is bound to. A new one needs a line here. */
import type { Value } from '../statement.ts';

/** A table with boxes in it. */
export interface BoxedTable {
  readonly table: string;
  /** Names the row. */
  readonly key: readonly string[];
  readonly sealed: string;
  /** What else of the row a box is bound to. */
  readonly bound: readonly string[];
}

export const BOXED_TABLES = [
  { table: 'signing_keys', key: ['kid'], sealed: 'sealed_private_key', bound: [] },
  { table: 'sealed_secrets', key: ['name'], sealed: 'sealed', bound: [] },
  { table: 'identity_providers', key: ['id'], sealed: 'sealed_secret', bound: [] },
  { table: 'upstream_identities', key: ['provider_id', 'subject'], sealed: 'sealed_tokens', bound: [] },
  { table: 'authenticator_apps', key: ['id'], sealed: 'sealed_seed', bound: ['user_id'] },
  { table: 'client_tokens', key: ['id'], sealed: 'sealed', bound: ['client_id'] },
  { table: 'outbox', key: ['id'], sealed: 'sealed', bound: ['purpose'] },
] as const satisfies readonly BoxedTable[];

export type BoxedTableName = (typeof BOXED_TABLES)[number]['table'];

/** A row with a box. */
export interface Boxed {
  readonly row: Readonly<Record<string, Value>>;
  readonly sealed: Uint8Array;
}

/** A connection beside the server's own, for one statement at a time. */
export interface Beside {
  rows(sql: string, ...values: Value[]): Promise<readonly Readonly<Record<string, Value>>[]>;
  /** @returns how many rows it wrote */
  change(sql: string, ...values: Value[]): Promise<number>;
  close(): Promise<void>;
}

const PAGE = 200;

/** All boxes of a table, a page at a time, in the order of their keys. */
export async function* boxesOf(
  beside: Beside,
  { table, key, sealed, bound }: BoxedTable,
): AsyncGenerator<readonly Boxed[]> {
  const columns = [...key, ...bound, sealed].join(', ');
  const order = key.join(', ');
  let after: readonly Value[] | undefined;
  for (;;) {
    const places = key.map((_, index) => `$${index + 1}`).join(', ');
    const behind = after === undefined ? '' : `AND (${order}) > (${places})`;
    // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
    const found = await beside.rows(
      `SELECT ${columns} FROM ${table} WHERE ${sealed} IS NOT NULL ${behind} ORDER BY ${order} LIMIT ${PAGE}`,
      ...(after ?? []),
    );
    yield found.flatMap((row) => {
      const box = row[sealed];
      // A name that is only taken keeps no secret.
      return box instanceof Uint8Array && box.length > 0 ? [{ row, sealed: box }] : [];
    });
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return;
    after = key.map((column) => last[column] ?? null);
  }
}

/** Puts another box in the place of one, unless somebody has changed it meanwhile. */
export async function replaceBox(
  beside: Beside,
  { table, key, sealed }: BoxedTable,
  { row, sealed: before }: Boxed,
  after: Uint8Array,
): Promise<boolean> {
  const found = key.map((column, index) => `${column} = $${index + 3}`).join(' AND ');
  const changed = await beside.change(
    `UPDATE ${table} SET ${sealed} = $1 WHERE ${sealed} = $2 AND ${found}`,
    after,
    before,
    ...key.map((column) => row[column] ?? null),
  );
  return changed === 1;
}
