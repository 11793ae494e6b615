import { StoreUnavailable } from '../../ports/store-errors.ts';
import type { Insertion } from '../insertion.ts';
import { statement } from '../statement.ts';
import type { Statement, Value } from '../statement.ts';
import type { Lane } from './lane.ts';
import { query, storable } from './query.ts';

/** Rows that are only added: those of one turn of the event loop share one statement, hence one commit. */
export interface AppendBatches {
  append(into: Insertion, values: readonly Value[]): Promise<void>;
}

interface Row {
  readonly values: readonly Value[];
  resolve(): void;
  reject(error: unknown): void;
}

const SQL_TYPES = { text: 'text', integer: 'bigint', bytes: 'bytea' } as const;
/** While so many are under way, rows gather for the next: fewer and larger commits under load. */
const BATCHES_UNDER_WAY = 2;
const ROWS_AT_MOST = 500;

/** @param committed told how many rows shared a commit */
export function createAppendBatches(
  lane: Lane,
  committed: (writes: number) => void = () => {},
): AppendBatches {
  const waiting = new Map<Insertion, Row[]>();
  let underWay = 0;
  let scheduled = false;

  const landed = (): void => {
    underWay -= 1;
    flush();
  };
  const flush = (): void => {
    scheduled = false;
    for (const [into, rows] of waiting) {
      while (rows.length > 0 && underWay < BATCHES_UNDER_WAY) {
        underWay += 1;
        void insert(lane, into, rows.splice(0, ROWS_AT_MOST), committed).finally(landed);
      }
      if (rows.length === 0) waiting.delete(into);
    }
  };

  return {
    append: (into, values) =>
      new Promise((resolve, reject) => {
        const rows = waiting.get(into) ?? [];
        waiting.set(into, rows);
        rows.push({ values, resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
  };
}

/** Tells each row what became of it; never rejects. */
async function insert(
  lane: Lane,
  into: Insertion,
  rows: readonly Row[],
  committed: (writes: number) => void,
): Promise<void> {
  try {
    await lane.use((client) =>
      rows.length === 1
        ? query(client, into.statement, rows[0]?.values ?? [])
        : client.query({ ...appendOf(into), values: columnsOf(into, rows) }),
    );
    for (const row of rows) row.resolve();
    committed(rows.length);
  } catch (error) {
    if (rows.length === 1 || error instanceof StoreUnavailable) {
      for (const row of rows) row.reject(error);
    } else {
      // One of them was refused, and the statement with it: each for itself, so that the others are kept.
      await Promise.all(rows.map((row) => insert(lane, into, [row], committed)));
    }
  }
}

/** One array a column, whatever the number of rows: one prepared statement serves every size. */
function appendOf(into: Insertion): { readonly name: string; readonly text: string } {
  let known = APPENDS.get(into);
  if (known === undefined) {
    const names = into.columns.map(([name]) => name).join(', ');
    const arrays = into.columns.map(([, type], index) => `$${index + 1}::${SQL_TYPES[type]}[]`).join(', ');
    known = statement(
      `${into.table}_append`,
      `INSERT INTO ${into.table} (${names}) SELECT * FROM unnest(${arrays})`,
    );
    APPENDS.set(into, known);
  }
  return { name: known.name, text: known.postgres };
}

const APPENDS = new WeakMap<Insertion, Statement>();

function columnsOf(into: Insertion, rows: readonly Row[]): Value[][] {
  return into.columns.map((_, index) => rows.map((row) => storable(row.values[index] ?? null)));
}
