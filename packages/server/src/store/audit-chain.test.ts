// What the audit log refuses, and what reading it again finds when somebody goes around that: both databases, through
// a connection of one's own.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../test/postgres.ts';
import { anchorText } from '../audit/anchor.ts';
import { anchorLog, pruneLog } from '../audit/anchor-log.ts';
import { type AuditReport, verifyLog } from '../audit/verify-log.ts';
import type { Store } from '../ports/store.ts';
import { audit, client, DAY, NOW, user } from './contract/samples.ts';
import { MIGRATIONS, migrate } from './migrations/migrate.ts';
import { SQLITE } from './migrations/migration.ts';
import { openStore } from './open-store.ts';
import { runVerb, toSqlite } from './sqlite/sqlite-database.ts';

const KEY = randomBytes(32);
const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size));

type Sql = (...statements: readonly string[]) => Promise<void>;
interface Place {
  readonly url: string;
  readonly sql: Sql;
}
interface Engine {
  prepare(): Promise<void>;
  place(): Promise<Place>;
  discard(): Promise<void>;
}

function sqlite(): Engine {
  let directory: string;
  let databases = 0;
  return {
    async prepare() {
      directory = await mkdtemp(join(tmpdir(), 'tessera-audit-'));
    },
    async place() {
      databases += 1;
      const file = join(directory, `${databases}.db`);
      return {
        url: `sqlite:${file}`,
        async sql(...statements) {
          const connection = new DatabaseSync(file);
          try {
            for (const each of statements) connection.exec(each);
          } finally {
            connection.close();
          }
        },
      };
    },
    discard: () => rm(directory, { recursive: true, force: true }),
  };
}

function postgresql(): Engine {
  let postgres: TestPostgres;
  return {
    async prepare() {
      postgres = await startPostgres();
    },
    async place() {
      const url = await postgres.createDatabase();
      return {
        url,
        async sql(...statements) {
          const connection = new Client({ connectionString: url });
          await connection.connect();
          try {
            await connection.query(statements.join(';\n'));
          } finally {
            await connection.end();
          }
        },
      };
    },
    discard: () => postgres.stop(),
  };
}

const UNGUARDED = {
  sqlite: ['events', 'links', 'anchors'].flatMap((table) => [
    `DROP TRIGGER IF EXISTS audit_${table}_update`,
    `DROP TRIGGER IF EXISTS audit_${table}_delete`,
  ]),
  postgres: ['events', 'links', 'anchors'].map((table) => `ALTER TABLE audit_${table} DISABLE TRIGGER USER`),
};

describe.each([
  ['sqlite', sqlite()],
  ['postgres', postgresql()],
] as const)('the audit log on %s', (kind, engine) => {
  let place: Place;
  let store: Store;
  const unguarded: Sql = (...statements) => place.sql(...UNGUARDED[kind], ...statements);

  beforeAll(() => engine.prepare(), 60_000);
  afterAll(() => engine.discard(), 60_000);
  beforeEach(async () => {
    place = await engine.place();
    store = await openStore({ url: place.url });
  });
  afterEach(() => store.close());

  /** Eight events, of which the first five are sealed by one anchor and all of them by another. */
  async function written(): Promise<void> {
    for (let at = 0; at < 8; at += 1) {
      // oxlint-disable-next-line no-await-in-loop -- their order is what is tested
      await store.audit.record(
        audit('sign_in', {
          id: `evt_${at}`,
          at: NOW + at * DAY,
          actor: `usr_${at % 2}`,
          address: '192.0.2.7',
        }),
      );
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (at === 4) await seal();
    }
    await seal();
  }
  async function seal(): Promise<string | undefined> {
    await store.auditChain.link(random);
    const anchor = await anchorLog({ chain: store.auditChain, key: KEY }, NOW);
    return anchor && anchorText(anchor);
  }
  const verify = (known?: { number: number; seal: Uint8Array }): Promise<AuditReport> =>
    verifyLog({ chain: store.auditChain, key: KEY, ...(known && { known }) });
  const kinds = async (): Promise<readonly string[]> =>
    (await verify()).findings.map((finding) => `${finding.kind}: ${finding.where}`);

  describe('refuses', () => {
    it.each<readonly [what: string, statement: string]>([
      ['to change an event', "UPDATE audit_events SET actor = 'usr_other' WHERE id = 'evt_2'"],
      ['to give an event another address', "UPDATE audit_events SET address = '198.51.100.1'"],
      ['to change an event through the view', "UPDATE audit_log SET actor = 'usr_other'"],
      ['to remove an event', "DELETE FROM audit_events WHERE id = 'evt_2'"],
      ['to change a link', 'UPDATE audit_links SET position = position + 100'],
      ['to remove a link', 'DELETE FROM audit_links WHERE position = 8'],
      ['to change an anchor', 'UPDATE audit_anchors SET at = 0'],
      ['to remove an anchor', 'DELETE FROM audit_anchors'],
      ...(kind === 'postgres' ? [['to empty it', 'TRUNCATE audit_events'] as const] : []),
    ])('%s', async (_what, statement) => {
      await written();
      await expect(place.sql(statement)).rejects.toThrow(
        kind === 'sqlite' ? /append-only|cannot modify/ : /append-only/,
      );
      expect(await kinds()).toEqual([]);
    });
  });

  describe('tells', () => {
    it.each([
      ['nothing of what is whole', [], []],
      [
        'an event that was changed',
        ["UPDATE audit_events SET outcome = 'failure' WHERE id = 'evt_2'"],
        ['changed: chain 1, place 3, event evt_2'],
      ],
      [
        'an address that was changed',
        ["UPDATE audit_events SET address = '198.51.100.1' WHERE id = 'evt_2'"],
        ['changed: chain 1, place 3, event evt_2'],
      ],
      [
        'an event that was removed',
        ["DELETE FROM audit_events WHERE id = 'evt_2'"],
        ['removed: chain 1, place 3'],
      ],
      [
        'events that were removed with their links',
        [
          "DELETE FROM audit_events WHERE id IN ('evt_2', 'evt_3')",
          'DELETE FROM audit_links WHERE position IN (3, 4)',
        ],
        ['removed: chain 1, from 3 to 4'],
      ],
      [
        'an event that was inserted',
        [
          `INSERT INTO audit_events (id, at, type, outcome, actor) VALUES ('evt_x', ${NOW}, 'sign_in', 'success', 'usr_0')`,
        ],
        ['inserted: event evt_x'],
      ],
      [
        'events in another order',
        [
          'UPDATE audit_links SET position = 100 WHERE position = 3',
          'UPDATE audit_links SET position = 3 WHERE position = 4',
          'UPDATE audit_links SET position = 4 WHERE position = 100',
        ],
        ['reordered: chain 1, place 3', 'reordered: chain 1, place 4', 'reordered: chain 1, place 5'],
      ],
      [
        'events that changed places in the list',
        [
          "UPDATE audit_events SET actor = CASE id WHEN 'evt_2' THEN 'usr_1' ELSE 'usr_0' END WHERE id IN ('evt_2', 'evt_3')",
        ],
        ['changed: chain 1, place 3, event evt_2', 'changed: chain 1, place 4, event evt_3'],
      ],
      [
        'an end that was cut off',
        [
          "DELETE FROM audit_events WHERE id IN ('evt_6', 'evt_7')",
          'DELETE FROM audit_links WHERE position > 6',
        ],
        ['cut: chain 1, from 7 to 8'],
      ],
      [
        'all of it gone',
        ['DELETE FROM audit_events', 'DELETE FROM audit_links', 'DELETE FROM audit_chains'],
        ['cut: chain 1, from 1 to 8'],
      ],
      [
        'an anchor that was changed',
        ['UPDATE audit_anchors SET at = 7 WHERE number = 1'],
        ['anchor: anchor 1'],
      ],
      [
        'the first anchor removed',
        ['DELETE FROM audit_anchors WHERE number = 1'],
        ['anchor: anchor 2: one before it is gone'],
      ],
    ] as const)('%s', async (_what, statements, found) => {
      await written();
      await unguarded(...statements);
      expect(await kinds()).toEqual(found);
    });

    it('an end that was cut off and written anew', async () => {
      await written();
      await unguarded(
        "DELETE FROM audit_events WHERE id IN ('evt_6', 'evt_7')",
        'DELETE FROM audit_links WHERE position > 6',
        `UPDATE audit_chains SET position = 6, link = (SELECT link FROM audit_links WHERE position = 6)`,
      );
      for (const id of ['evt_new', 'evt_newer']) {
        // oxlint-disable-next-line no-await-in-loop -- their order is what is tested
        await store.audit.record(audit('sign_in', { id }));
      }
      await store.auditChain.link(random);
      expect(await kinds()).toEqual(['cut: chain 1, place 8, and written anew']);
    });

    it('an end that was cut off with its anchors, to whoever kept one', async () => {
      await written();
      const kept = await store.auditChain.newestAnchor();
      await unguarded(
        "DELETE FROM audit_events WHERE id IN ('evt_6', 'evt_7')",
        'DELETE FROM audit_links WHERE position > 6',
        'DELETE FROM audit_anchors WHERE number = 2',
      );
      expect(await kinds()).toEqual([]);
      expect((await verify(kept)).findings).toEqual([{ kind: 'cut', where: 'anchor 2' }]);
    });

    it('an anchor that was made without the key', async () => {
      await written();
      const head = await store.auditChain.heads();
      const newest = await store.auditChain.newestAnchor();
      await store.auditChain.addAnchor({
        ...newest!,
        number: 3,
        heads: [],
        floors: head,
        prunedBefore: NOW + 100 * DAY,
        previous: newest!.seal,
        seal: random(32),
      });
      await place.sql('DELETE FROM audit_events', 'DELETE FROM audit_links');
      const found = await kinds();
      expect(found).toContain('anchor: anchor 3');
      expect(found).toContain('cut: chain 1, from 1 to 8');
    });
  });

  it('forgets what it held of a person, and stays whole', async () => {
    const person = user();
    await store.users.create(
      person,
      audit('user.created', { userId: person.id, actor: person.id, address: '192.0.2.1' }),
    );
    await store.audit.record(
      audit('sign_in', {
        actor: person.id,
        userId: person.id,
        address: '192.0.2.1',
        personal: { agent: 'Firefox' },
      }),
    );
    await store.audit.record(
      audit('user.updated', { actor: 'usr_admin', userId: person.id, address: '192.0.2.9' }),
    );
    await seal();
    await store.users.delete(
      person.id,
      audit('user.deleted', { actor: person.id, userId: person.id, address: '192.0.2.1' }),
    );
    await seal();
    const { items } = await store.audit.list({ userId: person.id }, { limit: 10 });
    expect(items.map(({ type, address, personal }) => [type, address, personal])).toEqual([
      ['user.deleted', undefined, undefined],
      ['user.updated', '192.0.2.9', undefined],
      ['sign_in', undefined, undefined],
      ['user.created', undefined, undefined],
    ]);
    expect(await verify()).toMatchObject({ findings: [], events: 4, erased: 2 });
  });

  it('lets go of what is old, and says so in an anchor', async () => {
    await written();
    const kept = await store.auditChain.newestAnchor();
    const log = { chain: store.auditChain, key: KEY };
    expect(await pruneLog(log, NOW + 5 * DAY, NOW + 9 * DAY)).toBe(5);
    expect(await pruneLog(log, NOW + 5 * DAY, NOW + 9 * DAY)).toBe(0);
    const { items } = await store.audit.list({}, { limit: 10 });
    expect(items.map(({ id }) => id)).toEqual(['evt_7', 'evt_6', 'evt_5']);
    expect(await verify()).toMatchObject({ findings: [], events: 3 });
    // Even with an anchor that went with what it was about.
    expect((await verify(kept)).findings).toEqual([]);
    await expect(place.sql("DELETE FROM audit_events WHERE id = 'evt_6'")).rejects.toThrow(/append-only/);
    expect(await pruneLog(log, NOW + 100 * DAY, NOW + 100 * DAY)).toBe(3);
    await store.audit.record(audit('sign_in', { id: 'evt_next', at: NOW + 100 * DAY }));
    await seal();
    expect(await verify()).toMatchObject({ findings: [], events: 1 });
  });

  it.each(['anchors', 'links'] as const)(
    'finds nothing wrong where %s go while it is read',
    async (first) => {
      await written();
      const { auditChain } = store;
      let pruned = 0;
      const prune = async (): Promise<void> => {
        pruned += 1;
        if (pruned > 1) return;
        await pruneLog({ chain: auditChain, key: KEY }, NOW + 5 * DAY, NOW + 9 * DAY);
      };
      const chain: typeof auditChain = {
        ...auditChain,
        async anchors(...of) {
          const read = await auditChain.anchors(...of);
          // The anchors are read by then, and what they speak of is not.
          if (first === 'anchors' && of[1] > 1) await prune();
          return read;
        },
        async links(...of) {
          if (first === 'links') await prune();
          return auditChain.links(...of);
        },
      };
      expect(await verifyLog({ chain, key: KEY })).toMatchObject({ findings: [], events: 3 });
    },
  );

  it('links every event once, whoever writes and links at the same time', async () => {
    const others = kind === 'postgres' ? [await openStore({ url: place.url })] : [];
    const nodes = [store, ...others];
    const writes = Array.from({ length: 300 }, (_, index) => {
      const node = nodes[index % nodes.length] ?? store;
      return index % 3 === 0
        ? node.clients.create(client(), audit('client.created'))
        : node.audit.record(audit('sign_in'));
    });
    const linked = await Promise.all([
      ...writes,
      ...nodes.flatMap((node) => [1, 2, 3].map(() => node.auditChain.link(random))),
    ]);
    expect(linked.length).toBeGreaterThan(300);
    await Promise.all(nodes.map((node) => node.auditChain.link(random)));
    await store.auditChain.link(random);
    await Promise.all(nodes.map((node) => anchorLog({ chain: node.auditChain, key: KEY }, NOW)));
    expect(await verify()).toMatchObject({ findings: [], events: 300, anchors: 1 });
    await Promise.all(others.map((node) => node.close()));
  });

  it('knows whose an event is, also of what is gone by then', async () => {
    const app = client();
    await store.clients.create(app, audit('client.created', { clientId: app.id }));
    await store.clients.delete(app.id, audit('client.deleted', { clientId: app.id }));
    const { items } = await store.audit.list({ organizationIds: [app.organizationId] }, { limit: 10 });
    expect(items.map(({ type, subject }) => [type, subject])).toEqual([
      ['client.deleted', app.id],
      ['client.created', app.id],
    ]);
  });
});

it('takes the events of an older database into the chain', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tessera-audit-'));
  const file = join(directory, 'old.db');
  const older = new DatabaseSync(file);
  runVerb(
    migrate(
      SQLITE,
      NOW,
      MIGRATIONS.filter(({ number }) => number < 20),
    ),
    (on, values) => {
      const rows = older.prepare(toSqlite(on)).all(...values);
      return { rows, changes: rows.length };
    },
  );
  older.exec(
    `INSERT INTO audit_events (id, at, type, outcome, actor, user_id, address)
     VALUES ('evt_old', ${NOW}, 'sign_in', 'success', 'usr_1', 'usr_1', '192.0.2.7')`,
  );
  older.close();
  const store = await openStore({ url: `sqlite:${file}` });
  expect(await store.auditChain.link(random)).toBe(1);
  const report = await verifyLog({ chain: store.auditChain, key: KEY });
  expect(report).toMatchObject({ events: 1, findings: [] });
  expect((await store.audit.list({ subject: 'usr_1' }, { limit: 1 })).items).toMatchObject([
    { id: 'evt_old' },
  ]);
  await store.close();
  await rm(directory, { recursive: true });
});
