import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { accessToken, audit, bytes, NOW, refreshToken } from '../contract/samples.ts';
import { openStore, StoreOpenError } from '../open-store.ts';

const CHILD = new URL('../contract/crash-child.ts', import.meta.url).pathname;

const refusal = async (of: string): Promise<StoreOpenError> => {
  const error: unknown = await openStore({ url: of }).catch((caught: unknown) => caught);
  if (!(error instanceof StoreOpenError)) throw new Error('not refused', { cause: error });
  expect(error.message).toMatch(/^[\x20-\x7e]+$/);
  return error;
};

describe('a SQLite file', () => {
  let directory: string;
  let file: string;
  let url: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tessera-store-'));
    file = join(directory, 'tessera.db');
    url = `sqlite:${file}`;
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const startChild = (): ChildProcess =>
    spawn(process.execPath, ['--conditions=@tessera/source', CHILD, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });

  describe('is refused', () => {
    it.each(['', 'sqlite:', 'sqlite://host/file', 'mysql://localhost/x', './tessera.db', 'postgres:x'])(
      'for the URL %o',
      async (bad) => {
        expect((await refusal(bad)).code).toBe('bad_url');
      },
    );
    it('when its directory cannot be made', async () => {
      await writeFile(join(directory, 'file'), '');
      expect((await refusal(`sqlite:${join(directory, 'file', 'tessera.db')}`)).code).toBe('not_writable');
    });
    it('when it is a directory', async () => {
      await mkdir(file);
      expect((await refusal(url)).code).toBe('not_writable');
    });
    // Root may write everywhere, so there the check has nothing to find.
    it.skipIf(process.getuid?.() === 0)('when its directory cannot be written', async () => {
      await chmod(directory, 0o500);
      expect((await refusal(url)).code).toBe('not_writable');
      await chmod(directory, 0o700);
    });
    it('when it is no database', async () => {
      await writeFile(file, 'This is a letter, not a database. '.repeat(100));
      expect((await refusal(url)).code).toBe('not_a_database');
    });
    it('when a newer program made it unreadable for this one; and is left as it is', async () => {
      await (await openStore({ url })).close();
      const newer = new DatabaseSync(file);
      newer.exec(`UPDATE meta SET value = 1000000 WHERE key = 'schema'`);
      newer.exec(`UPDATE meta SET value = 999999 WHERE key = 'minimum_program'`);
      newer.close();
      const { code, message } = await refusal(url);
      expect(code).toBe('database_newer');
      expect(message).toContain('999999');
      // The lock is free again.
      expect((await refusal(url)).code).toBe('database_newer');
    });
    it('while this process has it open', async () => {
      const store = await openStore({ url });
      expect((await refusal(url)).code).toBe('in_use');
      await store.close();
      await (await openStore({ url })).close();
    });
    it('while another process has it open, and no longer once that was killed', async () => {
      const child = startChild();
      const exited = once(child, 'exit');
      for await (const line of createInterface(child.stdout ?? process.stdin)) {
        if (line === 'open') break;
      }
      const { code, message } = await refusal(url);
      expect(code).toBe('in_use');
      expect(message).toContain(file);
      child.kill('SIGKILL');
      await exited;
      await (await openStore({ url })).close();
    });
    it('to another process while this one has it open', async () => {
      const store = await openStore({ url });
      const child = startChild();
      const said: string[] = [];
      for await (const line of createInterface(child.stdout ?? process.stdin)) said.push(line);
      expect(said).toEqual(['refused in_use']);
      await store.close();
    });
  });

  it('of a newer program that still serves this one is used as it is', async () => {
    await (await openStore({ url })).close();
    const newer = new DatabaseSync(file);
    newer.exec(`UPDATE meta SET value = 1000000 WHERE key = 'schema'`);
    newer.close();
    const store = await openStore({ url });
    await store.audit.record(audit('sign_in'));
    await store.close();
    const after = new DatabaseSync(file);
    expect(after.prepare(`SELECT value FROM meta WHERE key = 'schema'`).get()?.['value']).toBe(1_000_000);
    after.close();
  });
  it('is made with its directory, for its owner alone, and found again as it was left', async () => {
    const deep = join(directory, 'a', 'b', 'tessera.db');
    const first = await openStore({ url: `sqlite:${deep}`, clock: () => NOW });
    const event = audit('sign_in');
    await first.audit.record(event);
    await first.close();
    await first.close();
    await expect(first.audit.record(event)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    await expect(first.ping()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect((await stat(deep)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o700);
    const second = await openStore({ url: `sqlite:${deep}` });
    expect((await second.audit.list({}, { limit: 10 })).items).toEqual([event]);
    expect((await second.organizations.find('org_default'))?.createdAt).toBe(NOW);
    await second.close();
  });
  it('keeps what was queued when the store was closed', async () => {
    const store = await openStore({ url });
    const event = audit('sign_in');
    const recording = store.audit.record(event);
    await store.close();
    await recording;
    const again = await openStore({ url });
    expect((await again.audit.list({}, { limit: 10 })).items).toEqual([event]);
    await again.close();
  });

  describe('after kill -9', () => {
    const KILLS = 10;
    it(`has all that was acknowledged and does nothing twice (${KILLS} times)`, async () => {
      let redeemed = 0;
      let rotated = 0;
      // A slow machine gets more of them, until enough was acknowledged to be looked for.
      for (let kill = 0; kill < KILLS || redeemed <= KILLS || rotated <= KILLS; kill += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one process at a time may hold the database
        const said = await runUntilKilled(startChild(), 20 + Math.random() * 150);
        // oxlint-disable-next-line no-await-in-loop -- as above
        const store = await openStore({ url });
        // oxlint-disable-next-line no-await-in-loop -- as above
        const checked = await checkPromises(store, said);
        redeemed += checked.redeemed;
        rotated += checked.rotated;
        // oxlint-disable-next-line no-await-in-loop -- as above
        await store.close();
      }
      const database = new DatabaseSync(file);
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
    });
  });
});

/** What the child said before it was killed, some time after it had opened the database. */
async function runUntilKilled(child: ChildProcess, afterMs: number): Promise<readonly (readonly string[])[]> {
  const said: string[][] = [];
  for await (const line of createInterface(child.stdout ?? process.stdin)) {
    said.push(line.split(' '));
    if (line === 'open') setTimeout(() => child.kill('SIGKILL'), afterMs);
  }
  return said;
}

const fromHex = (hex: string | undefined): Uint8Array => new Uint8Array(Buffer.from(hex ?? '', 'hex'));

/** Every answer that was given holds; what was only begun happened as a whole or not at all. */
async function checkPromises(
  store: Store,
  said: readonly (readonly string[])[],
): Promise<{ readonly redeemed: number; readonly rotated: number }> {
  const answered = (word: string): Set<string | undefined> =>
    new Set(said.filter(([first]) => first === word).map(([, hash]) => hash));
  const [redeemed, rotated] = [answered('redeemed'), answered('rotated')];
  for (const [verb, hash, accessId, refreshHash] of said) {
    if (verb !== 'redeeming' && verb !== 'rotating') continue;
    const acknowledged = verb === 'redeeming' ? redeemed : rotated;
    // oxlint-disable-next-line no-await-in-loop -- thousands of checks, one after the other
    const [access, refresh, used] = await Promise.all([
      store.accessTokens.find(fromHex(accessId)),
      store.refreshTokens.find(fromHex(refreshHash)),
      verb === 'redeeming'
        ? store.grants.findCode(fromHex(hash)).then((found) => found?.code.usedAt)
        : store.refreshTokens.find(fromHex(hash)).then((found) => found?.token.rotatedAt),
    ]);
    const happened = used !== undefined;
    expect([access !== undefined, refresh !== undefined], `${verb} ${hash}`).toEqual([happened, happened]);
    expect(happened || !acknowledged.has(hash), `${verb} ${hash} was acknowledged`).toBe(true);
  }
  await tryAgain(store, [...redeemed].map(fromHex), [...rotated].map(fromHex));
  return { redeemed: redeemed.size, rotated: rotated.size };
}

/** What was done once cannot be done again. */
async function tryAgain(
  store: Store,
  codes: readonly Uint8Array[],
  tokens: readonly Uint8Array[],
): Promise<void> {
  const reuseAudit = audit('refresh_token.reused');
  const row = accessToken(undefined);
  const rotations = await Promise.all(
    tokens.map((hash) =>
      store.refreshTokens.rotate({
        hash,
        at: NOW + 1,
        successor: refreshToken({ id: 'none' }),
        accessToken: row,
        sealedAnswer: bytes(),
        graceMs: 0,
        reuseAudit,
      }),
    ),
  );
  expect(rotations.every(({ outcome }) => outcome === 'reused' || outcome === 'gone')).toBe(true);
  const redemptions = await Promise.all(
    codes.map((codeHash) => store.grants.redeemCode({ codeHash, at: NOW + 1, accessToken: row, reuseAudit })),
  );
  expect(redemptions.every((outcome) => outcome === 'used')).toBe(true);
}
