/** The page where a person signs in. @spec WCAG 2.2 §3.3.1, §3.3.7, §3.3.8; OWASP ASVS 5.0 §6.3.8 */
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { hiddenFields } from './hidden-fields.ts';
import { inWords } from './duration.ts';
import { type AskedPasskey, PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts';

export interface SignInPage {
  /** Where the form is sent. */
  readonly action: string;
  /** The sealed request of an app that waits. */
  readonly interaction?: string | undefined;
  /** What else the form carries on to where the person wanted to go. */
  readonly onTheWay?: Readonly<Record<string, string | undefined>> | undefined;
  readonly formToken: string;
  /** What was typed before. */
  readonly email?: string | undefined;
  readonly error?: SignInError | undefined;
  /** With `too_many`. */
  readonly retryAfterSeconds?: number | undefined;
  /** The name of the app that waits. */
  readonly clientName?: string | undefined;
  /** What has just happened. */
  readonly notice?: SignInNotice | undefined;
  /** Where an account can be made, and another password chosen. */
  readonly signUp?: string | undefined;
  readonly recovery?: string | undefined;
  /** Absent where browsers give no passkeys. */
  readonly passkey?: (AskedPasskey & { readonly action: string }) | undefined;
  /** Other providers by which people may sign in. */
  readonly providers?: readonly { readonly name: string; readonly url: string }[] | undefined;
  /** A line for the demo: which account to use. */
  readonly hint?: string | undefined;
}

export type SignInNotice = 'password_changed';

export type SignInError =
  | 'refused'
  | 'passkey_refused'
  | 'too_many'
  | 'queue_full'
  | 'form_expired'
  | 'step_gone';

export function signInPage(props: SignInPage): string {
  const title = props.clientName === undefined ? 'Sign in' : `Sign in to ${props.clientName}`;
  const problem = props.error && problemOf(props.error, props.retryAfterSeconds);
  const main = html`<h1>${title}</h1>
${props.clientName !== undefined && html`<p class="muted">You sign in here, with Tessera. ${props.clientName} never sees your password.</p>`}
${props.notice && html`<p class="note" role="status">Your password is saved. Sign in with it.</p>`}
${problem && html`<div class="problem" role="alert" id="problem"><strong>${problem.what}</strong><span>${problem.whatToDo}</span></div>`}
${signInForm(props)}
${props.passkey && passkeyPart(props, props.passkey)}
${props.providers !== undefined && props.providers.length > 0 && html`<div class="buttons ways">${props.providers.map(({ name, url }) => html`<a class="button quiet" href="${url}">Continue with ${name}</a>`)}</div>`}
${doors(props)}
${props.hint !== undefined && html`<p class="note small">${props.hint}</p>`}`;
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
    ...(props.passkey && { script: PASSKEY_SCRIPT }),
  });
}

function doors({ signUp, recovery }: SignInPage): Html | undefined {
  if (signUp === undefined && recovery === undefined) return undefined;
  return html`<p class="doors small">${recovery !== undefined && html`<a href="${recovery}">Forgot your password?</a>`}
${signUp !== undefined && html`<a href="${signUp}">Create an account</a>`}</p>`;
}

function passkeyPart(
  { interaction, onTheWay, formToken }: SignInPage,
  { action, ...asked }: NonNullable<SignInPage['passkey']>,
): Html {
  return passkeyForm({
    action,
    kind: 'get',
    asked,
    fields: { interaction, ...onTheWay, form_token: formToken },
    button: 'Sign in with a passkey',
    instead: 'Sign in with your email and password.',
    autofill: true,
  });
}

function signInForm({ action, interaction, onTheWay, formToken, email, error, passkey }: SignInPage): Html {
  const autocomplete = passkey === undefined ? 'username' : 'username webauthn';
  // What was typed is at fault only then; in the other cases there is nothing to correct.
  const invalid = error === 'refused' && html` aria-invalid="true" aria-describedby="problem"`;
  const passwordFirst = email !== undefined && email !== '';
  return html`<form method="post" action="${action}">
${hiddenFields({ interaction, ...onTheWay, form_token: formToken })}
<div class="field"><label for="email">Email</label>
<input id="email" name="email" type="email" autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false" required maxlength="320" value="${email}"${invalid}${!passwordFirst && html` autofocus`}></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${invalid}${passwordFirst && html` autofocus`}></div>
<button type="submit">Sign in</button>
</form>`;
}

function problemOf(error: SignInError, retryAfterSeconds = 900): { what: string; whatToDo: string } {
  const problems = {
    refused: {
      what: 'This email and password do not match an account.',
      whatToDo: 'Check both and sign in again.',
    },
    passkey_refused: {
      what: 'This passkey did not sign you in.',
      whatToDo:
        'It may be of another account, or not be known here any more. Sign in with your email and password.',
    },
    too_many: {
      what: 'Too many failed sign-ins.',
      whatToDo: `Nothing was checked this time. Sign in again in ${inWords(retryAfterSeconds)}.`,
    },
    queue_full: {
      what: 'Too many people are signing in at this moment.',
      whatToDo: 'Nothing was checked. Sign in again in a few seconds.',
    },
    step_gone: {
      what: 'This sign-in took too long, or was finished elsewhere.',
      whatToDo: 'Start again with your email and password.',
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'Nothing was sent on. Sign in again.',
    },
  };
  return problems[error];
}
