import { rows, statement } from '../statement.ts';
import type { Verb } from '../statement.ts';
import { removeClient } from './clients.ts';
import { removeResource } from './resources.ts';

const findClients = statement(
  'owned_clients',
  'SELECT id FROM clients WHERE organization_id = $1 ORDER BY seq',
);
const findResources = statement(
  'owned_resources',
  'SELECT id FROM resources WHERE organization_id = $1 ORDER BY seq',
);

/**
 * Everything that an organization owns goes, as if each app and each API were deleted by itself: grants and tokens end,
 * and those who check tokens are told. Within a larger verb, before the organization itself goes.
 */
export function* removeOwned(organizationId: string, at: number): Verb<void> {
  for (const { id } of yield* rows<{ readonly id: string }>(findClients, organizationId)) {
    yield* removeClient(id, at);
  }
  for (const { id } of yield* rows<{ readonly id: string }>(findResources, organizationId)) {
    yield* removeResource(id, at);
  }
}
