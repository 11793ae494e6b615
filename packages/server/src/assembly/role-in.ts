import type { RoleIn } from '../protocol/personal-tokens/judge-token.ts';

/** In their own organization everybody is the owner, and the operator is one everywhere. */
export function createRoleIn(): RoleIn {
  return async (person, organizationId) =>
    person.organizationId === organizationId || person.role === 'admin' ? 'owner' : 'none';
}
