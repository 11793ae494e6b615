/** `/account/v1/deletion`: the end of your account. */
import { Type } from '../../../schema/type.ts';
import { deleteAccount } from '../../../people/delete-account.ts';
import type { Api } from '../../api.ts';
import { operation } from '../../operation.ts';
import { CurrentPassword, type OwnAccountDependencies, proofOf, requireConfirmed } from '../own-account.ts';

const Deletion = Type.Object(
  { current_password: Type.Optional(CurrentPassword) },
  { additionalProperties: false, title: 'AccountDeletion' },
);

export function registerDeletion(api: Api, dependencies: OwnAccountDependencies): void {
  const { clock, oneAtATime } = dependencies;
  const remove = operation({
    operationId: 'deleteAccount',
    summary: 'Delete your account',
    description:
      'Sessions, consents, grants and tokens end; what the account said of you is gone. The audit log keeps that it was there. It cannot be undone.',
    tag: 'profile',
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['wrong_password', 'recent_sign_in_required', 'too_many_requests', 'last_admin'],
  });
  api.post('/deletion', { schema: { ...remove, body: Deletion } }, (request, reply) =>
    oneAtATime(async () => {
      const proof = proofOf(request, request.body.current_password, clock);
      const deleted = await deleteAccount(proof, dependencies);
      requireConfirmed(deleted.outcome === 'deleted' ? { outcome: 'done' } : deleted, reply);
      return reply.code(204).send(null);
    }),
  );
}
