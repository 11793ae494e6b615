import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../../test/postgres.ts';
import { hold, type Holdings } from '../contract/holdings.ts';
import { audit, HOUR, NOW, personalToken, signingKey, user } from '../contract/samples.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../../ports/store.ts';
import { FATES } from './fates.ts';
import { type Restored, restoreBackup } from './restore-backup.ts';
import { openSnapshot, takeBackup } from './take-backup.ts';

const KINDS = ['sqlite', 'postgres'] as const;
const key = randomBytes(32);
const AT = NOW + HOUR;
let directory: string;
let postgres: TestPostgres;
let files = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tessera-backup-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

const newFile = (end: string): string => join(directory, `${(files += 1)}.${end}`);
const newDatabase = async (kind: (typeof KINDS)[number]): Promise<string> =>
  kind === 'sqlite' ? `sqlite:${newFile('db')}` : postgres.createDatabase();

async function backup(url: string, path = newFile('backup')): Promise<string> {
  await takeBackup({ url, path, key, version: '1.2.3', clock: () => AT - 1000 });
  return path;
}

function restore(
  url: string,
  path: string,
  more: { source?: string; keys?: Uint8Array[] } = {},
): Promise<Restored> {
  return restoreBackup({ url, path, keys: [key], clock: () => AT, newId: () => 'aud_restored', ...more });
}

async function filled(url: string): Promise<Holdings & { readonly pat: Uint8Array }> {
  const store = await openStore({ url, clock: () => NOW });
  const held = await hold(store);
  const pat = personalToken(held.user, { resourceId: held.api.id });
  await store.personalAccessTokens.create(pat, audit('personal_access_token.created'));
  await store.signingKeys.rotate({ key: signingKey(), audit: audit('key.rotated') });
  await store.statuses.reserveBlock(NOW);
  await store.close();
  return { ...held, pat: pat.hash };
}

const withStore = async <Result>(url: string, use: (store: Store) => Promise<Result>): Promise<Result> => {
  const store = await openStore({ url, clock: () => AT });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
};

describe.each(KINDS)('a backup of %s', { timeout: 60_000 }, (kind) => {
  let source: string;
  let held: Awaited<ReturnType<typeof filled>>;
  let path: string;

  beforeAll(async () => {
    source = await newDatabase(kind);
    held = await filled(source);
    path = await backup(source);
  });

  it('is for its owner alone, and never written over another one', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(backup(source, path)).rejects.toThrow(/exists/);
    const stopped = newFile('backup');
    await writeFile(`${stopped}.partial`, '');
    await expect(backup(source, stopped)).rejects.toThrow(/was stopped/);
    await expect(backup(source, join(directory, 'nowhere', 'one.backup'))).rejects.toThrow(
      /cannot be written/,
    );
  });

  it('a database in memory is none to fill', async () => {
    await expect(restore('sqlite::memory:', path)).rejects.toMatchObject({ code: 'bad_url' });
  });

  it('has nothing to say of a database without tables', async () => {
    const empty = kind === 'sqlite' ? `sqlite:${newFile('db')}` : await postgres.createDatabase();
    await expect(backup(empty)).rejects.toMatchObject({ name: 'StoreOpenError' });
  });

  it.each(KINDS)('into %s brings back what was set up, and ends what opens a door', async (to) => {
    const url = await newDatabase(to);
    const { tokens, rows } = await restore(url, path);
    expect([tokens, rows['users']]).toEqual(['ended', 1]);
    await withStore(url, async (store) => {
      expect(await store.users.find(held.user.id)).toEqual(held.user);
      expect((await store.resources.find(held.api.id))?.identifier).toBe(held.api.identifier);
      for (const row of Object.values(held.tokens)) {
        // oxlint-disable-next-line no-await-in-loop -- a handful
        expect(await store.accessTokens.find(row.id)).toBeUndefined();
      }
      expect(await store.grants.find(held.grant.id)).toBeUndefined();
      expect(await store.refreshTokens.find(held.refreshHash)).toBeUndefined();
      expect(await store.sessions.find(held.session.id, AT)).toBeUndefined();
      expect(await store.consents.find(held.user.id, held.client.id, held.api.id)).toBeUndefined();
      const state = await store.personalAccessTokens.findByHash(held.pat);
      expect(state?.token).toMatchObject({ revokedAt: AT, revokedReason: 'restored' });
      expect(await store.signingKeys.list(AT)).toEqual([]);
      expect(
        await store.signingKeys.rotate({ key: signingKey({ createdAt: AT }), audit: audit('key.rotated') }),
      ).toBe(true);
      expect(await store.endings.unlisted(AT)).toContainEqual(
        expect.objectContaining({ kind: 'epoch', at: AT }),
      );
      // A place that was given out after the backup is never given anew.
      expect(await store.statuses.reserveBlock(AT)).toBeGreaterThan(1_000_000);
      const { items } = await store.audit.list({ type: 'database.restored' }, { limit: 2 });
      expect(items).toMatchObject([{ id: 'aud_restored', detail: { taken_from: kind, tokens: 'ended' } }]);
    });
  });

  it.each(KINDS)('into %s takes tokens along where nothing has happened since', async (to) => {
    const url = await newDatabase(to);
    expect((await restore(url, path, { source })).tokens).toBe('kept');
    await withStore(url, async (store) => {
      for (const [name, row] of Object.entries(held.tokens)) {
        // oxlint-disable-next-line no-await-in-loop -- a handful
        expect([name, (await store.accessTokens.find(row.id))?.endedAt]).toEqual([name, undefined]);
      }
      expect(await store.refreshTokens.find(held.refreshHash)).toBeDefined();
      expect(await store.signingKeys.list(NOW)).toHaveLength(1);
      // Rows that come after get numbers that are free.
      await hold(store);
    });
    const again = await backup(url);
    expect((await stat(again)).size).toBeGreaterThan(0);
  });

  it('does not take tokens along where something has happened since', async () => {
    const other = await newDatabase(kind);
    const { tokens } = await filled(other);
    const taken = await backup(other);
    await withStore(other, (store) => store.accessTokens.revoke(tokens.jwt.id, AT, audit('token.revoked')));
    const url = await newDatabase(kind);
    await expect(restore(url, taken, { source: other })).rejects.toThrow(/has happened/);
    expect((await restore(url, taken)).tokens).toBe('ended');
  });

  it('holds whatever a text may hold: separators of lines, too', async () => {
    const other = await newDatabase(kind);
    const named = user({ displayName: 'Ada\u2028of\u2029London\u0085\r\n\v\f' });
    await withStore(other, (store) => store.users.create(named, audit('user.created')));
    const url = await newDatabase(kind);
    await restore(url, await backup(other));
    await withStore(url, async (store) => expect(await store.users.find(named.id)).toEqual(named));
  });

  it('is refused where the database holds anything', async () => {
    const url = await newDatabase(kind);
    await restore(url, path);
    await expect(restore(url, path)).rejects.toThrow(/not empty/);
  });

  it('is refused as a whole where it is broken, cut off, changed, newer, or of another key', async () => {
    const url = await newDatabase(kind);
    const bytes = await readFile(path);
    const text = gunzipSync(bytes).toString();
    const lines = text.trimEnd().split('\n');
    const changed = async (content: Uint8Array | string): Promise<string> => {
      const file = newFile('backup');
      await writeFile(file, content);
      return file;
    };
    const head = JSON.parse(lines[0] ?? '') as object;
    const withHead = (more: object): string =>
      [JSON.stringify({ ...head, ...more }), ...lines.slice(1), ''].join('\n');
    const cases: readonly (readonly [string, RegExp])[] = [
      [await changed(bytes.subarray(0, bytes.length / 2)), /broken/],
      [await changed(gzipSync(lines.slice(0, -1).join('\n'))), /broken/],
      [await changed(gzipSync(text.replace('"active"', '"disabled"'))), /broken/],
      [await changed(gzipSync(lines.toSpliced(5, 1).join('\n'))), /broken/],
      [await changed(gzipSync(withHead({ version: 2 }))), /version 2/],
      [await changed(gzipSync(withHead({ migrations: [9999] }))), /newer/],
      [await changed('not a backup'), /not a backup/],
      [await changed(''), /not a backup/],
      [join(directory, 'missing'), /cannot be read/],
    ];
    for (const [file, problem] of cases) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other into the same database
      await expect(restore(url, file)).rejects.toThrow(problem);
    }
    await expect(restore(url, path, { keys: [randomBytes(32)] })).rejects.toThrow(/another master key/);
    expect((await restore(url, path)).tokens).toBe('ended');
  });

  it('has every table, and each says what a restore does to it', async () => {
    const snapshot = await openSnapshot(source);
    const names: string[] = [];
    for await (const { name } of snapshot.tables()) names.push(name);
    await snapshot.close();
    expect(names.toSorted()).toEqual(Object.keys(FATES).toSorted());
  });
});
