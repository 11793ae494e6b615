import type { Organization } from '../../domain/organization.ts';
import type { Organizations } from '../../ports/organizations.ts';
import { deepFreeze } from '../columns.ts';
import type { Database } from '../database.ts';
import type { MemoryCache } from '../memory-cache.ts';
import { statement } from '../statement.ts';

interface OrganizationColumns {
  readonly id: string;
  readonly name: string;
  readonly kind: Organization['kind'];
  readonly created_at: number;
}

const findOrganization = statement(
  'organization_find',
  'SELECT id, name, kind, created_at FROM organizations WHERE id = $1',
);

export function createOrganizations(database: Database, cache: MemoryCache<Organization>): Organizations {
  return {
    find: (id) =>
      cache.get(id, async () => {
        const [found] = await database.find<OrganizationColumns>(findOrganization, id);
        if (found === undefined) return undefined;
        return deepFreeze({ id: found.id, name: found.name, kind: found.kind, createdAt: found.created_at });
      }),
  };
}
