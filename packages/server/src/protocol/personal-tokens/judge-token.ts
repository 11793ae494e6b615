/** A personal access token before the rules of every organization that has a say: its own, and that of its API. */
import { type BrokenRule, brokenRules, type RuledToken } from '../../access/personal-token-rules.ts';
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { OrganizationTokenRules } from '../../ports/token-rules.ts';
import type { RoleIn, TokenOwner } from './role-in.ts';

export interface JudgeDependencies {
  readonly tokenRules: Pick<OrganizationTokenRules, 'of'>;
  readonly roleIn: RoleIn;
}

export interface Verdict {
  /** Without `approval`; each once. */
  readonly broken: readonly Exclude<BrokenRule, 'approval'>[];
  /** Whose approval is missing; absent: nobody's. Of two the one that owns the API. */
  readonly approvalFrom?: string;
  /** The owner has no place in the token's organization any more. */
  readonly ownerLeft: boolean;
}

export async function judgeToken(
  token: RuledToken & Pick<PersonalAccessToken, 'organizationId' | 'approvalOrganizationId'>,
  owner: TokenOwner,
  resource: Pick<Resource, 'organizationId' | 'scopes'>,
  { tokenRules, roleIn }: JudgeDependencies,
): Promise<Verdict> {
  const apiScopes = resource.scopes.map(({ name }) => name);
  const organizations = [...new Set([token.organizationId, resource.organizationId])];
  const judged = await Promise.all(
    organizations.map(async (organizationId) => {
      const [rules, role] = await Promise.all([tokenRules.of(organizationId), roleIn(owner, organizationId)]);
      const approval = approvalFor(organizationId, token, resource);
      return { organizationId, role, codes: brokenRules({ ...token, approval }, rules, apiScopes, role) };
    }),
  );
  const codes = new Set(judged.flatMap((each) => each.codes));
  const approvalFrom = judged.findLast((each) => each.codes.includes('approval'))?.organizationId;
  return {
    broken: [...codes].filter((code) => code !== 'approval'),
    ...(approvalFrom !== undefined && { approvalFrom }),
    ownerLeft: judged[0]?.role === 'none',
  };
}

/**
 * What an approval is worth to an organization that asks for one: its own counts, and that of the API's organization.
 * Else people could approve in their personal one what others are asked about.
 */
function approvalFor(
  organizationId: string,
  { approval, approvalOrganizationId, organizationId: own }: Parameters<typeof judgeToken>[0],
  resource: Pick<Resource, 'organizationId'>,
): PersonalAccessToken['approval'] {
  if (approval !== 'approved') return approval;
  const by = approvalOrganizationId ?? own;
  return by === organizationId || by === resource.organizationId ? 'approved' : 'none';
}
