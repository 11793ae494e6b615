/** What the owner of a leaked token reads. Nothing of the token, and nothing that whoever reported it wrote. */
import type { MailDraft } from '../../ports/outbox.ts';

export interface LeakMail {
  readonly issuer: string;
  readonly to: string;
  /** As people call it. */
  readonly what: string;
  /** The app's name, where it is for one. */
  readonly app: string | undefined;
  /** Whether it is a person's, or the app's own. */
  readonly isPersons: boolean;
  readonly how: 'reported' | 'url';
  readonly ended: boolean;
  /** Milliseconds. */
  readonly at: number;
}

export function leakMail({ issuer, to, what, app, isPersons, how, ended, at }: LeakMail): MailDraft {
  const of =
    app === undefined ? '' : isPersons ? ` for the app “${oneLine(app)}”` : ` of the app “${oneLine(app)}”`;
  const whose = isPersons ? 'Your' : 'A';
  const where =
    how === 'url'
      ? 'was sent in the address of a request. Addresses stay in logs and histories, so others may have it now.'
      : 'was reported to us as leaked: somebody who should not have it held it.';
  const fate = ended
    ? 'It has been ended, so it opens nothing any more.'
    : `It is still good. If that was not you trying something out, end it at ${issuer} and get another.`;
  return {
    to,
    purpose: 'token_leaked',
    subject: ended ? `A leaked ${what} was ended` : `A token came in a URL: ${what}`,
    text: `${whose} ${what}${of} at ${issuer} ${where}

${fate}
${nextStep(isPersons, ended)}
When: ${new Date(at).toISOString().slice(0, 19)}Z

Never send a token in a URL, and never put one into source code, a chat or a ticket.
`,
  };
}

function nextStep(isPersons: boolean, ended: boolean): string {
  if (!ended) return '';
  return isPersons
    ? 'Where the app needs it, sign in there again.\n'
    : 'Where it was in use, put a new one in its place: `tessera app secret create` makes a secret.\n';
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 100);
}
