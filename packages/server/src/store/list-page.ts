import type { Page, PageRequest } from '../ports/page.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { statement } from './statement.ts';
import type { Value } from './statement.ts';

/**
 * A condition on the table, `$` where the value stands; without a value it is left out. `postgres`: the text there,
 * where it differs.
 */
export type ListCondition = readonly [condition: string, value: Value | undefined, postgres?: string];

/** On PostgreSQL, the names in a JSON array: worked out once, before the first row is looked at. */
export const TEXTS = 'ARRAY(SELECT jsonb_array_elements_text(CAST($ AS jsonb)))';

/** @param column or an expression @param values absent: whatever it is; none: no row at all */
export function oneOf(column: string, values: readonly string[] | undefined): ListCondition {
  return [
    `${column} IN (SELECT value FROM json_each($))`,
    values === undefined ? undefined : JSON.stringify(values),
    `${column} = ANY (${TEXTS})`,
  ];
}

/**
 * What organizations own. No organization: nothing at all.
 * @param owner the column, or the expression, that says whose a row is
 * @param ids absent: whoever owns it
 */
export function ofOrganizations(owner: string, ids: readonly string[] | undefined): ListCondition {
  return oneOf(owner, ids);
}

/**
 * What apps of organizations got or did; the table has a `client_id`. SQLite asks row by row. PostgreSQL makes a table
 * in memory of the apps and looks into that; `IS TRUE` keeps it from joining, which it does row by row, too.
 */
export function ofClientsOf(ids: readonly string[] | undefined): ListCondition {
  const [sqlite, value] = ofOrganizations(
    '(SELECT clients.organization_id FROM clients WHERE clients.id = client_id)',
    ids,
  );
  const [, , postgres] = ofOrganizations('clients.organization_id', ids);
  return [sqlite, value, `(client_id IN (SELECT clients.id FROM clients WHERE ${postgres})) IS TRUE`];
}

/** A list over one table with a `seq` column, newest first. */
export interface ListOf<Row extends { readonly seq: number }, Item> {
  /** Names the list in cursors and prepared statements. */
  readonly name: string;
  /** The table whose `seq` orders the list. */
  readonly table: string;
  /** `SELECT … FROM {page} …`: `{page}` stands for the rows of the page, under the table's own name. */
  readonly select: string;
  readonly where?: readonly ListCondition[];
  /** The rows of one item stand together (a join may give several). */
  readonly toItems: (rows: readonly Row[]) => readonly Item[];
}

/**
 * One page of a list. The table is read in windows, so that a filter which matches little never turns into one long
 * read of everything.
 * @throws BadCursor
 */
export async function listPage<Row extends { readonly seq: number }, Item>(
  database: Database,
  list: ListOf<Row, Item>,
  page: PageRequest,
): Promise<Page<Item>> {
  const where = (list.where ?? [])
    .map(([condition, value, postgres], place) => ({ condition, value, postgres, place }))
    .filter(({ value }) => value !== undefined);
  let below = decodeCursor(list.name, page.cursor);
  const pageStatement = statementOf(list, where);
  const newest = await database.scan<{ seq: number | null }>(newestOf(list.table), below);
  below = Math.min(below, (newest[0]?.seq ?? 0) + 1);
  const oldest = (await database.scan<{ seq: number | null }>(oldestOf(list.table)))[0]?.seq ?? below;

  const found: Row[] = [];
  const seqs = new Set<number>();
  while (below > oldest && seqs.size <= page.limit) {
    const floor = Math.max(oldest, below - database.scanWindow);
    const values = where.map(({ value }) => value ?? null);
    const wanted = page.limit + 1 - seqs.size;
    // oxlint-disable-next-line no-await-in-loop -- each window starts where the one before ended
    for (const row of await database.scan<Row>(pageStatement, below, floor, wanted, ...values)) {
      found.push(row);
      seqs.add(row.seq);
    }
    below = floor;
  }
  const last = [...seqs][page.limit - 1];
  const shown = seqs.size > page.limit && last !== undefined ? found.filter((row) => row.seq >= last) : found;
  return {
    items: list.toItems(shown),
    ...(shown !== found && last !== undefined && { nextCursor: encodeCursor(list.name, last) }),
  };
}

/** A condition, and which of its list's it is. */
interface PlacedCondition {
  readonly condition: string;
  readonly postgres: string | undefined;
  readonly place: number;
}

function statementOf(
  list: { readonly name: string; readonly table: string; readonly select: string },
  where: readonly PlacedCondition[],
): ReturnType<typeof statement> {
  const sql = (conditions: readonly string[]): string => {
    const numbered = conditions.map((condition, index) => condition.replace('$', `$${index + 4}`));
    const all = ['seq < $1', 'seq >= $2', ...numbered].join(' AND ');
    const rows = `(SELECT * FROM ${list.table} WHERE ${all} ORDER BY seq DESC LIMIT $3) AS ${list.table}`;
    return list.select.replace('{page}', () => rows);
  };
  const name = [list.name, ...where.map(({ place }) => place)].join('.');
  return statement(
    `list.${name}`,
    sql(where.map(({ condition }) => condition)),
    sql(where.map(({ condition, postgres }) => postgres ?? condition)),
  );
}

const newestOf = (table: string): ReturnType<typeof statement> =>
  statement(`newest.${table}`, `SELECT max(seq) AS seq FROM ${table} WHERE seq < $1`);

const oldestOf = (table: string): ReturnType<typeof statement> =>
  statement(`oldest.${table}`, `SELECT min(seq) AS seq FROM ${table}`);
