import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { startPostgres } from '../../../../test/postgres.ts';
import type { TestPostgres } from '../../../../test/postgres.ts';
import { attemptsContract } from './contract/attempts.contract.ts';
import { announcementsContract } from './contract/announcements.contract.ts';
import { endingsContract } from './contract/endings.contract.ts';
import { clusterContract } from './contract/cluster.contract.ts';
import type { Engine } from './contract/engine.ts';
import { clientTokensContract } from './contract/client-tokens.contract.ts';
import { agentsContract } from './contract/agents.contract.ts';
import { clientsContract } from './contract/clients.contract.ts';
import { grantsContract } from './contract/grants.contract.ts';
import { moreGrantsContract } from './contract/more-grants.contract.ts';
import { liveTokensContract } from './contract/live-tokens.contract.ts';
import { membershipsContract } from './contract/memberships.contract.ts';
import { nodesContract } from './contract/nodes.contract.ts';
import { onceContract } from './contract/once.contract.ts';
import { mailLinksContract } from './contract/mail-links.contract.ts';
import { outboxContract } from './contract/outbox.contract.ts';
import { organizationsContract } from './contract/organizations.contract.ts';
import { ownersContract } from './contract/owners.contract.ts';
import { personalTokensContract } from './contract/personal-tokens.contract.ts';
import { purgeContract } from './contract/purge.contract.ts';
import { recordsContract } from './contract/records.contract.ts';
import { refreshTokensContract } from './contract/refresh-tokens.contract.ts';
import { secondFactorsContract } from './contract/second-factors.contract.ts';
import { usageContract } from './contract/usage.contract.ts';
import { openStore } from './open-store.ts';

/** What every database must do, said once. Each has a database of its own, closed before the next is opened. */
function storeContract(engine: Engine): void {
  describe('owners', () => {
    ownersContract(engine);
  });
  describe('organizations and invitations', () => {
    organizationsContract(engine);
  });
  describe('memberships', () => {
    membershipsContract(engine);
  });
  describe('attempts', () => {
    attemptsContract(engine);
  });
  describe('clients', () => {
    clientsContract(engine);
  });
  describe('client tokens', () => {
    clientTokensContract(engine);
  });
  describe('agents', () => {
    agentsContract(engine);
  });
  describe('grants', () => {
    grantsContract(engine);
  });
  describe('refresh tokens', () => {
    refreshTokensContract(engine);
  });
  describe('records', () => {
    recordsContract(engine);
  });
  describe('purge', () => {
    purgeContract(engine);
  });
  describe('once', () => {
    onceContract(engine);
  });
  describe('links in mails', () => {
    mailLinksContract(engine);
  });
  describe('outbox', () => {
    outboxContract(engine);
  });
  describe('more grants', () => {
    moreGrantsContract(engine);
  });
  describe('live tokens', () => {
    liveTokensContract(engine);
  });
  describe('second factors', () => {
    secondFactorsContract(engine);
  });
  describe('personal access tokens', () => {
    personalTokensContract(engine);
  });
  describe('endings', () => {
    endingsContract(engine);
  });
  describe('cluster', () => {
    clusterContract(engine);
  });
  describe('figures', () => {
    usageContract(engine);
  });
  describe('announcements', () => {
    announcementsContract(engine);
  });
}

describe('SQLite in memory', () => {
  storeContract({
    open: async () => ({ store: await openStore({ url: 'sqlite::memory:' }) }),
  });
});

describe('SQLite in a file', () => {
  let directory: string;
  let databases = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tessera-store-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  storeContract({
    async open() {
      databases += 1;
      return { store: await openStore({ url: `sqlite:${join(directory, `${databases}.db`)}` }) };
    },
  });
});

describe('PostgreSQL, two nodes', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop(), 60_000);
  const engine: Engine = {
    async open() {
      const url = await postgres.createDatabase();
      // Both at once, on an empty database: the migrations must not meet.
      const [store, otherNode] = await Promise.all([openStore({ url }), openStore({ url })]);
      return { store, otherNode };
    },
  };
  storeContract(engine);
  nodesContract(engine);
});
