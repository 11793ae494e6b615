/** POST /admin/v1/personal-access-tokens/{id}/approve and …/deny: one decision a token. */
import type { FastifyRequest } from 'fastify';
import { Type } from '../../schema/type.ts';
import { isMailAddress, type SealedMail } from '../../domain/mail-message.ts';
import { type PersonalAccessToken, personalTokenStatus } from '../../domain/personal-access-token.ts';
import type { PersonalTokenDecision } from '../../ports/personal-access-tokens.ts';
import { requestContext } from '../../http/app.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { decidedMail } from '../../protocol/personal-tokens/token-mails.ts';
import { type Api, caller } from '../api.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { personalTokenEvent } from './personal-token-event.ts';
import { type PersonalTokenAdministration, requireDecision, seenToken, TAG } from './known-token.ts';
import {
  PersonalTokenParameter,
  PersonalTokenSchema,
  type PersonalTokenWire,
  toPersonalTokenWire,
} from './personal-token-wire.ts';

const Reason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
  description: 'For its owner',
});
const Approval = Type.Object(
  { reason: Type.Optional(Reason) },
  { additionalProperties: false, title: 'Approval' },
);
const Denial = Type.Object({ reason: Reason }, { additionalProperties: false, title: 'Denial' });

export function registerDecisions(api: Api, dependencies: PersonalTokenAdministration): void {
  const approve = operation({
    operationId: 'approvePersonalAccessToken',
    summary: 'Approve a personal access token',
    description: 'Also one that was made before approval was asked for.',
    tag: TAG,
    asks: ['personal_access_token.manage'],
    answers: { 200: { description: 'As it is now', schema: PersonalTokenSchema } },
    problems: ['not_found', 'forbidden', 'already_decided', 'already_ended'],
  });
  const toApprove = { ...approve, params: PersonalTokenParameter, body: Approval };
  api.post('/personal-access-tokens/:id/approve', { schema: toApprove }, (request) =>
    decide(request.params.id, 'approved', request.body.reason, request, dependencies),
  );
  const deny = operation({
    operationId: 'denyPersonalAccessToken',
    summary: 'Deny a personal access token',
    description: 'It is revoked, and its owner is told why.',
    tag: TAG,
    asks: ['personal_access_token.manage'],
    answers: { 200: { description: 'As it is now', schema: PersonalTokenSchema } },
    problems: ['not_found', 'forbidden', 'already_decided', 'already_ended'],
  });
  const toDeny = { ...deny, params: PersonalTokenParameter, body: Denial };
  api.post('/personal-access-tokens/:id/deny', { schema: toDeny }, (request) =>
    decide(request.params.id, 'denied', request.body.reason, request, dependencies),
  );
}

async function decide(
  id: string,
  outcome: 'approved' | 'denied',
  reason: string | undefined,
  request: FastifyRequest,
  dependencies: PersonalTokenAdministration,
): Promise<PersonalTokenWire> {
  const { personalAccessTokens, clock, random } = dependencies;
  const context = requestContext(request, clock);
  const { at } = context;
  const state = await seenToken(id, request, dependencies);
  const organizationId = await requireDecision(request, state, dependencies);
  const { token } = state;
  if (token.decidedAt !== undefined && token.approval !== 'pending') {
    throw new Problem('already_decided', 'Somebody has decided about this token before');
  }
  const status = personalTokenStatus(token, at);
  if (status === 'revoked' || status === 'expired') {
    throw new Problem(
      token.revokedReason === 'denied' ? 'already_decided' : 'already_ended',
      `This token is ${status}`,
    );
  }
  const by = caller(request).id;
  const decision = {
    outcome,
    by,
    organizationId,
    at,
    ...(reason !== undefined && { reason: reason.trim() }),
  };
  const event = personalTokenEvent(`personal_access_token.${outcome}`, by, token);
  const mail = await mailAbout(token, decision, dependencies);
  if (!(await personalAccessTokens.decide(id, decision, auditEvent(context, event, random), mail))) {
    throw new Problem('already_decided', 'Somebody else has decided about this token just now');
  }
  return toPersonalTokenWire(await seenToken(id, request, dependencies), at, dependencies);
}

/** Undefined where no mail is delivered. */
async function mailAbout(
  token: PersonalAccessToken,
  { outcome, at, reason }: PersonalTokenDecision,
  { users, sealMail, issuer }: PersonalTokenAdministration,
): Promise<SealedMail | undefined> {
  const to = (await users.find(token.userId))?.email ?? '';
  return isMailAddress(to) ? sealMail?.(decidedMail({ issuer, to, token }, outcome, reason), at) : undefined;
}
