/**
 * What only the issuer knows of a personal access token: whether it was made here, what became of it, and which rules of
 * organizations refuse it. Told to its owner, and to whoever answers for the organizations that have a say in it.
 */
import { hashTokenString } from '@tessera/tokens';
import type { Check, TokenExpectations } from '@tessera/tokens/explain';
import type { FastifyRequest } from 'fastify';
import type { PersonalTokenStatus } from '../../domain/personal-access-token.ts';
import type { Resource } from '../../domain/resource.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import { caller } from '../api.ts';
import { callerIsOperator, callerMay } from '../authority-of-caller.ts';
import {
  type PersonalTokenWire,
  toPersonalTokenWire,
  type WireDependencies,
} from '../personal-access-tokens/personal-token-wire.ts';

export interface ExplainPersonalTokenDependencies extends WireDependencies {
  readonly issuer: string;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'findByHash'>;
}

export interface ExplainedPersonalToken {
  readonly checks: readonly Check[];
  /** Absent: there is none, or it is not the caller's to ask about. */
  readonly kept?: PersonalTokenWire;
}

/** Told where the token does not end by itself: 9999-12-31, as introspection does. */
const NEVER = 253_402_300_799;

/** @param checks those that anybody can make */
export async function explainPersonalToken(
  request: FastifyRequest,
  token: string,
  checks: readonly Check[],
  expectations: TokenExpectations,
  dependencies: ExplainPersonalTokenDependencies,
): Promise<ExplainedPersonalToken> {
  const { explainKept, failed, passed } = await import('@tessera/tokens/explain');
  const others = checks.filter(({ check }) => check !== 'known');
  const state = await dependencies.personalAccessTokens.findByHash(hashTokenString(token));
  const expected = 'a personal access token that was made here';
  if (state === undefined || !maySee(request, state)) {
    const fix =
      'It was never made here, ended long ago, or is not yours to ask about. Make another under Personal access tokens.';
    return { checks: [...others, failed('known', { expected, got: 'none', fix })] };
  }
  const kept = await toPersonalTokenWire(state, expectations.nowMs, dependencies);
  const resource = await dependencies.resources.find(state.token.resourceId);
  return {
    kept,
    checks: [
      ...others,
      passed('known', { expected, got: `“${kept.name}”` }),
      statusCheck(kept, state, { failed, passed }),
      ruleCheck(kept, { failed, passed }),
      ...explainKept(claimsOf(state, resource, dependencies.issuer), expectations),
    ],
  };
}

function maySee(request: FastifyRequest, { token }: PersonalTokenState): boolean {
  if (callerIsOperator(request) || token.userId === caller(request).id) return true;
  const { organizationId, approvalOrganizationId = organizationId } = token;
  return [organizationId, approvalOrganizationId].some((id) =>
    callerMay(request, 'personal_access_token.read', id),
  );
}

type Verdicts = Pick<typeof import('@tessera/tokens/explain'), 'failed' | 'passed'>;

/** That it has expired is told with its `exp`. */
const ENDED: Readonly<Partial<Record<PersonalTokenStatus, string>>> = {
  pending: 'An admin of its organization has to approve it first; they have got a mail.',
  revoked: 'What was revoked stays revoked: make another token.',
};

function statusCheck(
  { status, revoked_reason: reason }: PersonalTokenWire,
  { owner }: PersonalTokenState,
  { failed, passed }: Verdicts,
): Check {
  const expected = 'it is approved, not revoked, and its owner has an account';
  const fix = ENDED[status];
  if (fix !== undefined) {
    const got = reason === undefined ? status : `${status}: ${reason.replaceAll('_', ' ')}`;
    return failed('status', { expected, got, fix });
  }
  if (owner.status !== 'active') {
    const ended = 'Only an operator can let its owner sign in again.';
    return failed('status', { expected, got: 'the account of its owner is closed', fix: ended });
  }
  return passed('status', { expected, got: 'all of it' });
}

const BROKEN = {
  lifetime: 'it lives longer than allowed',
  never_expires: 'it has no end',
  full_scope: 'it has every permission of its API',
  creator: 'the role of its owner may have none',
  approval: 'nobody has approved it',
} as const;

function ruleCheck({ refused_by: broken = [] }: PersonalTokenWire, { failed, passed }: Verdicts): Check {
  const expected = 'the token rules of its organization and of that of its API';
  if (broken.length === 0) return passed('rules', { expected, got: 'none stands against it' });
  const got = broken.map((rule) => BROKEN[rule]).join(', ');
  const fix =
    'The rules are newer than the token. Make one that keeps to them, or ask an admin of the organization.';
  return failed('rules', { expected, got, fix });
}

/** What introspection would say of it. */
function claimsOf(
  { token }: PersonalTokenState,
  resource: Resource | undefined,
  issuer: string,
): Readonly<Record<string, unknown>> {
  const scopes = token.scopes.filter((name) => resource?.scopes.some((scope) => scope.name === name));
  return {
    iss: issuer,
    ...(resource !== undefined && { aud: resource.identifier }),
    exp: token.expiresAt === undefined ? NEVER : token.expiresAt / 1000,
    iat: Math.floor(token.createdAt / 1000),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  };
}
