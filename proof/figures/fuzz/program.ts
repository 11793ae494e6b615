// What is fuzzed, in a process of its own: a server with every endpoint open, and a gateway before an API.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { issueAdminToken } from '../../../packages/server/src/startup/first-start.ts';
import { DEVICE_CODE_GRANT } from '../../../packages/server/src/domain/client.ts';
import { answerCalls } from '../../../bench/program.ts';
import { startGateway, startUpstream } from '../../../test/gateway.ts';
import { startTestServer, type StoreKind, type TestServer } from '../../../test/harness.ts';
import { issueTokenFor } from '../../../test/personal-tokens.ts';
import {
  MUSIC,
  type Person,
  type RegisteredClient,
  type Registrations,
} from '../../../test/registrations.ts';

/** What whoever fuzzes has to know. */
export interface Target extends Omit<Registrations, 'resources'> {
  readonly base: string;
  readonly issuer: string;
  readonly gateway: string;
  readonly management: string;
  readonly device: RegisteredClient;
  readonly adminToken: string;
}

/** Somebody whose account may be broken. */
export interface Member {
  readonly person: Person;
  readonly token: string;
}

let running: { readonly server: TestServer; close(): Promise<void> } | undefined;
let members = 0;

async function start(store: StoreKind): Promise<Target> {
  const server = await startTestServer({
    store,
    config: {
      dynamic_registration: 'open',
      sign_up: 'on',
      personal_apps: 'on',
      create_organizations: 'everyone',
      log_level: 'error',
    },
  });
  await server.registerClient({ id: 'fuzzed', name: 'To be changed' });
  const device = await server.registerClient({
    id: 'tv',
    applicationType: 'native',
    redirectUris: [],
    tokenEndpointAuthMethod: 'none',
    grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
  });
  const upstream = await startUpstream();
  const { id, secret } = server.clients.musicServer;
  const gateway = await startGateway({
    log_level: 'error',
    issuers: { main: { url: server.issuer, client_id: id, client_secret: secret } },
    forward_auth: { proxies: [{ dialect: 'nginx', addresses: ['127.0.0.1'] }] },
    routes: {
      api: { path: '/', upstream: upstream.url, verify_access_token: { audience: MUSIC } },
      open: { path: '/open', upstream: upstream.url, open: true },
    },
  });
  running = {
    server,
    async close() {
      await gateway.close();
      await upstream.close();
      await server.close();
    },
  };
  const { person, clients, base, issuer } = server;
  return {
    person,
    clients,
    base,
    issuer,
    device,
    adminToken: await adminToken(),
    gateway: gateway.url,
    management: gateway.managementUrl,
  };
}

const theServer = (): TestServer => {
  if (running === undefined) throw new Error('nothing runs');
  return running.server;
};

async function adminToken(): Promise<string> {
  const { tessera } = theServer();
  const administrator = await tessera.store.users.findByEmail('admin@example.test');
  if (administrator === undefined) throw new Error('there is no administrator');
  return issueAdminToken(tessera, administrator);
}

async function newMember(): Promise<Member> {
  const person = await theServer().registerPerson({ email: `member${members++}@example.test` });
  return { person, token: await issueTokenFor(theServer(), person.user.id, ['account', 'admin']) };
}

/** What only waits to be collected says nothing: Node lets it lie for as long as there is room. */
setFlagsFromString('--expose-gc');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the flag adds to every new context
const collectGarbage = runInNewContext('gc') as () => void;

answerCalls(
  {
    start,
    newMember,
    adminToken,
    /** Limits of a minute would hide what lies behind them. */
    advance: (milliseconds: number) => theServer().clock.advance(milliseconds),
    residentBytes() {
      collectGarbage();
      return process.memoryUsage.rss();
    },
    /** What was logged as an error since the last call. */
    errors: () => (theServer().log as string[]).splice(0).filter((line) => /"level":(50|60)/.test(line)),
  },
  async () => running?.close(),
);
