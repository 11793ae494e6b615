/** What the owner of a personal access token reads. Its name and its last four characters, never the token. */
import type { PersonalAccessToken } from '../../domain/personal-access-token.ts';
import type { User } from '../../domain/user.ts';
import type { MailDraft } from '../../ports/outbox.ts';

interface AboutToken {
  readonly issuer: string;
  readonly to: string;
  readonly token: PersonalAccessToken;
}

/** @param old what it took the place of, where it was regenerated */
export function createdMail({ issuer, to, token }: AboutToken, old?: PersonalAccessToken): MailDraft {
  const name = nameOf(token);
  const what = old === undefined ? `was made: ${name}` : `was regenerated: ${name}`;
  const end =
    token.expiresAt === undefined ? 'It does not expire.' : `It ends on ${dateOf(token.expiresAt)}.`;
  const waits =
    token.approval === 'pending'
      ? '\nIt waits for the approval of an organization, and opens nothing until then.'
      : '';
  return {
    to,
    purpose: 'personal_access_token_created',
    subject: `A personal access token ${what}`,
    text: `A personal access token ${what}, ending in ${token.hint}.

Scopes: ${token.scopes.join(' ')}
${end}${waits}

If that was not you, revoke it and change your password:
${pageOf(issuer)}
`,
  };
}

/** For whoever approves: what asks for it, whose it is, and for how long. */
export function awaitingMail(
  { issuer, to, token }: AboutToken,
  owner: Pick<User, 'email' | 'displayName'>,
): MailDraft {
  const end = token.expiresAt === undefined ? 'without an end' : `until ${dateOf(token.expiresAt)}`;
  return {
    to,
    purpose: 'personal_access_token_awaiting',
    subject: 'A personal access token waits for your approval',
    text: `${owner.displayName} (${owner.email}) asks for a personal access token: ${nameOf(token)}, ${end}.

Scopes: ${token.scopes.join(' ')}
${token.description === undefined ? '' : `What for: ${token.description}\n`}
It opens nothing until you or another admin has approved it:
${issuer}/console/issued/awaiting
`,
    ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
  };
}

export function expiringMail({ issuer, to, token }: AboutToken, days: number): MailDraft {
  const name = nameOf(token);
  const within = days === 1 ? 'within a day' : `within ${days} days`;
  return {
    to,
    purpose: 'personal_access_token_expiring',
    subject: `A personal access token ends ${within}: ${name}`,
    text: `Your personal access token ${name}, ending in ${token.hint}, ends on ${dateOf(token.expiresAt ?? 0)}.
Whatever uses it stops working then.

To go on, regenerate it, and put the new one in its place:
${pageOf(issuer)}
`,
    ...(token.expiresAt !== undefined && { expiresAt: token.expiresAt }),
  };
}

export function decidedMail(
  { issuer, to, token }: AboutToken,
  outcome: 'approved' | 'denied',
  reason: string | undefined,
): MailDraft {
  const name = nameOf(token);
  const fate =
    outcome === 'approved'
      ? 'It is good from now on.'
      : 'It is revoked. You may make another, and ask again.';
  return {
    to,
    purpose: 'personal_access_token_decided',
    subject: `Your personal access token was ${outcome}: ${name}`,
    text: `Your personal access token ${name}, ending in ${token.hint}, was ${outcome}.
${reason === undefined ? '' : `\nReason: ${reason}\n`}
${fate}
${pageOf(issuer)}
`,
  };
}

function nameOf({ name }: PersonalAccessToken): string {
  return `“${name}”`;
}

function dateOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function pageOf(issuer: string): string {
  return `${issuer}/console/settings/tokens`;
}
