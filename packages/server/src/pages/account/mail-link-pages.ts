/** The pages that links in mails lead to. What a link allows is done by the form alone, never by opening it. */
import type { PasswordFault } from '../../people/password.ts';
import { hiddenFields } from '../hidden-fields.ts';
import { html, type Html } from '../html.ts';
import { layout } from '../layout.ts';
import { problemBox, type ShownProblem } from '../problem.ts';

export type MailLinkError = PasswordFault | 'bad_name' | 'queue_full' | 'form_expired';

interface MailLinkPage {
  readonly email: string;
  readonly formToken: string;
  readonly error?: MailLinkError | undefined;
}

/** The end of a sign-up: a name and a password. */
export function newAccountPage(props: MailLinkPage & { readonly displayName?: string | undefined }): string {
  const { email, formToken, error, displayName } = props;
  const title = 'Create your account';
  const nameInvalid = error === 'bad_name' && html` aria-invalid="true" aria-describedby="problem"`;
  const main = html`<h1>${title}</h1>
<p class="muted">The address <strong>${email}</strong> is yours. Choose a name that others may see, and a password.</p>
${problemBox(problemOf(error))}
<form method="post" action="/verify-email">
${hiddenFields({ form_token: formToken })}
${usernameField(email)}
<div class="field"><label for="display_name">Name</label>
<input id="display_name" name="display_name" type="text" autocomplete="name" required maxlength="200" value="${displayName}"${nameInvalid}${!isOfPassword(error) && html` autofocus`}></div>
${newPasswordField(error)}
<button type="submit">Create the account</button>
</form>`;
  return page(title, main, error);
}

/** Another password, or the first one. */
export function newPasswordPage({
  email,
  formToken,
  error,
  endTokens,
}: MailLinkPage & {
  /** Whether the box is ticked; absent: there are no personal access tokens to end. */
  readonly endTokens?: boolean;
}): string {
  const title = 'Choose a password';
  const main = html`<h1>${title}</h1>
<p class="muted">For the account <strong>${email}</strong>. Whoever is signed in to it now will be signed out.</p>
${problemBox(problemOf(error))}
<form method="post" action="/recover/new-password">
${hiddenFields({ form_token: formToken })}
${usernameField(email)}
${newPasswordField(error)}
${
  endTokens !== undefined &&
  html`<p class="option"><input id="end_tokens" name="end_tokens" type="checkbox" value="yes"${endTokens && html` checked`} aria-describedby="end-tokens-why"> <label for="end_tokens">End my personal access tokens, too</label><br>
<span class="small muted" id="end-tokens-why">Scripts that use them stop. Keep them only if nobody else can have been in your account.</span></p>`
}
<button type="submit">Save the password</button>
</form>`;
  return page(title, main, error);
}

export function confirmEmailPage({
  email,
  formToken,
  error,
  isChange,
}: MailLinkPage & { readonly isChange: boolean }): string {
  const title = 'Confirm your address';
  const main = html`<h1>${title}</h1>
<p>${isChange ? 'From now on this is the address of your account:' : 'This is the address of your account:'} <strong>${email}</strong></p>
${problemBox(problemOf(error))}
<form method="post" action="/verify-email">
${hiddenFields({ form_token: formToken })}
<button type="submit">Confirm</button>
</form>`;
  return page(title, main, error);
}

export function emailConfirmedPage(email: string): string {
  const main = html`<h1>Your address is confirmed</h1>
<p><strong>${email}</strong> is the address of your account.</p>
<p><a class="button quiet" href="/login">Go on</a></p>`;
  return page('Your address is confirmed', main, undefined);
}

/** @param doors where another link can be asked for */
export function linkGonePage(doors: { readonly signUp: boolean; readonly recovery: boolean }): string {
  const title = 'This link is not good any more';
  const main = html`<h1>${title}</h1>
<p>A link works once, for 15 minutes, and not after the address or the password has changed. Nothing was done now.</p>
<p>Use the newest mail, or ask for another link.</p>
<p class="doors">${doors.signUp && html`<a href="/signup">Create an account</a>`}
${doors.recovery && html`<a href="/recover">Choose another password</a>`}
<a href="/login">Sign in</a></p>`;
  return page(title, main, undefined);
}

/** So that a password manager knows whose password it keeps. */
function usernameField(email: string): Html {
  return html`<input type="hidden" name="username" autocomplete="username" value="${email}">`;
}

function newPasswordField(error: MailLinkError | undefined): Html {
  const invalid = isOfPassword(error) && html` aria-invalid="true"`;
  const described = isOfPassword(error) ? 'password-rule problem' : 'password-rule';
  return html`<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="8" maxlength="1024" aria-describedby="${described}"${invalid}${isOfPassword(error) && html` autofocus`}>
<span class="small muted" id="password-rule">At least 8 characters. Long is what counts: several words are fine.</span></div>`;
}

function isOfPassword(error: MailLinkError | undefined): boolean {
  return error === 'too_short' || error === 'too_long' || error === 'not_unicode';
}

function page(title: string, main: Html, error: MailLinkError | undefined): string {
  const problem = problemOf(error);
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

function problemOf(error: MailLinkError | undefined): ShownProblem | undefined {
  if (error === undefined) return undefined;
  const problems = {
    too_short: { what: 'This password is too short.', whatToDo: 'Take at least 8 characters.' },
    too_long: { what: 'This password is too long.', whatToDo: 'Take at most 1000 characters.' },
    not_unicode: {
      what: 'This password holds something that is no character.',
      whatToDo: 'Type it instead of pasting it.',
    },
    bad_name: { what: 'This cannot be a name.', whatToDo: 'Write one line of at most 200 characters.' },
    queue_full: {
      what: 'Too many passwords are being checked at this moment.',
      whatToDo: 'Nothing was changed. Send it again in a few seconds.',
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'Nothing was changed. Send it again.',
    },
  };
  return problems[error];
}
