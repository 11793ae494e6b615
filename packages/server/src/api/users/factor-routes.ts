/** `/admin/v1/users/{id}/second-factors`: which kinds a person has, and a reset for who has lost them all. */
import { Type } from '../../schema/type.ts';
import { requestContext } from '../../http/app.ts';
import { resetFactors } from '../../people/factor-changes.ts';
import type { FactorPorts } from '../../people/factor-ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Users } from '../../ports/users.ts';
import { type Api, caller } from '../api.ts';
import { IdParameter } from '../identifier.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { requireRecentSignIn } from '../recent-sign-in.ts';

export interface UserFactorDependencies {
  readonly users: Pick<Users, 'find'>;
  readonly factors: Pick<FactorPorts, 'secondFactors' | 'random' | 'sealMail'>;
  readonly clock: Clock;
}

const FactorKinds = Type.Object(
  {
    passkeys: Type.Integer(),
    authenticator_apps: Type.Integer(),
    recovery_codes_left: Type.Integer(),
  },
  { title: 'FactorKinds' },
);

export function registerUserFactorRoutes(api: Api, { users, factors, clock }: UserFactorDependencies): void {
  const get = operation({
    operationId: 'getUserSecondFactors',
    summary: 'Show which second factors a person has',
    tag: 'users',
    answers: { 200: { description: 'How many of each kind', schema: FactorKinds } },
    problems: ['not_found'],
  });
  const path = '/users/:id/second-factors';
  api.get(path, { schema: { ...get, params: IdParameter } }, async (request) => {
    const user = await users.find(request.params.id);
    if (user === undefined) throw noSuchUser();
    const owned = await factors.secondFactors.of(user.id);
    return {
      passkeys: owned.passkeys.length,
      authenticator_apps: owned.authenticatorApps.length,
      recovery_codes_left: owned.recoveryCodesLeft,
    };
  });

  const reset = operation({
    operationId: 'resetUserSecondFactors',
    summary: 'Remove all second factors of a person',
    description:
      'For somebody who has lost them. Their password alone signs them in until they add one. They are told by mail.',
    tag: 'users',
    answers: { 204: { description: 'Removed; there may have been none', schema: null } },
    problems: ['not_found', 'recent_sign_in_required'],
  });
  api.delete(path, { schema: { ...reset, params: IdParameter } }, async (request, reply) => {
    const context = requestContext(request, clock);
    requireRecentSignIn(request, context.at);
    const user = await users.find(request.params.id);
    if (user === undefined) throw noSuchUser();
    await resetFactors(user, { ...context, actor: caller(request).id }, factors);
    return reply.code(204).send(null);
  });
}

function noSuchUser(): Problem {
  return new Problem('not_found', 'No user has this id');
}
