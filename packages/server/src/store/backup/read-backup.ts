/** Reads a backup row by row. What was read is good only once its end has said so. */
import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Value } from '../statement.ts';
import {
  BACKUP_KIND,
  BACKUP_VERSION,
  BackupError,
  type BackupHead,
  type BackupTable,
  type Row,
  type RowCounts,
} from './backup-file.ts';

const BATCH = 500;

/** A backup that is being read, from its head on. */
export interface ReadingBackup {
  readonly head: BackupHead;
  /** One after the other, each with its rows. @throws BackupError */
  tables(): AsyncIterable<BackupTable>;
  /** To be called after the last table. @throws BackupError unless every byte is as it was written, with this key */
  end(): RowCounts;
}

/**
 * @param keys any of them may have vouched for the backup
 * @throws BackupError for a file that cannot be read, is no backup, or has another form than this program's
 */
export async function readBackup(path: string, keys: readonly Uint8Array[]): Promise<ReadingBackup> {
  const lines = openLines(path);
  const first = await lines.next();
  if (first !== undefined) {
    const value = parse(first);
    if (value !== undefined) return new Reading(headOf(value, path), lines, first, keys);
  }
  const code = await lines.failure();
  throw new BackupError(
    code.startsWith('E') ? `${path} cannot be read (${code}).` : `${path} is not a backup of Tessera.`,
  );
}

interface Lines {
  /** Undefined at the end, and where the file is cut off or not compressed. */
  next(): Promise<string | undefined>;
  /** The code of what went wrong; empty for nothing. */
  failure(): Promise<string>;
}

function openLines(path: string): Lines {
  const gunzip = createGunzip();
  const failed = pipeline(createReadStream(path), gunzip).then(
    () => '',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown'),
  );
  const lines = linesOf(gunzip.setEncoding('utf8'));
  return {
    async next() {
      // A failure is told by the end, which is missing then.
      const read = await lines.next().catch(() => undefined);
      return read === undefined || read.done === true ? undefined : read.value;
    },
    failure: () => failed,
  };
}

/** Ends are newlines alone: JSON leaves other separators of lines (U+2028, U+2029) as they stand in a text. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const text of texts) {
    const [first = '', ...others] = text.split('\n');
    begun.push(first);
    for (const other of others) {
      yield begun.join('');
      begun = [other];
    }
  }
  const last = begun.join('');
  if (last !== '') yield last;
}

class Reading implements ReadingBackup {
  readonly head: BackupHead;
  readonly #lines: Lines;
  readonly #sum: Hash;
  readonly #vouched: readonly Hmac[];
  readonly #counts: Record<string, number> = {};
  #line: string | undefined;
  #value: unknown;
  #end: Readonly<Record<string, unknown>> | undefined;

  constructor(head: BackupHead, lines: Lines, first: string, keys: readonly Uint8Array[]) {
    this.head = head;
    this.#lines = lines;
    this.#sum = createHash('sha256');
    this.#vouched = keys.map((key) => createHmac('sha256', key));
    this.#line = first;
    this.#take();
  }

  async *tables(): AsyncGenerator<BackupTable> {
    await this.#advance();
    while (this.#line !== undefined) {
      const members = membersOf(this.#value);
      if (members['end'] === BACKUP_KIND) {
        this.#end = members;
        return;
      }
      const { table, columns } = members;
      if (typeof table !== 'string' || !isNames([table]) || !isNames(columns)) throw broken();
      this.#take();
      yield { name: table, columns, rows: this.#rowsOf(table, columns.length) };
    }
    // Cut off.
    throw broken();
  }

  async *#rowsOf(table: string, width: number): AsyncGenerator<readonly Row[]> {
    let batch: Row[] = [];
    let count = 0;
    for (await this.#advance(); Array.isArray(this.#value); await this.#advance()) {
      this.#take();
      const row = this.#value.map(decode);
      if (row.length !== width) throw broken();
      batch.push(row);
      count += 1;
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    this.#counts[table] = count;
    if (batch.length > 0) yield batch;
  }

  end(): RowCounts {
    const { sha256, rows, vouched } = this.#end ?? {};
    const isWhole =
      sha256 === this.#sum.digest('hex') && JSON.stringify(rows) === JSON.stringify(this.#counts);
    if (!isWhole) throw broken();
    if (!this.#vouched.some((each) => isSame(each.digest('hex'), vouched))) {
      throw new BackupError(
        'The backup was made with another master key, or changed by somebody who does not have it. Nothing was restored.',
      );
    }
    return this.#counts;
  }

  async #advance(): Promise<void> {
    this.#line = await this.#lines.next();
    this.#value = this.#line === undefined ? undefined : parse(this.#line);
  }

  /** Counts the line among those that the end vouches for. */
  #take(): void {
    for (const digest of [this.#sum, ...this.#vouched]) digest.update(`${this.#line}\n`);
  }
}

function decode(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'object' && 'b' in value && typeof value.b === 'string') {
    return new Uint8Array(Buffer.from(value.b, 'base64'));
  }
  throw broken();
}

function broken(): BackupError {
  return new BackupError(
    'The backup is broken: its rows and its checksum do not belong together. Nothing was restored.',
  );
}

function isSame(one: string, other: unknown): boolean {
  return (
    typeof other === 'string' &&
    one.length === other.length &&
    timingSafeEqual(Buffer.from(one), Buffer.from(other))
  );
}

function headOf(value: unknown, path: string): BackupHead {
  const head = membersOf(value);
  if (head['kind'] !== BACKUP_KIND) throw new BackupError(`${path} is not a backup of Tessera.`);
  if (head['version'] !== BACKUP_VERSION) {
    throw new BackupError(
      `${path} has version ${String(head['version'])}; this program reads ${BACKUP_VERSION}.`,
    );
  }
  const { migrations, program, database, takenAt, newest } = head;
  if (!isNumbers(migrations) || typeof program !== 'string' || typeof takenAt !== 'number') {
    throw broken();
  }
  return {
    migrations,
    program,
    takenAt,
    newest: Object.fromEntries(
      Object.entries(membersOf(newest)).map(([table, number]) => [table, Number(number)]),
    ),
    database: database === 'postgres' ? database : 'sqlite',
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

/** They become parts of statements. */
function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.every((name) => typeof name === 'string' && /^[a-z][a-z0-9_]*$/.test(name))
  );
}
