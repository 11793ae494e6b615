/** POST /account/v1/personal-access-tokens/{id}/revoke. */
import { requestContext } from '../../../http/app.ts';
import { auditEvent } from '../../../protocol/audit-event.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { personalTokenEvent } from '../../personal-access-tokens/personal-token-event.ts';
import {
  PersonalTokenParameter,
  PersonalTokenSchema,
  toPersonalTokenWire,
} from '../../personal-access-tokens/personal-token-wire.ts';
import { ownToken, type PersonalTokenDependencies, TAG } from './own-token.ts';

export function registerRevocation(api: Api, dependencies: PersonalTokenDependencies): void {
  const { personalAccessTokens, clock, random } = dependencies;
  const revoke = operation({
    operationId: 'revokePersonalAccessToken',
    summary: 'Revoke one of your personal access tokens',
    tag: TAG,
    answers: {
      200: { description: 'The token as it is now; it may have ended before', schema: PersonalTokenSchema },
    },
    problems: ['not_found'],
  });
  const schema = { ...revoke, params: PersonalTokenParameter };
  api.post('/personal-access-tokens/:id/revoke', { schema }, async (request) => {
    const context = requestContext(request, clock);
    const owner = caller(request);
    const { token } = await ownToken(request.params.id, owner, dependencies);
    const event = {
      ...personalTokenEvent('personal_access_token.revoked', owner.id, token),
      reason: 'revoked_by_owner',
    } as const;
    await personalAccessTokens.revoke(
      token.id,
      context.at,
      'revoked_by_owner',
      auditEvent(context, event, random),
    );
    const after = await ownToken(token.id, owner, dependencies);
    return toPersonalTokenWire(after, context.at, dependencies);
  });
}
