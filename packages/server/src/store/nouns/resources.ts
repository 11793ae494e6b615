import type { AuthorizationDetailsType } from '../../domain/authorization-details-type.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Resources } from '../../ports/resources.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import { deepFreeze, fromJson, toFlag, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { listPage, ofOrganizations } from '../list-page.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, lockingStatement, row, statement, step, throughAll } from '../statement.ts';
import type { Step, Value, Verb } from '../statement.ts';
import { announceResource } from './announce.ts';
import { recordAudit } from './audit.ts';
import { endPersonalTokensOfResource } from './end-personal-tokens.ts';

interface ResourceColumns {
  readonly seq: number;
  readonly id: string;
  readonly organization_id: string;
  readonly identifier: string;
  readonly name: string;
  readonly scopes: string;
  readonly default_scopes: string;
  readonly token_format: Resource['tokenFormat'];
  readonly access_token_lifetime: string;
  readonly signing_alg: Resource['signingAlg'];
  readonly is_default: number;
  readonly resource_servers: string;
  readonly allow_url_clients: number;
  readonly built_in: number;
  readonly token_exchange_clients: string;
  readonly authorization_details_types: string | null;
  readonly client_token_scopes: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

const findResource = statement('resource_find', 'SELECT * FROM resources WHERE id = $1');
const findResourceByIdentifier = statement(
  'resource_find_by_identifier',
  'SELECT * FROM resources WHERE identifier = $1',
);
const findServed = statement(
  'resource_find_served',
  'SELECT * FROM resources WHERE resource_servers LIKE $1',
);
const findDefaultResource = statement(
  'resource_find_default',
  'SELECT * FROM resources WHERE is_default = 1',
);
const insertResource = statement(
  'resource_insert',
  `INSERT INTO resources (id, organization_id, identifier, name, scopes, default_scopes, token_format,
     access_token_lifetime, signing_alg, is_default, resource_servers, built_in, created_at, updated_at,
     token_exchange_clients, authorization_details_types, allow_url_clients, client_token_scopes)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
);
const updateResource = statement(
  'resource_update',
  `UPDATE resources SET organization_id = $2, identifier = $3, name = $4, scopes = $5, default_scopes = $6,
     token_format = $7, access_token_lifetime = $8, signing_alg = $9, is_default = $10, resource_servers = $11,
     built_in = $12, created_at = $13, updated_at = $14, token_exchange_clients = $15,
     authorization_details_types = $16, allow_url_clients = $17, client_token_scopes = $18
   WHERE id = $1`,
);
const unmarkDefault = statement(
  'resource_unmark_default',
  'UPDATE resources SET is_default = 0, updated_at = updated_at + 1 WHERE is_default = 1 AND id <> $1',
);
const lockResource = lockingStatement(
  'resource_lock',
  'SELECT updated_at, is_default FROM resources WHERE id = $1',
);
// What people allowed for the API that was the default says nothing about the next one; '' stands for the default.
const forgetDefaultConsents = statement(
  'resource_forget_default_consents',
  "DELETE FROM consents WHERE resource_id = ''",
);
const deleteResource = statement('resource_delete', 'DELETE FROM resources WHERE id = $1');
const endTokens = throughAll(
  statement(
    'resource_end_tokens',
    `UPDATE access_tokens SET revoked_at = $2
   WHERE resource_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
  ),
);
const deleteGrants = throughAll(
  statement('resource_delete_grants', 'DELETE FROM grants WHERE resource_id = $1'),
);
const deleteConsents = throughAll(
  statement('resource_delete_consents', 'DELETE FROM consents WHERE resource_id = $1'),
);

/** The three ways to find a resource share one cache; any write clears it. */
export function createResources(database: Database, cache: MemoryCache<Resource>): Resources {
  const write = async <Result>(verb: () => Verb<Result>): Promise<Result> => {
    try {
      return await database.write(verb);
    } catch (error) {
      throw error instanceof UniqueViolation && error.column === 'resources.identifier'
        ? new AlreadyExists('identifier')
        : error;
    } finally {
      cache.forget();
    }
  };

  return {
    find: (id) => cache.get(`id ${id}`, async () => first(await database.find(findResource, id))),
    findByIdentifier: (identifier) =>
      cache.get(`identifier ${identifier}`, async () =>
        first(await database.find(findResourceByIdentifier, identifier)),
      ),
    findDefault: () => cache.get('default', async () => first(await database.find(findDefaultResource))),

    async servedBy(clientId) {
      // What the pattern takes for more is sorted out here.
      const found = await database.find<ResourceColumns>(findServed, `%${clientId}%`);
      return found.map(toResource).filter((each) => each.resourceServers.includes(clientId));
    },

    create: (resource, audit) =>
      write(function* () {
        if (resource.isDefault) yield* takeDefaultFromOthers(resource.id);
        yield* change(insertResource, ...values(resource));
        yield* lastly(recordAudit(audit));
      }),

    update: (resource, audit, before) =>
      write(function* (): Verb<boolean> {
        const kept = yield* row<Pick<ResourceColumns, 'updated_at' | 'is_default'>>(
          lockResource,
          resource.id,
        );
        if (kept === undefined || (before !== undefined && before.updatedAt !== kept.updated_at))
          return false;
        if (resource.isDefault) yield* takeDefaultFromOthers(resource.id);
        else if (kept.is_default === 1) yield* change(forgetDefaultConsents);
        yield* lastly(step(updateResource, ...values(resource)), recordAudit(audit));
        return true;
      }),

    // Grants for the API go with the row. All of it ends before, so that those who listen hear of it.
    delete: (id, audit) =>
      write(function* (): Verb<boolean> {
        if (!(yield* removeResource(id, audit.at))) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),

    list: (filter, page) =>
      listPage<ResourceColumns, Resource>(
        database,
        {
          name: 'resources',
          table: 'resources',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          where: [ofOrganizations('organization_id', filter.organizationIds)],
          toItems: (rows) => rows.map(toResource),
        },
        page,
      ),
  };
}

/** An API goes, and every token for it ends before. @returns false if it is gone */
export function* removeResource(id: string, at: number): Verb<boolean> {
  const kept = yield* row<Pick<ResourceColumns, 'is_default'>>(lockResource, id);
  if (kept === undefined) return false;
  yield { steps: endEverythingFor(id, at), last: false };
  yield* change(deleteResource, id);
  if (kept.is_default === 1) yield* change(forgetDefaultConsents);
  yield { steps: [step(deleteGrants, id), step(deleteConsents, id)], last: false };
  return true;
}

function endEverythingFor(id: string, at: number): readonly Step[] {
  return [
    step(endTokens, id, at),
    ...announceResource(id, at),
    ...endPersonalTokensOfResource(id, at, 'api_deleted'),
  ];
}

function* takeDefaultFromOthers(id: string): Verb<void> {
  if ((yield* change(unmarkDefault, id)) > 0) yield* change(forgetDefaultConsents);
}

function values(resource: Resource): readonly Value[] {
  return [
    resource.id,
    resource.organizationId,
    resource.identifier,
    resource.name,
    toJson(resource.scopes),
    toJson(resource.defaultScopes),
    resource.tokenFormat,
    toJson(resource.accessTokenLifetime ?? null),
    resource.signingAlg,
    toFlag(resource.isDefault),
    toJson(resource.resourceServers),
    toFlag(resource.builtIn),
    resource.createdAt,
    resource.updatedAt,
    toJson(resource.tokenExchangeClients ?? []),
    resource.authorizationDetailsTypes === undefined ? null : toJson(resource.authorizationDetailsTypes),
    toFlag(resource.allowUrlClients === true),
    resource.clientTokenScopes === undefined ? null : toJson(resource.clientTokenScopes),
  ];
}

function first(rows: readonly ResourceColumns[]): Resource | undefined {
  return rows.map(toResource)[0];
}

function toResource(columns: ResourceColumns): Resource {
  const accessTokenLifetime = fromJson<Resource['accessTokenLifetime'] | null>(columns.access_token_lifetime);
  const tokenExchangeClients = fromJson<string[]>(columns.token_exchange_clients);
  return deepFreeze({
    id: columns.id,
    organizationId: columns.organization_id,
    identifier: columns.identifier,
    name: columns.name,
    scopes: fromJson<Resource['scopes']>(columns.scopes),
    defaultScopes: fromJson<string[]>(columns.default_scopes),
    tokenFormat: columns.token_format,
    ...(accessTokenLifetime !== null && accessTokenLifetime !== undefined && { accessTokenLifetime }),
    signingAlg: columns.signing_alg,
    isDefault: columns.is_default === 1,
    resourceServers: fromJson<string[]>(columns.resource_servers),
    ...(columns.allow_url_clients === 1 && { allowUrlClients: true }),
    ...(tokenExchangeClients.length > 0 && { tokenExchangeClients }),
    ...(columns.client_token_scopes !== null && {
      clientTokenScopes: fromJson<string[]>(columns.client_token_scopes),
    }),
    builtIn: columns.built_in === 1,
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
    ...(columns.authorization_details_types !== null && {
      authorizationDetailsTypes: fromJson<AuthorizationDetailsType[]>(columns.authorization_details_types),
    }),
  });
}
