/** `/account/v1/password`: another password. It signs out everywhere, here too. */
import { Type } from '../../../schema/type.ts';
import { changePassword } from '../../../people/change-password.ts';
import type { Api } from '../../api.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import {
  badPassword,
  CurrentPassword,
  type OwnAccountDependencies,
  proofOf,
  requireConfirmed,
} from '../own-account.ts';

const PasswordChange = Type.Object(
  {
    current_password: Type.Optional(CurrentPassword),
    new_password: Type.String({
      minLength: 8,
      maxLength: 1024,
      writeOnly: true,
      description: '8 to 1024 bytes; kept as an Argon2id hash only',
    }),
    end_personal_access_tokens: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Whether every personal access token ends, too: for when somebody else may have made one',
      }),
    ),
  },
  { additionalProperties: false, title: 'PasswordChange' },
);

export function registerPassword(api: Api, dependencies: OwnAccountDependencies): void {
  const change = operation({
    operationId: 'changePassword',
    summary: 'Change your password',
    description:
      'Ends every session and grant of the account, and the links that were mailed to it. `current_password` is needed where there is one.',
    tag: 'profile',
    answers: { 204: { description: 'Changed; sign in again', schema: null } },
    problems: ['wrong_password', 'recent_sign_in_required', 'too_many_requests'],
  });
  api.post('/password', { schema: { ...change, body: PasswordChange } }, async (request, reply) => {
    const { current_password, new_password: newPassword } = request.body;
    const endsPersonalTokens = request.body.end_personal_access_tokens === true;
    const proof = proofOf(request, current_password, dependencies.clock);
    const changed = await changePassword({ ...proof, newPassword, endsPersonalTokens }, dependencies);
    if (changed.outcome === 'bad_password') throw badPassword(changed.fault);
    if (changed.outcome === 'try_again') {
      throw new Problem('unavailable', 'The account was changed at the same moment; try again');
    }
    requireConfirmed(changed.outcome === 'changed' ? { outcome: 'done' } : changed, reply);
    return reply.code(204).send(null);
  });
}
