import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_ORGANIZATION_ID } from '../domain/organization.ts';
import type { User } from '../domain/user.ts';
import type { Store } from '../ports/store.ts';
import { audit, membership, user } from '../store/contract/samples.ts';
import { openStore } from '../store/open-store.ts';
import { addressesOf } from './addresses-of.ts';

const MANY = 201;
let store: Store;
let people: readonly User[];
let operator: User;
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tessera-addresses-'));
  store = await openStore({ url: `sqlite:${join(directory, 'tessera.db')}` });
  // Whoever came first is the last of a list that begins with the newest.
  operator = user({ role: 'admin' });
  await store.users.create(operator, audit('user.created'));
  people = Array.from({ length: MANY }, () => user());
  await Promise.all(people.map((each) => store.users.create(each, audit('user.created'))));
});
afterAll(() => store?.close());

it('finds whoever runs the deployment among more people than a page holds', async () => {
  expect(await addressesOf(DEFAULT_ORGANIZATION_ID, ['owner'], store)).toEqual([operator.email]);
});

it('finds the owner among more members than a page holds', async () => {
  const [owner, ...others] = people;
  if (owner === undefined) throw new Error('there is nobody');
  await store.memberships.add(membership(owner, { role: 'owner' }), audit('member.added'));
  const added = others.map((each) => membership(each, { role: 'member' }));
  await Promise.all(added.map((each) => store.memberships.add(each, audit('member.added'))));
  await store.memberships.add(membership(operator, { role: 'developer' }), audit('member.added'));
  expect(await addressesOf(DEFAULT_ORGANIZATION_ID, ['owner'], store)).toEqual([owner.email]);
  expect(await addressesOf(DEFAULT_ORGANIZATION_ID, ['owner', 'developer'], store)).toHaveLength(2);
});
