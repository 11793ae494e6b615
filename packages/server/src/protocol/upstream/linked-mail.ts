/** What the owner of an account is told when a provider can sign them in: in time to object. @spec OWASP ASVS 5.0 §6.3.7 */
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { User } from '../../domain/user.ts';
import type { MailDraft } from '../../ports/outbox.ts';

/** @param issuer of this server, without a slash at its end */
export function linkedMail(
  issuer: string,
  { email, displayName }: Pick<User, 'email' | 'displayName'>,
  provider: Pick<IdentityProvider, 'name' | 'issuer'>,
): MailDraft {
  const { host } = new URL(issuer);
  return {
    to: email,
    purpose: 'identity_linked',
    subject: `${provider.name} can sign you in at ${host} now`,
    text: `Hello ${displayName},

An account at ${provider.name} (${provider.issuer}) was linked with your account at ${host}. Whoever signs in there is signed in as you.

If this was not you, somebody may be in your account: unlink it, change your password, and look at your sessions.
${issuer}/console/settings/account/security
`,
  };
}
