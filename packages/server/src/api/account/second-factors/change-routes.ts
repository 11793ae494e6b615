/** Renaming and removing: the same for passkeys and authenticator apps. */
import type { PersonFactors } from '../../../domain/second-factor.ts';
import { requestContext } from '../../../http/app.ts';
import { removeFactor, renameFactor } from '../../../people/factor-changes.ts';
import { type Api, caller } from '../../api.ts';
import { IdParameter } from '../../identifier.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { requireStrongSignIn } from '../../strong-sign-in.ts';
import { type FactorRouteDependencies, NamedFactor } from './factor-wire.ts';

/** @param noun the collection: `passkeys` holds passkeys alone, `second-factors` everything */
export function registerFactorChanges(
  api: Api,
  noun: 'passkeys' | 'second-factors',
  name: 'Passkey' | 'SecondFactor',
  dependencies: FactorRouteDependencies,
): void {
  const { factors, clock } = dependencies;
  const what = noun === 'passkeys' ? 'a passkey' : 'a second factor';
  const rename = operation({
    operationId: `rename${name}`,
    summary: `Rename ${what}`,
    tag: noun,
    answers: { 204: { description: 'Renamed', schema: null } },
    problems: ['not_found', 'recent_sign_in_required'],
  });
  api.patch(
    `/${noun}/:id`,
    { schema: { ...rename, params: IdParameter, body: NamedFactor } },
    async (request, reply) => {
      const person = caller(request);
      const context = requestContext(request, clock);
      const owned = await factors.secondFactors.of(person.id);
      requireStrongSignIn(request, owned, context.at);
      const { id } = request.params;
      requireOwned(noun, id, owned);
      const renamed = await renameFactor(person, id, request.body.name.trim(), context, factors);
      if (!renamed) throw noSuchFactor();
      return reply.code(204).send(null);
    },
  );

  const remove = operation({
    operationId: `remove${name}`,
    summary: `Remove ${what}`,
    description: 'You are told by mail. Recovery codes go with the last factor. Sessions stay.',
    tag: noun,
    answers: { 204: { description: 'Removed', schema: null } },
    problems: ['not_found', 'recent_sign_in_required', 'factor_required'],
  });
  api.delete(`/${noun}/:id`, { schema: { ...remove, params: IdParameter } }, async (request, reply) => {
    const person = caller(request);
    const context = requestContext(request, clock);
    const owned = await factors.secondFactors.of(person.id);
    requireStrongSignIn(request, owned, context.at);
    const { id } = request.params;
    requireOwned(noun, id, owned);
    const outcome = await removeFactor(person, id, owned, context, factors);
    if (outcome === 'absent') throw noSuchFactor();
    if (outcome === 'last') {
      throw new Problem('factor_required', 'Everybody needs a second factor here; add another one first');
    }
    return reply.code(204).send(null);
  });
}

function requireOwned(noun: string, id: string, { passkeys, authenticatorApps }: PersonFactors): void {
  const all = noun === 'passkeys' ? passkeys : [...passkeys, ...authenticatorApps];
  if (!all.some((each) => each.id === id)) throw noSuchFactor();
}

function noSuchFactor(): Problem {
  return new Problem('not_found', 'You have no factor with this id');
}
