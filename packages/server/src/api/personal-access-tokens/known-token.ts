/** What the administration of personal access tokens shares. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../ports/clock.ts';
import type { PersonalAccessTokens, PersonalTokenState } from '../../ports/personal-access-tokens.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { Users } from '../../ports/users.ts';
import type { Resources } from '../../ports/resources.ts';
import { judgeToken } from '../../protocol/personal-tokens/judge-token.ts';
import { callerMay, requireAction } from '../authority-of-caller.ts';
import { Problem } from '../problem.ts';
import type { WireDependencies } from './personal-token-wire.ts';

export interface PersonalTokenAdministration extends WireDependencies {
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'find' | 'list' | 'revoke' | 'decide'>;
  readonly resources: Pick<Resources, 'find' | 'findByIdentifier'>;
  readonly users: Pick<Users, 'find'>;
  /** Undefined where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  readonly issuer: string;
  readonly clock: Clock;
  readonly random: Random;
}

export const TAG = 'personal-access-tokens';

/**
 * A token that the caller may see: made in an organization of theirs, or waiting for its approval.
 * @throws Problem `not_found`, the same for one that does not exist
 */
export async function seenToken(
  id: string,
  request: FastifyRequest,
  { personalAccessTokens }: Pick<PersonalTokenAdministration, 'personalAccessTokens'>,
): Promise<PersonalTokenState> {
  const state = await personalAccessTokens.find(id);
  const isSeen =
    state !== undefined &&
    organizationsOf(state).some((each) => callerMay(request, 'personal_access_token.read', each));
  if (isSeen) return state;
  throw new Problem('not_found', 'No personal access token has this id');
}

/** For a token that the caller may see. @throws Problem `forbidden` */
export function requireManagement(request: FastifyRequest, state: PersonalTokenState): void {
  if (organizationsOf(state).some((each) => callerMay(request, 'personal_access_token.manage', each))) return;
  throw new Problem('forbidden', 'Your role in the organization does not allow this; ask one of its owners');
}

/**
 * The organization that decides: the one that was asked, or whose rule asks now.
 * @throws Problem `forbidden` for whoever may not decide for it
 */
export async function requireDecision(
  request: FastifyRequest,
  { token, owner }: PersonalTokenState,
  dependencies: Pick<PersonalTokenAdministration, 'resources' | 'tokenRules' | 'roleIn'>,
): Promise<string> {
  const resource = await dependencies.resources.find(token.resourceId);
  const verdict = resource && (await judgeToken(token, owner, resource, dependencies));
  const organizationId = token.approvalOrganizationId ?? verdict?.approvalFrom ?? token.organizationId;
  requireAction(request, 'personal_access_token.manage', { organizationId });
  return organizationId;
}

function organizationsOf({ token }: PersonalTokenState): readonly string[] {
  const { organizationId, approvalOrganizationId } = token;
  return approvalOrganizationId === undefined ? [organizationId] : [organizationId, approvalOrganizationId];
}
