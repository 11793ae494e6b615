/** Fills an empty database of either kind from a backup, and ends what may have ended since. */
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Clock } from '../../ports/clock.ts';
import { migrate, MIGRATIONS } from '../migrations/migrate.ts';
import { recordAudit } from '../nouns/audit.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { BackupError, type BackupHead, type BackupTable, type Row, type RowCounts } from './backup-file.ts';
import type { Filling } from './database-ends.ts';
import { endEverything, freeDuty } from './end-everything.ts';
import { FATES, NEVER_TAKEN_ALONG } from './fates.ts';
import { readBackup } from './read-backup.ts';
import { openSqliteFilling } from './sqlite-ends.ts';
import { newestRows, openSnapshot } from './take-backup.ts';

export interface RestoreOptions {
  readonly url: string;
  readonly path: string;
  /** Any of them may have vouched for the backup. */
  readonly keys: readonly Uint8Array[];
  readonly clock: Clock;
  /** Draws the id of the audit event. */
  readonly newId: () => string;
  /**
   * The database that the backup was taken from, which nobody uses any more: where nothing has happened there since, tokens
   * and sign-ins are taken along.
   */
  readonly source?: string;
}

export interface Restored {
  readonly head: BackupHead;
  readonly rows: RowCounts;
  readonly tokens: 'ended' | 'kept';
}

/** All of it or nothing. @throws BackupError, StoreOpenError */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { url, path, keys, clock, source } = options;
  const backup = await readBackup(path, keys);
  const { head } = backup;
  requireKnown(head);
  const at = clock();
  const filling = await openFilling(url);
  try {
    await requireEmpty(filling, head);
    const upTo = MIGRATIONS.filter(({ number }) => head.migrations.includes(number));
    await filling.run(() => migrate(filling.dialect, at, upTo));
    const tokens = source === undefined ? 'ended' : 'kept';
    for await (const table of backup.tables()) await fill(filling, table, tokens);
    const rows = backup.end();
    await filling.run(() => migrate(filling.dialect, at, MIGRATIONS));
    if (source === undefined) await endEverything(filling, at);
    else await requireUnchanged(source, head);
    await filling.settle();
    const audit = restoredEvent(options, head, tokens, at);
    await filling.run(function* (): Verb<void> {
      yield* change(freeDuty);
      yield* lastly(recordAudit(audit));
    });
    await filling.commit();
    return { head, rows, tokens };
  } finally {
    await filling.close();
  }
}

async function openFilling(url: string): Promise<Filling> {
  if (url.startsWith('sqlite:')) return openSqliteFilling(url.slice('sqlite:'.length));
  const { openPostgresFilling } = await import('./postgres-ends.ts');
  return openPostgresFilling(url);
}

function requireKnown({ migrations, program }: BackupHead): void {
  const known = new Set(MIGRATIONS.map(({ number }) => number));
  if (migrations.every((number) => known.has(number))) return;
  throw new BackupError(`The backup was made by a newer Tessera (${program}). Update Tessera.`);
}

/** Whatever somebody may miss if it were mixed with what is in the backup. */
const INHABITED = ['users', 'clients', 'signing_keys', 'grants', 'audit_events'];

async function requireEmpty(filling: Filling, { migrations }: BackupHead): Promise<void> {
  const tables = await filling.columns();
  if (tables.size === 0) return;
  for (const table of INHABITED) {
    if (!tables.has(table)) continue;
    // oxlint-disable-next-line no-await-in-loop -- the first row is enough
    if ((await filling.numbers(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0) continue;
    throw new BackupError(
      'The database is not empty. Restore into a new one, and point TESSERA_DATABASE_URL at it: nothing is written over.',
    );
  }
  const made = tables.has('applied_migrations')
    ? await filling.numbers('SELECT number FROM applied_migrations')
    : [];
  if (made.length > 0 && made.every((number) => migrations.includes(number))) return;
  throw new BackupError('The database has tables already. Restore into a new one.');
}

const IS_UNLISTED: ReadonlySet<unknown> = new Set(['key', 'epoch', 'policy']);

async function fill(
  filling: Filling,
  { name, columns, rows }: BackupTable,
  tokens: Restored['tokens'],
): Promise<void> {
  const known = (await filling.columns()).get(name);
  const strange = columns.find(
    (column) => known?.has(column) !== true && !(name === 'events' && column === 'xid'),
  );
  if (known === undefined || strange !== undefined) {
    throw new BackupError(`The backup has ${strange ?? name} in ${name}, which this program does not know.`);
  }
  const isTaken = !NEVER_TAKEN_ALONG.has(name) && (tokens === 'kept' || FATES[name] !== 'ended');
  const isEvents = name === 'events';
  if (isTaken && !isEvents) {
    await filling.run(function* (): Verb<void> {
      // What the migrations put there is in the backup, too.
      yield* change(statement(`restore_empty_${name}`, `DELETE FROM ${name}`));
    });
  }
  for await (const batch of rows) {
    if (!isTaken) continue;
    if (isEvents) await insertUnlisted(filling, columns, batch);
    else await filling.insert(name, columns, batch);
  }
}

/** Events have places of their own in each database: whoever listens begins anew, and is told these. */
async function insertUnlisted(
  filling: Filling,
  columns: readonly string[],
  batch: readonly Row[],
): Promise<void> {
  const kind = columns.indexOf('kind');
  const format = columns.indexOf('format');
  const kept = columns.flatMap((column, index) => (column === 'xid' || column === 'id' ? [] : [index]));
  const told = batch.filter(
    (row) => IS_UNLISTED.has(row[kind]) || (row[kind] === 'token' && row[format] === 'cat'),
  );
  if (told.length === 0) return;
  await filling.insert(
    'events',
    kept.map((index) => columns[index] ?? ''),
    told.map((row) => kept.map((index) => row[index] ?? null)),
  );
}

/** @throws BackupError where anything has been issued, ended or changed since */
async function requireUnchanged(source: string, { newest }: BackupHead): Promise<void> {
  const snapshot = await openSnapshot(source);
  try {
    const now = await newestRows(snapshot);
    const changed = Object.entries(now).filter(([table, number]) => newest[table] !== number);
    if (changed.length === 0) return;
    throw new BackupError(
      `Something has happened in the source since the backup was taken (${changed.map(([table]) => table).join(', ')}). Stop its server, take another backup, and restore that one. Nothing was restored.`,
    );
  } finally {
    await snapshot.close();
  }
}

function restoredEvent(
  { newId }: RestoreOptions,
  { takenAt, database }: BackupHead,
  tokens: Restored['tokens'],
  at: number,
): AuditEvent {
  return {
    id: newId(),
    at,
    type: 'database.restored',
    outcome: 'success',
    actor: 'system',
    detail: { taken_at: new Date(takenAt).toISOString(), taken_from: database, tokens },
  };
}
