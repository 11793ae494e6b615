/** Ports that live in memory, for the tests of this room: the same promises as a store, without a database. */
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Client } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Resource } from '../../domain/resource.ts';
import type { SigningKey } from '../../domain/signing-key.ts';
import type { User } from '../../domain/user.ts';
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import type { AdminApiDependencies } from '../admin-api.ts';

export interface InMemoryPorts {
  readonly users: Map<string, User>;
  readonly clients: Map<string, Client>;
  readonly resources: Map<string, Resource>;
  readonly grants: Map<string, Grant>;
  readonly tokens: Map<string, AccessTokenRow>;
  readonly events: AuditEvent[];
  readonly keys: SigningKey[];
}

type Ports = Pick<
  AdminApiDependencies,
  'users' | 'organizations' | 'clients' | 'resources' | 'keys' | 'accessTokens' | 'grants' | 'audit'
>;

/** A cursor is the number of items already given. */
function page<Item>(items: readonly Item[], { limit, cursor }: PageRequest): Page<Item> {
  const start = Number(cursor ?? '0');
  const newest = items.toReversed();
  const end = start + limit;
  return { items: newest.slice(start, end), ...(end < newest.length && { nextCursor: String(end) }) };
}

const hex = (id: Uint8Array) => Buffer.from(id).toString('hex');

export function createInMemoryPorts(): { readonly held: InMemoryPorts; readonly ports: Ports } {
  const held: InMemoryPorts = {
    users: new Map(),
    clients: new Map(),
    resources: new Map(),
    grants: new Map(),
    tokens: new Map(),
    events: [],
    keys: [],
  };
  return { held, ports: { ...peoplePorts(held), ...appPorts(held), ...tokenPorts(held), ...keyPorts(held) } };
}

function peoplePorts({ users, events }: InMemoryPorts): Pick<Ports, 'users' | 'organizations'> {
  const requireFreeEmail = (user: User) => {
    const taken = [...users.values()].some((other) => other.email === user.email && other.id !== user.id);
    if (taken) throw new AlreadyExists('email');
  };
  return {
    users: {
      find: async (id) => users.get(id),
      findByEmail: async (email) => [...users.values()].find((user) => user.email === email),
      create: async (user, audit) => {
        requireFreeEmail(user);
        users.set(user.id, user);
        events.push(audit);
      },
      update: async (user, audit) => {
        requireFreeEmail(user);
        users.set(user.id, user);
        events.push(audit);
      },
      delete: async (id, audit) => {
        events.push(audit);
        return users.delete(id);
      },
      list: async (request) => page([...users.values()], request),
      countAdmins: async () =>
        [...users.values()].filter((user) => user.role === 'admin' && user.status === 'active').length,
    },
    organizations: {
      find: async (id) =>
        id === 'org_default' ? { id, name: 'Default', kind: 'default', createdAt: 0 } : undefined,
    },
  };
}

function appPorts({ clients, resources, events }: InMemoryPorts): Pick<Ports, 'clients' | 'resources'> {
  const moveDefault = (resource: Resource) => {
    if (!resource.isDefault) return;
    for (const other of resources.values()) resources.set(other.id, { ...other, isDefault: false });
  };
  return {
    clients: {
      find: async (id) => clients.get(id),
      create: async (client, audit) => {
        if (clients.has(client.id)) throw new AlreadyExists('client_id');
        clients.set(client.id, client);
        events.push(audit);
      },
      update: async (client, audit) => {
        events.push(audit);
        return clients.has(client.id) && clients.set(client.id, client) === clients;
      },
      delete: async (id, audit) => {
        events.push(audit);
        return clients.delete(id);
      },
      list: async (request) => page([...clients.values()], request),
    },
    resources: {
      find: async (id) => resources.get(id),
      findByIdentifier: async (identifier) =>
        [...resources.values()].find((resource) => resource.identifier === identifier),
      findDefault: async () => [...resources.values()].find((resource) => resource.isDefault),
      create: async (resource, audit) => {
        const taken = [...resources.values()].some((other) => other.identifier === resource.identifier);
        if (taken) throw new AlreadyExists('identifier');
        moveDefault(resource);
        resources.set(resource.id, resource);
        events.push(audit);
      },
      update: async (resource, audit) => {
        moveDefault(resource);
        resources.set(resource.id, resource);
        events.push(audit);
        return true;
      },
      delete: async (id, audit) => {
        events.push(audit);
        return resources.delete(id);
      },
      list: async (request) => page([...resources.values()], request),
    },
  };
}

function state(row: AccessTokenRow): AccessTokenState {
  return { row, ...(row.revokedAt !== undefined && { endedAt: row.revokedAt }) };
}

function tokenPorts({
  tokens,
  grants,
  events,
}: InMemoryPorts): Pick<Ports, 'accessTokens' | 'grants' | 'audit'> {
  return {
    accessTokens: {
      find: async (id) => {
        const row = tokens.get(hex(id));
        return row && state(row);
      },
      revoke: async (id, at, audit) => {
        const row = tokens.get(hex(id));
        if (row === undefined || row.revokedAt !== undefined) return false;
        tokens.set(hex(id), { ...row, revokedAt: at });
        events.push(audit);
        return true;
      },
      list: async ({ clientId, userId, liveAt }, request) =>
        page(
          [...tokens.values()]
            .filter((row) => clientId === undefined || row.clientId === clientId)
            .filter((row) => userId === undefined || row.userId === userId)
            .filter((row) => liveAt === undefined || (row.revokedAt === undefined && row.expiresAt > liveAt))
            .map((row) => state(row)),
          request,
        ),
    },
    grants: {
      find: async (id) => grants.get(id),
      end: async (id, endReason, endedAt, audit) => {
        const grant = grants.get(id);
        if (grant === undefined) return false;
        grants.set(id, { ...grant, endReason, endedAt });
        events.push(audit);
        return true;
      },
      list: async ({ clientId, userId }, request) =>
        page(
          [...grants.values()]
            .filter((grant) => clientId === undefined || grant.clientId === clientId)
            .filter((grant) => userId === undefined || grant.userId === userId),
          request,
        ),
    },
    audit: {
      list: async ({ type, actor, clientId, userId }, request) =>
        page(
          events
            .filter((event) => type === undefined || event.type === type)
            .filter((event) => actor === undefined || event.actor === actor)
            .filter((event) => clientId === undefined || event.clientId === clientId)
            .filter((event) => userId === undefined || event.userId === userId),
          request,
        ),
    },
  };
}

function keyPorts({ keys, events }: InMemoryPorts): Pick<Ports, 'keys'> {
  return {
    keys: {
      list: async () => keys,
      rotate: async (alg, { immediately, audit }) => {
        const activeFrom = audit.at + (immediately ? 0 : 600_000);
        const kid = `kid-${keys.length}`;
        const publicJwk = { kty: 'EC', kid };
        const key: SigningKey = {
          kid,
          alg,
          publicJwk,
          sealedPrivateKey: new Uint8Array([7]),
          createdAt: audit.at,
          activeFrom,
        };
        const predecessor = keys.findIndex((other) => other.alg === alg && other.retiresAt === undefined);
        const before = keys[predecessor];
        if (before !== undefined) keys[predecessor] = { ...before, retiresAt: activeFrom + 90_000_000 };
        keys.push(key);
        events.push(audit);
        return key;
      },
      retire: async (kid, _at, audit) => {
        const index = keys.findIndex((key) => key.kid === kid);
        if (index === -1) return false;
        keys.splice(index, 1);
        events.push(audit);
        return true;
      },
    },
  };
}
