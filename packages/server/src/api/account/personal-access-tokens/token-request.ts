/** What a person asks of a personal access token: read, and held against the rules of the organizations concerned. */
import { Type } from '../../../schema/type.ts';
import {
  LONGEST_PERSONAL_TOKEN_LIFE_MS,
  type PersonalAccessToken,
} from '../../../domain/personal-access-token.ts';
import type { Resource } from '../../../domain/resource.ts';
import type { User } from '../../../domain/user.ts';
import type { Resources } from '../../../ports/resources.ts';
import type { OrganizationTokenRules } from '../../../ports/token-rules.ts';
import { type JudgeDependencies, judgeToken } from '../../../protocol/personal-tokens/judge-token.ts';
import { isReachable, usualOrganization } from '../../../protocol/personal-tokens/reachable-apis.ts';
import type { MayDecide } from '../../../protocol/personal-tokens/role-in.ts';
import { Problem, type ProblemPointer } from '../../problem.ts';
import { Seconds } from '../../seconds.ts';

export const TokenName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
  description: 'For a person to know it by',
});
export const TokenDescription = Type.String({ maxLength: 500, description: 'What it is for' });
export const TokenScopes = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
  maxItems: 100,
  uniqueItems: true,
  description: 'Scopes of the API',
});
export const ends = {
  expires_at: Type.Optional(Seconds('When it ends; 30 days from now unless given')),
  never_expires: Type.Optional(
    Type.Literal(true, { description: 'In place of expires_at, where the rules allow it' }),
  ),
};

const USUAL_LIFE_MS = 30 * 24 * 3600 * 1000;

export function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', `${pointer} ${detail}`, [{ pointer, detail }]);
}

/** @throws Problem `invalid_request` where there is no such API for this person */
export async function apiOf(
  identifier: string | undefined,
  resources: Pick<Resources, 'findByIdentifier' | 'findDefault'>,
): Promise<Resource> {
  const found =
    identifier === undefined ? await resources.findDefault() : await resources.findByIdentifier(identifier);
  if (found !== undefined && !found.builtIn) return found;
  throw identifier === undefined
    ? invalid('/resource', 'is needed: there is no default API')
    : invalid('/resource', 'is no API that such a token can be for');
}

/** @throws Problem `invalid_request` for an organization that is none of theirs, or one whose tokens do not reach the API */
export async function organizationOf(
  named: string | undefined,
  owner: User,
  resource: Resource,
  { roleIn }: Pick<JudgeDependencies, 'roleIn'>,
): Promise<string> {
  const organizationId = named ?? usualOrganization(resource, owner);
  if ((await roleIn(owner, organizationId)) === 'none') {
    // Whether there is such an organization, or such an API, is not said.
    throw named === undefined
      ? invalid('/resource', 'is no API that such a token can be for')
      : invalid('/organization_id', 'is no organization of yours');
  }
  if (isReachable(resource, organizationId)) return organizationId;
  throw invalid('/resource', 'is no API that a token of this organization can be for');
}

/** @throws Problem `invalid_request` for a scope that the API does not have, and for none at all where it has some */
export function scopesOf(asked: readonly string[], resource: Resource): readonly string[] {
  const known = resource.scopes.map(({ name }) => name);
  const unknown = asked.findIndex((name) => !known.includes(name));
  if (unknown !== -1) throw invalid(`/scopes/${unknown}`, 'is no scope of this API');
  if (asked.length === 0 && known.length > 0) throw invalid('/scopes', 'must name at least one scope');
  return asked;
}

/**
 * When the token is to end, in milliseconds; undefined: never.
 * @param usualMs how long it lives where nothing was asked for
 * @throws Problem `invalid_request` for a time that has passed, or lies more than a year ahead
 */
export function endOf(
  asked: { readonly expires_at?: number; readonly never_expires?: true },
  at: number,
  usualMs: number = USUAL_LIFE_MS,
): number | undefined {
  const { expires_at: expiresAt, never_expires: never } = asked;
  if (never === true) {
    if (expiresAt !== undefined) throw invalid('/never_expires', 'and expires_at contradict each other');
    return undefined;
  }
  if (expiresAt === undefined) return Math.floor((at + usualMs) / 1000) * 1000;
  if (expiresAt * 1000 <= at) throw invalid('/expires_at', 'has passed');
  if (expiresAt * 1000 > at + LONGEST_PERSONAL_TOKEN_LIFE_MS)
    throw invalid('/expires_at', 'is more than 366 days ahead');
  return expiresAt * 1000;
}

/** The usual life, or the longest that the rules allow, if that is less. */
export async function usualLife(
  organizationIds: readonly string[],
  { tokenRules }: { readonly tokenRules: Pick<OrganizationTokenRules, 'of'> },
): Promise<number> {
  const rules = await Promise.all(organizationIds.map((id) => tokenRules.of(id)));
  return Math.min(USUAL_LIFE_MS, ...rules.map(({ maxLifetimeSeconds }) => maxLifetimeSeconds * 1000));
}

const WHY: Readonly<Record<'lifetime' | 'never_expires' | 'full_scope' | 'creator', ProblemPointer>> = {
  lifetime: { pointer: '/expires_at', detail: 'is later than the rules allow' },
  never_expires: { pointer: '/never_expires', detail: 'is not allowed: give an expires_at' },
  full_scope: { pointer: '/scopes', detail: 'may not be all scopes of the API' },
  creator: { pointer: '', detail: 'your role does not let you have such tokens' },
};

/** What is still to be decided of a token that the rules allow. */
export type Approval = Pick<
  PersonalAccessToken,
  'approval' | 'approvalOrganizationId' | 'decidedBy' | 'decidedAt'
>;

export interface ApprovalDependencies extends JudgeDependencies {
  /** Whether the person could approve it themselves. */
  readonly mayDecide: MayDecide;
}

/** @throws Problem `token_rules`, naming every rule that stands against it */
export async function allowed(
  token: Pick<
    PersonalAccessToken,
    'userId' | 'organizationId' | 'createdAt' | 'expiresAt' | 'scopes' | 'approval' | 'approvalOrganizationId'
  >,
  owner: User,
  resource: Resource,
  at: number,
  dependencies: ApprovalDependencies,
): Promise<Approval> {
  const { broken, approvalFrom } = await judgeToken(token, owner, resource, dependencies);
  if (broken.length > 0) {
    const errors = broken.map((code) => WHY[code]);
    const named = errors.map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`));
    throw new Problem('token_rules', named.join('; '), errors);
  }
  if (approvalFrom === undefined) return { approval: token.approval };
  const approvalOrganizationId = approvalFrom;
  // Asking themselves would be a formality.
  return (await dependencies.mayDecide(owner, approvalFrom))
    ? { approval: 'approved', approvalOrganizationId, decidedBy: owner.id, decidedAt: at }
    : { approval: 'pending', approvalOrganizationId };
}
