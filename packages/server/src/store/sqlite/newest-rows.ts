import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { createNumberTable, type NumberTable } from './number-table.ts';

/** Tables whose rows are found by a random number, in the column `lookup`. */
export const LOOKED_UP_TABLES = ['access_tokens', 'refresh_tokens'] as const;

/** How many rows wait in memory before they go into the index together. */
const CAPACITY = 32_768;
/** For each new row so many move: a batch is in the index before the next one is complete. */
const MOVES_FOR_EACH_ROW = 2;

/**
 * The newest rows of a table, known by their `lookup` in memory; the others stand in an index on disk. Rows arrive in
 * random order: kept at once, each would rewrite a page of the index. In batches, in the index's own order, a page
 * takes many. What memory holds is read again from the table when the database is opened.
 *
 * An entry may be wrong (its write was rolled back, its row is gone); so whoever follows one compares the row.
 */
export interface NewestRows {
  /** A row was inserted in the transaction that is open. */
  inserted(lookup: number, seq: number): void;
  /** To be called at the end of a transaction: moves some rows into the index. */
  beforeCommit(): void;
  /** The transaction is durable, and with it what was moved. */
  committed(): void;
}

/** @param capacity rows in memory before a batch moves; at most half as many again come to it */
export function createNewestRows(
  connection: DatabaseSync,
  table: string,
  capacity: number = CAPACITY,
): NewestRows {
  return new Newest(connection, table, capacity);
}

/** The rows that move, in the order of the index. */
interface Batch {
  readonly seqs: NumberTable;
  readonly lookups: Float64Array;
  /** No row up to this one is left outside once the batch is in the index. */
  newest: number;
  /** So many of them are in the index. */
  moved: number;
}

class Newest implements NewestRows {
  readonly #capacity: number;
  readonly #move: StatementSync;
  readonly #keepMark: StatementSync;
  readonly #lowerMark: StatementSync;
  #seqs = createNumberTable();
  #batch: Batch | undefined;
  #newest: number;
  #insertedNow = 0;
  #movedNow = 0;

  constructor(connection: DatabaseSync, table: string, capacity: number) {
    this.#capacity = capacity;
    this.#move = connection.prepare(
      `INSERT OR IGNORE INTO ${table}_by_lookup SELECT lookup, seq FROM ${table} WHERE seq = ?2 AND lookup = ?1`,
    );
    // The mark: every row up to it is in the index.
    const key = `'${table}_in_index'`;
    this.#keepMark = connection.prepare(
      `INSERT INTO meta VALUES (${key}, ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#lowerMark = connection.prepare(`UPDATE meta SET value = ?1 WHERE key = ${key} AND value > ?1`);
    const mark = numberOf(connection.prepare(`SELECT value FROM meta WHERE key = ${key}`).get()?.['value']);
    for (const row of connection.prepare(`SELECT lookup, seq FROM ${table} WHERE seq > ?`).iterate(mark)) {
      this.#remember(numberOf(row['lookup']), numberOf(row['seq']));
    }
    this.#newest = Math.max(
      mark,
      numberOf(connection.prepare(`SELECT max(seq) AS seq FROM ${table}`).get()?.['seq']),
    );
    connection.function(
      `newest_${table}`,
      { deterministic: true },
      (lookup) => this.#seqOf(Number(lookup)) ?? null,
    );
  }

  inserted(lookup: number, seq: number): void {
    // Numbers of rows that went, or were rolled back, are given anew, and the new rows are not in the index.
    if (seq <= this.#newest) this.#lowerMark.run(seq - 1);
    if (this.#batch !== undefined) this.#batch.newest = Math.min(this.#batch.newest, seq - 1);
    this.#newest = seq;
    this.#insertedNow += 1;
    this.#remember(lookup, seq);
  }

  /** The very rare second row of the same lookup goes into the index at once. */
  #remember(lookup: number, seq: number): void {
    if (this.#seqOf(lookup) !== undefined) this.#move.run(lookup, seq);
    else this.#seqs.add(lookup, seq);
  }

  #seqOf(lookup: number): number | undefined {
    return this.#seqs.get(lookup) ?? this.#batch?.seqs.get(lookup);
  }

  beforeCommit(): void {
    this.#movedNow = 0;
    const batch = this.#batch ?? this.#startBatch();
    if (batch === undefined) return;
    const end = batch.moved + this.#insertedNow * MOVES_FOR_EACH_ROW;
    for (const lookup of batch.lookups.subarray(batch.moved, end)) {
      this.#move.run(lookup, batch.seqs.get(lookup) ?? 0);
      this.#movedNow += 1;
    }
    if (batch.moved + this.#movedNow === batch.lookups.length) this.#keepMark.run(batch.newest);
  }

  committed(): void {
    this.#insertedNow = 0;
    const batch = this.#batch;
    if (batch === undefined) return;
    batch.moved += this.#movedNow;
    if (batch.moved === batch.lookups.length) this.#batch = undefined;
  }

  #startBatch(): Batch | undefined {
    if (this.#seqs.size < this.#capacity) return undefined;
    const seqs = this.#seqs;
    this.#batch = {
      seqs,
      lookups: seqs.sortedKeys(),
      newest: this.#newest,
      moved: 0,
    };
    this.#seqs = createNumberTable();
    return this.#batch;
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
