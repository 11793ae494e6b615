import type { AccessTokenLifetime } from '../../domain/access-token-lifetime.ts';
import type { Client } from '../../domain/client.ts';
import type { Organization } from '../../domain/organization.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Organizations } from '../../ports/organizations.ts';
import { deepFreeze, fromJson, toJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { listPage, ofOrganizations } from '../list-page.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { change, lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { endPersonalTokensOfOrganization } from './end-personal-tokens.ts';
import { judgeMembersAnew, membershipStep } from './memberships.ts';
import { removeOwned } from './remove-owned.ts';

interface OrganizationColumns {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly kind: Organization['kind'];
  readonly access_token_lifetime: string | null;
  readonly created_at: number;
}

const findOrganization = statement('organization_find', 'SELECT * FROM organizations WHERE id = $1');
const insertOrganization = statement(
  'organization_insert',
  'INSERT INTO organizations (id, name, kind, created_at) VALUES ($1, $2, $3, $4)',
);
const updateOrganization = statement(
  'organization_update',
  "UPDATE organizations SET name = $2, access_token_lifetime = $3 WHERE id = $1 AND kind <> 'personal'",
);
const lockTeam = lockingStatement(
  'organization_lock_team',
  "SELECT id FROM organizations WHERE id = $1 AND kind = 'team'",
);
const deleteOrganization = statement('organization_delete', 'DELETE FROM organizations WHERE id = $1');

/** What is kept in memory of organizations and of what they own. */
export interface OwnerCaches {
  readonly organizations: MemoryCache<Organization>;
  readonly clients: MemoryCache<Client>;
  readonly resources: MemoryCache<Resource>;
}

export function createOrganizations(database: Database, caches: OwnerCaches): Organizations {
  const { organizations, clients, resources } = caches;
  return {
    find: (id) =>
      organizations.get(
        id,
        async () => (await database.find<OrganizationColumns>(findOrganization, id)).map(toOrganization)[0],
      ),

    async create({ id, name, kind, createdAt }, owner, audit) {
      await database.write(function* () {
        yield { steps: [step(insertOrganization, id, name, kind, createdAt)], last: false };
        yield* lastly(membershipStep(owner), recordAudit(audit));
      });
    },

    async update({ id, name, accessTokenLifetime: lifetime }, audit) {
      const updated = await database.write(function* (): Verb<boolean> {
        const rule = lifetime === undefined ? null : toJson(lifetime);
        if ((yield* change(updateOrganization, id, name, rule)) === 0) return false;
        yield* lastly(recordAudit(audit));
        return true;
      });
      organizations.forget(id);
      return updated;
    },

    // Members and invitations go with the row.
    async delete(id, audit) {
      const deleted = await database.write(function* (): Verb<boolean> {
        if ((yield* row(lockTeam, id)) === undefined) return false;
        // First, so that what ends with the apps and APIs is told once.
        yield* judgeMembersAnew(id, audit.at);
        yield* removeOwned(id, audit.at);
        const ended = endPersonalTokensOfOrganization(id, audit.at, 'organization_deleted');
        yield* lastly(...ended, step(deleteOrganization, id), recordAudit(audit));
        return true;
      });
      organizations.forget(id);
      clients.forget();
      resources.forget();
      return deleted;
    },

    list: (filter, page) =>
      listPage<OrganizationColumns, Organization>(
        database,
        {
          name: 'organizations',
          table: 'organizations',
          select: 'SELECT * FROM {page} ORDER BY seq DESC',
          where: [ofOrganizations('id', filter.organizationIds), ['kind = $', filter.kind]],
          toItems: (found) => found.map(toOrganization),
        },
        page,
      ),
  };
}

function toOrganization(columns: OrganizationColumns): Organization {
  const { id, name, kind, created_at: createdAt, access_token_lifetime: lifetime } = columns;
  return deepFreeze({
    id,
    name,
    kind,
    createdAt,
    ...(lifetime !== null && { accessTokenLifetime: fromJson<AccessTokenLifetime>(lifetime) }),
  });
}
