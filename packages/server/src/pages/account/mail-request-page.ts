/** The pages that ask for an address to send a link to: for a new account, and for another password. */
import { inWords } from '../duration.ts';
import { hiddenFields } from '../hidden-fields.ts';
import { html } from '../html.ts';
import { layout } from '../layout.ts';
import { problemBox, type ShownProblem } from '../problem.ts';

export type MailRequestKind = 'sign_up' | 'recovery';

export interface MailRequestPage {
  readonly kind: MailRequestKind;
  readonly interaction?: string | undefined;
  /** The app that waits. */
  readonly clientName?: string | undefined;
  readonly formToken: string;
  readonly email?: string | undefined;
  readonly error?: MailRequestError | undefined;
  /** With `too_many`. */
  readonly retryAfterSeconds?: number | undefined;
}

export type MailRequestError = 'not_an_address' | 'too_many' | 'form_expired';

const WORDS = {
  sign_up: {
    action: '/signup',
    title: 'Create an account',
    lead: 'We send a link to your address. It leads to the page where you choose a name and a password.',
    otherwise: 'You have an account?',
  },
  recovery: {
    action: '/recover',
    title: 'Choose another password',
    lead: 'We send a link to the address of your account. It leads to the page where you choose another password.',
    otherwise: 'You remember it?',
  },
} as const;

export function mailRequestPage(props: MailRequestPage): string {
  const { kind, interaction, clientName, formToken, email, error, retryAfterSeconds } = props;
  const { action, title, lead, otherwise } = WORDS[kind];
  const problem = error && problemOf(error, retryAfterSeconds);
  const invalid = error === 'not_an_address' && html` aria-invalid="true" aria-describedby="problem"`;
  const signIn =
    interaction === undefined ? '/login' : `/login?interaction=${encodeURIComponent(interaction)}`;
  const main = html`<h1>${title}</h1>
<p class="muted">${lead}${clientName !== undefined && html` After that you go on to ${clientName}.`}</p>
${problemBox(problem)}
<form method="post" action="${action}">
${hiddenFields({ interaction, form_token: formToken })}
<div class="field"><label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254" value="${email}"${invalid} autofocus></div>
<button type="submit">Send the link</button>
</form>
<p class="small">${otherwise} <a href="${signIn}">Sign in</a></p>`;
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

function problemOf(error: MailRequestError, retryAfterSeconds = 900): ShownProblem {
  const problems = {
    not_an_address: {
      what: 'This is not an email address.',
      whatToDo: 'Write it as in name@example.com.',
    },
    too_many: {
      what: 'Too many links were asked for.',
      whatToDo: `No mail was sent this time. The last link is good for 15 minutes; ask again in ${inWords(retryAfterSeconds)}.`,
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'No mail was sent. Send the link now.',
    },
  };
  return problems[error];
}

/** After the form, whether there is an account or not. */
export function mailSentPage(kind: MailRequestKind, email: string): string {
  const { action } = WORDS[kind];
  const main = html`<h1>Read your mail</h1>
<p>We have written to <strong>${email}</strong>. Open the link in the mail within 15 minutes; it works once.</p>
<p class="muted">Nothing there? Look among the unwanted mails, and at the spelling of the address.</p>
<p><a class="button quiet" href="${action}">Ask again</a></p>`;
  return layout({ title: 'Read your mail', main, shape: 'narrow', announcement: 'Read your mail' });
}

/** Where the door is closed. */
export function mailRequestClosedPage(kind: MailRequestKind, why: 'closed' | 'invited' | 'no_mail'): string {
  const { title } = WORDS[kind];
  const reasons = {
    closed: 'Accounts on this server are made by its administrator.',
    invited: 'Accounts on this server are made by invitation: the link is in the mail that invites you.',
    no_mail: 'This server cannot send mail, so it cannot send the link either.',
  };
  const main = html`<h1>${title}</h1>
<p>${reasons[why]}</p>
<p>Ask the administrator${kind === 'recovery' && html` for another password`}.</p>
<p><a class="button quiet" href="/login">Sign in</a></p>`;
  return layout({ title, main, shape: 'narrow' });
}
