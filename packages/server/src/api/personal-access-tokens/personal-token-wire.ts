/** A personal access token as both APIs show it. The token itself is not kept anywhere. */
import { type Static, Type } from '../../schema/type.ts';
import { PERSONAL_TOKEN_STATUSES, personalTokenStatus } from '../../domain/personal-access-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import type { LastUses } from '../../protocol/last-uses.ts';
import { type JudgeDependencies, judgeToken } from '../../protocol/personal-tokens/judge-token.ts';
import { Identifier } from '../identifier.ts';
import { LastUseSchema, toLastUseWire } from '../last-use-wire.ts';
import { PageOf, pagingParameters } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export const PersonalTokenSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Type.Optional(Type.String()),
    hint: Type.String({ description: 'Its last four characters' }),
    user_id: Type.String({ description: 'Whose it is' }),
    user_name: Type.String({ description: 'What they are called' }),
    user_email: Type.String(),
    organization_id: Type.String({ description: 'Under whose rules it was made' }),
    resource: Type.Optional(
      Type.String({ description: 'The identifier of its API; absent: the API is gone' }),
    ),
    scopes: Type.Array(Type.String()),
    status: Type.Enum(PERSONAL_TOKEN_STATUSES, { description: 'A pending one waits for approval' }),
    refused_by: Type.Optional(
      Type.Array(Type.Enum(['lifetime', 'never_expires', 'full_scope', 'creator', 'approval']), {
        description: 'Rules that came later and refuse it now, though it has not ended',
      }),
    ),
    created_at: Seconds('When it was made'),
    expires_at: Type.Optional(Seconds('When it ends or ended; absent: it does not expire')),
    last_used: Type.Optional(LastUseSchema),
    approval_organization_id: Type.Optional(
      Type.String({ description: 'Whose approval it waits or waited for' }),
    ),
    decided_at: Type.Optional(Seconds('When it was approved or denied')),
    decided_by: Type.Optional(Type.String()),
    decision_reason: Type.Optional(Type.String()),
    revoked_at: Type.Optional(Seconds('When it was ended before its time')),
    revoked_reason: Type.Optional(Type.String()),
    regenerated_from: Type.Optional(Type.String({ description: 'The token whose place it took' })),
    regenerated_at: Type.Optional(Seconds('When another one took its place')),
  },
  { title: 'PersonalAccessToken' },
);

export const PersonalTokenPage = PageOf(PersonalTokenSchema, 'PersonalAccessTokens');

export type PersonalTokenWire = Static<typeof PersonalTokenSchema>;

/** What lists of both APIs may be asked for. */
export const personalTokenParameters = {
  ...pagingParameters,
  status: Type.Optional(Type.Enum(PERSONAL_TOKEN_STATUSES)),
  resource: Type.Optional(Type.String({ maxLength: 2048, description: 'The identifier of an API' })),
};

export const PersonalTokenQuery = Type.Object(personalTokenParameters, { additionalProperties: false });

export const PersonalTokenParameter = Type.Object({ id: Identifier });

export interface WireDependencies extends JudgeDependencies {
  readonly resources: Pick<Resources, 'find'>;
  readonly lastUses: Pick<LastUses, 'latest'>;
}

/** @param now milliseconds */
export async function toPersonalTokenWire(
  state: PersonalTokenState,
  now: number,
  dependencies: WireDependencies,
): Promise<PersonalTokenWire> {
  const { token, owner } = state;
  const resource = await dependencies.resources.find(token.resourceId);
  const status = personalTokenStatus(token, now);
  const refusedBy = status === 'active' ? await rulesAgainst(state, resource, dependencies) : [];
  const lastUse = dependencies.lastUses.latest(token.id, state.lastUse);
  return {
    id: token.id,
    name: token.name,
    ...(token.description !== undefined && { description: token.description }),
    hint: token.hint,
    user_id: token.userId,
    user_name: owner.displayName,
    user_email: owner.email,
    organization_id: token.organizationId,
    ...(resource !== undefined && { resource: resource.identifier }),
    scopes: [...token.scopes],
    status,
    ...(refusedBy.length > 0 && { refused_by: refusedBy }),
    created_at: toSeconds(token.createdAt),
    ...(token.expiresAt !== undefined && { expires_at: toSeconds(token.expiresAt) }),
    ...(lastUse !== undefined && { last_used: toLastUseWire(lastUse) }),
    ...decisionOf(state),
    ...(token.revokedAt !== undefined && { revoked_at: toSeconds(token.revokedAt) }),
    ...(token.revokedReason !== undefined && { revoked_reason: token.revokedReason }),
    ...(token.regeneratedFrom !== undefined && { regenerated_from: token.regeneratedFrom }),
    ...(token.regeneratedAt !== undefined && { regenerated_at: toSeconds(token.regeneratedAt) }),
  };
}

function decisionOf({ token }: PersonalTokenState) {
  const { approvalOrganizationId, decidedAt, decidedBy, decisionReason } = token;
  return {
    ...(approvalOrganizationId !== undefined && { approval_organization_id: approvalOrganizationId }),
    ...(decidedAt !== undefined && { decided_at: toSeconds(decidedAt) }),
    ...(decidedBy !== undefined && { decided_by: decidedBy }),
    ...(decisionReason !== undefined && { decision_reason: decisionReason }),
  };
}

async function rulesAgainst(
  { token, owner }: PersonalTokenState,
  resource: Resource | undefined,
  judge: JudgeDependencies,
) {
  if (resource === undefined) return [];
  const { broken, approvalFrom } = await judgeToken(token, owner, resource, judge);
  return approvalFrom === undefined ? [...broken] : [...broken, 'approval' as const];
}
