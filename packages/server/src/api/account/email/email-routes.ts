/** `/account/v1/email`: another address, and the confirmation of the one there is. Both wait for a link in a mail. */
import { Type } from '../../../schema/type.ts';
import { normalizeEmail } from '../../../domain/user.ts';
import { requestContext } from '../../../http/app.ts';
import { requestEmailChange, requestVerification } from '../../../people/change-email.ts';
import { confirmPerson } from '../../../people/confirm-person.ts';
import { type Api, caller } from '../../api.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { MAIL_SENT, MailSent } from '../../mail-sent.ts';
import { Email } from '../../users/user-wire.ts';
import {
  CurrentPassword,
  mailLinkPorts,
  type OwnAccountDependencies,
  proofOf,
  requireConfirmed,
  requireSent,
} from '../own-account.ts';

const EmailChange = Type.Object(
  { email: Email, current_password: Type.Optional(CurrentPassword) },
  { additionalProperties: false, title: 'EmailChange' },
);

export function registerEmail(api: Api, dependencies: OwnAccountDependencies): void {
  const { clock } = dependencies;
  const change = operation({
    operationId: 'changeEmail',
    summary: 'Ask for another address',
    description:
      'Sends a link to the new address; once it is opened and confirmed, the address is changed and the old one is told. The answer is the same whether or not the new address belongs to somebody.',
    tag: 'profile',
    answers: { 202: { description: 'A mail is on its way to the new address', schema: MailSent } },
    problems: ['wrong_password', 'recent_sign_in_required', 'too_many_requests', 'no_mail'],
  });
  api.post('/email', { schema: { ...change, body: EmailChange } }, async (request, reply) => {
    const { email, current_password } = request.body;
    const ports = mailLinkPorts(dependencies);
    const proof = proofOf(request, current_password, clock);
    const confirmation = await confirmPerson(proof, dependencies);
    requireConfirmed(confirmation.outcome === 'confirmed' ? { outcome: 'done' } : confirmation, reply);
    if (normalizeEmail(email) === proof.user.email) {
      throw new Problem('invalid_request', 'This is the address of your account already', [
        { pointer: '/email', detail: 'must be another address' },
      ]);
    }
    requireSent(await requestEmailChange({ ...proof, email }, ports), reply);
    return reply.code(202).send(MAIL_SENT);
  });

  const verify = operation({
    operationId: 'verifyEmail',
    summary: 'Confirm your address',
    description: 'Sends a link to the address of the account.',
    tag: 'profile',
    answers: {
      202: { description: 'A mail is on its way', schema: MailSent },
      204: { description: 'It is confirmed already', schema: null },
    },
    problems: ['too_many_requests', 'no_mail'],
  });
  api.post('/email/verification', { schema: verify }, async (request, reply) => {
    const ports = mailLinkPorts(dependencies);
    const user = caller(request);
    if (user.emailVerified) return reply.code(204).send(null);
    const { at, address, requestId } = requestContext(request, clock);
    requireSent(await requestVerification({ at, address, requestId, user }, ports), reply);
    return reply.code(202).send(MAIL_SENT);
  });
}
