import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveKey, open, seal, type SealingKey } from '@tessera/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../../../test/postgres.ts';
import { createSealMail, openMail } from '../mail/sealed-mail.ts';
import { openSeed, sealSeed } from '../people/seed-box.ts';
import { newClientToken, openClientToken } from '../protocol/client-tokens/new-client-token.ts';
import { createKeyRing } from '../protocol/key-ring.ts';
import { createUpstreamSeals } from '../protocol/upstream/sealed-provider.ts';
import { audit, client, NOW, user } from '../store/contract/samples.ts';
import { openStore } from '../store/open-store.ts';
import { openBeside } from '../store/sealed/beside.ts';
import { openSnapshot } from '../store/backup/take-backup.ts';
import { BOXED_TABLES } from '../store/sealed/boxes.ts';
import { rewrap } from './rewrap.ts';

const random = (size: number): Uint8Array => randomBytes(size);
const oldKey = random(32);
const newKey = random(32);
const key = (of: Uint8Array, purpose: string): Uint8Array => deriveKey(of, purpose);

let directory: string;
let postgres: TestPostgres;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tessera-rewrap-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('a key that comes and one that was both open, and only the first one seals', () => {
  const both: SealingKey = [newKey, oldKey];
  const before = seal(oldKey, random(8), 'one', random);
  expect(open(both, before, 'one')).toBeDefined();
  expect(open(both, before, 'other')).toBeUndefined();
  const after = seal(both, random(8), 'one', random);
  expect([open(newKey, after, 'one'), open(oldKey, after, 'one')]).toEqual([expect.anything(), undefined]);
});

describe.each(['sqlite', 'postgres'] as const)('on %s', { timeout: 60_000 }, (kind) => {
  it('seals everything anew beside a server that is at work, and goes on where it was stopped', async () => {
    const url = kind === 'sqlite' ? `sqlite:${join(directory, 'one.db')}` : await postgres.createDatabase();
    const store = await openStore({ url });
    const ringWith = (sealing: Uint8Array) =>
      createKeyRing({
        signingKeys: store.signingKeys,
        sealingKey: key(sealing, 'signing-keys'),
        clock: () => NOW,
        random,
      });
    await ringWith(oldKey).prepare();
    const person = user();
    await store.users.create(person, audit('user.created'));
    const seed = random(20);
    const seeded = { id: 'app_1', userId: person.id };
    const sealedSeed = sealSeed(seed, seeded, key(oldKey, 'second-factors'), random);
    await store.secondFactors.addAuthenticatorApp(
      { ...seeded, name: 'phone', sealedSeed, lastStep: 1, createdAt: NOW },
      { audit: audit('factor.added'), recoveryCodes: [] },
    );
    const app = client();
    await store.clients.create(app, audit('client.created'));
    const made = newClientToken(app.id, NOW, key(oldKey, 'sealed-secrets'), random);
    await store.clientTokens.replace(made.kept, NOW, audit('client_token.created'));
    const mail = createSealMail(key(oldKey, 'mail'), random)(
      { to: 'ada@example.com', subject: 's', text: 't', purpose: 'password_changed' },
      NOW,
    );
    await store.outbox.enqueue(mail);
    await store.sealedSecrets.ensure('one', seal(key(oldKey, 'sealed-secrets'), random(32), 'one', random));
    await store.sealedSecrets.claim('taken', audit('key.rotated'));
    const seals = createUpstreamSeals(key(oldKey, 'upstream-tokens'), random);
    expect(seals).toBeDefined();

    const beside = await openBeside(url);
    // Stopped after some writes.
    let writes = 0;
    const stopping = {
      ...beside,
      change: async (sql: string, ...values: never[]) => {
        writes += 1;
        if (writes > 2) throw new Error('stopped');
        return beside.change(sql, ...values);
      },
    };
    const options = { oldKey, newKey, random };
    await expect(rewrap({ beside: stopping, ...options })).rejects.toThrow('stopped');
    // The server goes on writing, as one that still seals with the old key.
    await store.sealedSecrets.ensure('two', seal(key(oldKey, 'sealed-secrets'), random(32), 'two', random));
    const done = await rewrap({ beside, ...options });
    expect(done).toEqual({ sealed: 5, before: 2, unreadable: [] });
    expect(await rewrap({ beside, ...options })).toEqual({ sealed: 0, before: 7, unreadable: [] });
    // With another new key none of them opens: they are named, and left as they are.
    const third = await rewrap({ beside, oldKey, newKey: random(32), random });
    expect([third.sealed, third.unreadable.length]).toEqual([0, 7]);
    await beside.close();

    await ringWith(newKey).prepare();
    await expect(ringWith(oldKey).prepare()).rejects.toMatchObject({ name: 'WrongMasterKey' });
    const [kept] = (await store.secondFactors.of(person.id)).authenticatorApps;
    expect(kept && openSeed(kept, key(newKey, 'second-factors'))).toEqual(new Uint8Array(seed));
    const token = await store.clientTokens.find(made.kept.id);
    expect(token && openClientToken(token, key(newKey, 'sealed-secrets'))).toBe(made.value);
    expect(openMail(key(oldKey, 'mail'), mail)?.to).toBe('ada@example.com');
    await store.close();
  });

  it('knows every column that is sealed', async () => {
    const url = kind === 'sqlite' ? `sqlite:${join(directory, 'two.db')}` : await postgres.createDatabase();
    await (await openStore({ url })).close();
    const snapshot = await openSnapshot(url);
    const found: string[] = [];
    for await (const { name, columns } of snapshot.tables()) {
      // The answer to a refresh is sealed under the token itself; places in status lists and anchors are no boxes.
      found.push(
        ...columns.filter((column) => column.startsWith('sealed')).map((column) => `${name}.${column}`),
      );
    }
    await snapshot.close();
    const known = BOXED_TABLES.map(({ table, sealed }) => `${table}.${sealed}`);
    expect(found.filter((each) => each !== 'refresh_families.sealed_answer').toSorted()).toEqual(
      known.toSorted(),
    );
  });
});
