import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { IdentityProviders } from '../../ports/identity-providers.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import { fromJson, nullable, toJson } from '../columns.ts';
import { UniqueViolation } from '../database.ts';
import type { Database } from '../database.ts';
import { change, lastly, statement } from '../statement.ts';
import type { Value, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';

interface ProviderColumns {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly status: IdentityProvider['status'];
  readonly sealed_secret: Uint8Array | null;
  readonly settings: string;
  readonly created_at: number;
  readonly updated_at: number;
}

/** What is kept as JSON. */
type Settings = Pick<
  IdentityProvider,
  'clientId' | 'scopes' | 'createAccounts' | 'keepTokens' | 'tokenClients' | 'tokenScope'
>;

const findProvider = statement('identity_provider_find', 'SELECT * FROM identity_providers WHERE id = $1');
const findByIssuer = statement(
  'identity_provider_find_by_issuer',
  'SELECT * FROM identity_providers WHERE issuer = $1',
);
const listProviders = statement('identity_provider_list', 'SELECT * FROM identity_providers ORDER BY seq');
const insertProvider = statement(
  'identity_provider_insert',
  `INSERT INTO identity_providers (id, name, issuer, status, sealed_secret, settings, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const updateProvider = statement(
  'identity_provider_update',
  `UPDATE identity_providers SET name = $2, issuer = $3, status = $4, sealed_secret = $5, settings = $6,
     created_at = $7, updated_at = $8 WHERE id = $1 AND updated_at = $9`,
);
const deleteProvider = statement('identity_provider_delete', 'DELETE FROM identity_providers WHERE id = $1');

export function createIdentityProviders(database: Database): IdentityProviders {
  return {
    find: async (id) => first(await database.find(findProvider, id)),
    findByIssuer: async (issuer) => first(await database.find(findByIssuer, issuer)),
    list: async () => (await database.find<ProviderColumns>(listProviders)).map(toProvider),
    async create(provider, audit) {
      try {
        await database.write(function* () {
          yield* change(insertProvider, ...values(provider));
          yield* lastly(recordAudit(audit));
        });
      } catch (error) {
        throw error instanceof UniqueViolation && error.column === 'identity_providers.issuer'
          ? new AlreadyExists('issuer')
          : error;
      }
    },
    update: (provider, audit, before) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(updateProvider, ...values(provider), before.updatedAt)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
    delete: (id, audit) =>
      database.write(function* (): Verb<boolean> {
        if ((yield* change(deleteProvider, id)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      }),
  };
}

function values(provider: IdentityProvider): readonly Value[] {
  const { clientId, scopes, createAccounts, keepTokens, tokenClients, tokenScope } = provider;
  const settings = { clientId, scopes, createAccounts, keepTokens, tokenClients, tokenScope };
  return [
    provider.id,
    provider.name,
    provider.issuer,
    provider.status,
    nullable(provider.sealedSecret),
    toJson(settings),
    provider.createdAt,
    provider.updatedAt,
  ];
}

function first(found: readonly ProviderColumns[]): IdentityProvider | undefined {
  return found.map(toProvider)[0];
}

function toProvider(columns: ProviderColumns): IdentityProvider {
  return {
    id: columns.id,
    name: columns.name,
    issuer: columns.issuer,
    status: columns.status,
    ...(columns.sealed_secret !== null && { sealedSecret: columns.sealed_secret }),
    ...fromJson<Settings>(columns.settings),
    createdAt: columns.created_at,
    updatedAt: columns.updated_at,
  };
}
