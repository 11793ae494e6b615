import type { Client, ClientSecret } from '../../domain/client.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Clients } from '../../ports/clients.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import { deepFreeze, fromJson, nullable, present, toFlag, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { listPage, ofOrganizations } from '../list-page.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, lockingStatement, row, rows, statement, step, throughAll } from '../statement.ts';
import type { Step, Value, Verb } from '../statement.ts';
import { agentSteps, toAgent } from './agent-columns.ts';
import { recordAudit } from './audit.ts';
import { endClient, endRefreshOfClient } from './end-client.ts';

/** A client joined with one of its secrets, or with none. */
interface ClientColumns {
  readonly seq: number;
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly application_type: Client['applicationType'];
  readonly redirect_uris: string;
  readonly grant_types: string;
  readonly token_endpoint_auth_method: Client['tokenEndpointAuthMethod'];
  readonly scopes: string | null;
  readonly require_pkce: number;
  readonly first_party: number;
  readonly registered_by: Client['registeredBy'];
  readonly status: Client['status'];
  readonly client_uri: string | null;
  readonly logo_uri: string | null;
  readonly policy_uri: string | null;
  readonly tos_uri: string | null;
  readonly contacts: string | null;
  readonly metadata: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly agent_owner_id: string | null;
  readonly agent_review_at: number | null;
  readonly agent_details: string | null;
  readonly secret_id: string | null;
  readonly secret_hash: Uint8Array;
  readonly secret_hint: string;
  readonly secret_created_at: number;
  readonly secret_expires_at: number | null;
}

const SELECT_CLIENT = `SELECT clients.*, client_secrets.id AS secret_id, client_secrets.hash AS secret_hash,
    client_secrets.hint AS secret_hint, client_secrets.created_at AS secret_created_at,
    client_secrets.expires_at AS secret_expires_at, agents.owner_id AS agent_owner_id,
    agents.review_at AS agent_review_at, agents.details AS agent_details`;
const JOIN_SECRETS = `LEFT JOIN client_secrets ON client_secrets.client_id = clients.id
    LEFT JOIN agents ON agents.client_id = clients.id`;

const findClient = statement(
  'client_find',
  `${SELECT_CLIENT} FROM clients ${JOIN_SECRETS} WHERE clients.id = $1 ORDER BY client_secrets.position`,
);
export const INSERT_CLIENT = `INSERT INTO clients (id, organization_id, name, application_type, redirect_uris, grant_types,
     token_endpoint_auth_method, scopes, require_pkce, first_party, registered_by, status, client_uri, logo_uri,
     policy_uri, tos_uri, contacts, created_at, updated_at, disabled_at, metadata)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`;
const insertClient = statement('client_insert', INSERT_CLIENT);
// disabled_at keeps the moment of the first disabling while the client stays disabled.
const updateClient = statement(
  'client_update',
  `UPDATE clients SET organization_id = $2, name = $3, application_type = $4, redirect_uris = $5, grant_types = $6,
     token_endpoint_auth_method = $7, scopes = $8, require_pkce = $9, first_party = $10, registered_by = $11,
     status = $12, client_uri = $13, logo_uri = $14, policy_uri = $15, tos_uri = $16, contacts = $17, created_at = $18,
     updated_at = $19, disabled_at = CASE WHEN $12 = 'disabled' THEN coalesce(disabled_at, $20) END, metadata = $21
   WHERE id = $1 AND updated_at = coalesce(CAST($22 AS bigint), updated_at)`,
);
const lockClient = lockingStatement(
  'client_lock',
  'SELECT status, token_endpoint_auth_method FROM clients WHERE id = $1',
);
export const deleteClient = throughAll(statement('client_delete', 'DELETE FROM clients WHERE id = $1'));
const lockServed = lockingStatement(
  'client_lock_served',
  `SELECT id, resource_servers, token_exchange_clients FROM resources
   WHERE resource_servers <> '[]' OR token_exchange_clients <> '[]' ORDER BY id`,
);
const replaceServers = statement(
  'client_replace_servers',
  'UPDATE resources SET resource_servers = $2, token_exchange_clients = $3, updated_at = updated_at + 1 WHERE id = $1',
);
const insertSecret = statement(
  'client_secret_insert',
  `INSERT INTO client_secrets (client_id, position, id, hash, hint, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const forgetUses = statement(
  'client_secret_uses_forget',
  `DELETE FROM client_secret_uses
   WHERE client_id = $1 AND secret_id NOT IN (SELECT id FROM client_secrets WHERE client_id = $1)`,
);
const deleteSecrets = statement('client_secrets_delete', 'DELETE FROM client_secrets WHERE client_id = $1');

export function createClients(
  database: Database,
  cache: MemoryCache<Client>,
  resources: MemoryCache<Resource>,
): Clients {
  return {
    find: (id) => cache.get(id, async () => toClients(await database.find<ClientColumns>(findClient, id))[0]),

    async create(client, audit) {
      try {
        await database.write(function* () {
          yield* lastly(...clientSteps(client), recordAudit(audit));
        });
      } catch (error) {
        throw error instanceof UniqueViolation && error.column === 'clients.id'
          ? new AlreadyExists('client_id')
          : error;
      }
      cache.forget(client.id);
    },

    async update(client, audit, before) {
      const updated = await database.write(function* (): Verb<boolean> {
        if (!(yield* replaceClient(client, before))) return false;
        yield* lastly(recordAudit(audit));
        return true;
      });
      cache.forget(client.id);
      return updated;
    },

    // Grants and consents go with the row. They end before, so that those who listen hear of it.
    async delete(id, audit) {
      const deleted = await database.write(function* (): Verb<boolean> {
        if (!(yield* removeClient(id, audit.at))) return false;
        yield* lastly(recordAudit(audit));
        return true;
      });
      cache.forget(id);
      resources.forget();
      return deleted;
    },

    list: (filter, page) =>
      listPage<ClientColumns, Client>(
        database,
        {
          name: 'clients',
          table: 'clients',
          select: `${SELECT_CLIENT} FROM {page} ${JOIN_SECRETS} ORDER BY clients.seq DESC, client_secrets.position`,
          where: [ofOrganizations('organization_id', filter.organizationIds)],
          toItems: toClients,
        },
        page,
      ),
  };
}

/** Writes a new client with its secrets. */
export function clientSteps(client: Client): readonly Step[] {
  return [step(insertClient, ...clientValues(client)), ...secretSteps(client), ...agentSteps(client)];
}

/** A client goes, and everything that it holds ends before. @returns false if it is gone */
export function* removeClient(id: string, at: number): Verb<boolean> {
  if ((yield* row(lockClient, id)) === undefined) return false;
  yield { steps: endClient(id, at, 'client_deleted'), last: false };
  yield* change(deleteClient, id);
  yield* stopServing(id);
  return true;
}

/** Replaces a client and its secrets. @returns false if it is gone, or not `before` any more */
export function* replaceClient(client: Client, before: Client | undefined): Verb<boolean> {
  const kept = yield* lockedClient(client.id);
  if ((yield* change(updateClient, ...clientValues(client), nullable(before?.updatedAt))) === 0) return false;
  yield* endWhatChanged(kept, client);
  yield* change(deleteSecrets, client.id);
  const written = [...secretSteps(client), ...agentSteps(client)];
  for (const { statement: on, values: given } of written) yield* change(on, ...given);
  yield* change(forgetUses, client.id);
  return true;
}

type KeptClient = Pick<ClientColumns, 'status' | 'token_endpoint_auth_method'>;

/** What a client was, for `endWhatChanged` after it has been written anew. */
export function* lockedClient(id: string): Verb<KeptClient | undefined> {
  return yield* row<KeptClient>(lockClient, id);
}

/**
 * A client that is disabled loses everything, for good. One that has become public loses its refresh tokens: they do
 * not rotate, and whoever finds one would need no secret any more.
 */
export function* endWhatChanged(kept: KeptClient | undefined, client: Client): Verb<void> {
  if (kept === undefined) return;
  const { id, updatedAt, status, tokenEndpointAuthMethod: method } = client;
  if (status === 'disabled' && kept.status === 'active') {
    const reason = client.agent === undefined ? 'client_disabled' : 'agent_stopped';
    yield { steps: endClient(id, updatedAt, reason), last: false };
  } else if (method === 'none' && kept.token_endpoint_auth_method !== 'none') {
    yield { steps: endRefreshOfClient(id, updatedAt), last: false };
  }
}

/** A later client of the same id must not be asked about the tokens of APIs that this one served, nor exchange any. */
export function* stopServing(id: string): Verb<void> {
  const served = yield* rows<{
    readonly id: string;
    readonly resource_servers: string;
    readonly token_exchange_clients: string;
  }>(lockServed);
  for (const resource of served) {
    const servers = fromJson<string[]>(resource.resource_servers);
    const exchanging = fromJson<string[]>(resource.token_exchange_clients);
    if (!servers.includes(id) && !exchanging.includes(id)) continue;
    const others = [servers, exchanging].map((ids) => toJson(ids.filter((each) => each !== id)));
    yield* change(replaceServers, resource.id, ...others);
  }
}

export function clientValues(client: Client): readonly Value[] {
  return [
    client.id,
    client.organizationId,
    client.name,
    client.applicationType,
    toJson(client.redirectUris),
    toJson(client.grantTypes),
    client.tokenEndpointAuthMethod,
    client.scopes === undefined ? null : toJson(client.scopes),
    toFlag(client.requirePkce),
    toFlag(client.firstParty),
    client.registeredBy,
    client.status,
    nullable(client.clientUri),
    nullable(client.logoUri),
    nullable(client.policyUri),
    nullable(client.tosUri),
    client.contacts === undefined ? null : toJson(client.contacts),
    client.createdAt,
    client.updatedAt,
    client.status === 'disabled' ? client.updatedAt : null,
    toJson(client.metadata),
  ];
}

function secretSteps(client: Client): readonly Step[] {
  return client.secrets.map((secret, position) =>
    step(
      insertSecret,
      client.id,
      position,
      secret.id,
      secret.hash,
      secret.hint,
      secret.createdAt,
      nullable(secret.expiresAt),
    ),
  );
}

/** Rows of one client stand together, one for each of its secrets. */
function toClients(joined: readonly ClientColumns[]): readonly Client[] {
  const clients = new Map<string, { readonly columns: ClientColumns; readonly secrets: ClientSecret[] }>();
  for (const columns of joined) {
    let client = clients.get(columns.id);
    if (client === undefined) {
      client = { columns, secrets: [] };
      clients.set(columns.id, client);
    }
    if (columns.secret_id !== null) client.secrets.push(toSecret(columns, columns.secret_id));
  }
  return [...clients.values()].map(({ columns, secrets }) => deepFreeze(toClient(columns, secrets)));
}

function toSecret(columns: ClientColumns, id: string): ClientSecret {
  return present({
    id,
    hash: columns.secret_hash,
    hint: columns.secret_hint,
    createdAt: columns.secret_created_at,
    expiresAt: columns.secret_expires_at,
  });
}

function toClient(columns: ClientColumns, secrets: readonly ClientSecret[]): Client {
  const agent = toAgent(columns.agent_owner_id, columns.agent_review_at, columns.agent_details);
  const client: Client = present({
    id: columns.id,
    organizationId: columns.organization_id,
    name: columns.name,
    applicationType: columns.application_type,
    redirectUris: fromJson<string[]>(columns.redirect_uris),
    grantTypes: fromJson<Client['grantTypes']>(columns.grant_types),
    tokenEndpointAuthMethod: columns.token_endpoint_auth_method,
    scopes: columns.scopes === null ? null : fromJson<string[]>(columns.scopes),
    requirePkce: columns.require_pkce === 1,
    firstParty: columns.first_party === 1,
    registeredBy: columns.registered_by,
    status: columns.status,
    secrets,
    clientUri: columns.client_uri,
    logoUri: columns.logo_uri,
    policyUri: columns.policy_uri,
    tosUri: columns.tos_uri,
    contacts: columns.contacts === null ? null : fromJson<string[]>(columns.contacts),
    metadata: fromJson<Client['metadata']>(columns.metadata),
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
  });
  return agent === undefined ? client : { ...client, agent };
}
