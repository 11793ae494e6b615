/** Pages where a person sets up a second factor. @spec WCAG 2.2 §3.3.1, §1.1.1; NIST SP 800-63B-4 §4.1 */
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { type AskedPasskey, PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts';

export interface SetUpPage {
  readonly action: string;
  /** The page for an authenticator app. */
  readonly appUrl: string;
  readonly backUrl: string;
  /** The sealed step, the form token, and where the person is on the way to. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly email: string;
  /** `required`: there is no way around it. `wished`: an app asks for it. `offered`: the person came for it. */
  readonly why: 'required' | 'wished' | 'offered';
  /** Absent where browsers give no passkeys. */
  readonly passkey?: AskedPasskey | undefined;
  readonly error?: SetUpError | undefined;
}

export type SetUpError = 'passkey' | 'taken' | 'too_many' | 'code' | 'form_expired';

const CHOICE_TITLE = 'Set up a second step';

const REASONS: Readonly<Record<SetUpPage['why'], string>> = {
  required: 'Everybody here signs in with more than a password. Choose how; it takes a minute.',
  wished: 'The app asks for more than a password. Choose how; it takes a minute.',
  offered: 'Afterwards a password alone does not open your account any more.',
};

export function setUpPage(props: SetUpPage): string {
  const { action, appUrl, backUrl, fields, email, why, passkey, error } = props;
  const problem = error && problemOf(error);
  const main = html`<h1>${CHOICE_TITLE}</h1>
<p class="muted">${REASONS[why]} Account: <strong>${email}</strong></p>
${problem && problemBox(problem)}
${
  passkey &&
  html`<section><h2>Passkey</h2><p>Signs you in with the lock of this device, your phone or a security key. Nobody can talk you out of it.</p>
${passkeyForm({ action, kind: 'create', asked: passkey, fields: { ...fields, kind: 'passkey' }, button: 'Add a passkey', instead: 'Try again, or use an authenticator app.', main: true })}</section>`
}
<section><h2>Authenticator app</h2><p>An app on your phone shows a new code every half minute.</p>
<p><a class="button quiet" href="${appUrl}">Set up an app</a></p></section>
${why === 'wished' && html`<form method="post" action="${action}">${hiddenFields({ ...fields, kind: 'not_now' })}<button type="submit" class="plain">Not now: go on without</button></form>`}
${why === 'offered' && html`<p class="small"><a href="${backUrl}">Back to your account</a></p>`}
${why === 'required' && html`<p class="small"><a href="${backUrl}">Start over</a></p>`}`;
  return layout({
    title: problem ? `Error: ${CHOICE_TITLE}` : CHOICE_TITLE,
    main,
    shape: 'narrow',
    announcement: problem?.what,
    ...(passkey !== undefined && { script: PASSKEY_SCRIPT }),
  });
}

export interface AppSetUpPage {
  readonly action: string;
  readonly backUrl: string;
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly qrCode: Html;
  /** As a person types it. */
  readonly secret: string;
  readonly error?: SetUpError | undefined;
}

const APP_TITLE = 'Set up your authenticator app';

export function appSetUpPage({ action, backUrl, fields, qrCode, secret, error }: AppSetUpPage): string {
  const problem = error && problemOf(error);
  const invalid = error === 'code' && html` aria-invalid="true" aria-describedby="problem"`;
  const main = html`<h1>${APP_TITLE}</h1>
${problem && problemBox(problem)}
<section><h2>1. Scan this with the app</h2>
${qrCode}
<p class="small">Or type this key into the app: <code class="seed">${(secret.match(/.{1,4}/g) ?? []).join(' ')}</code></p></section>
<section><h2>2. Type the code that it shows</h2>
<form method="post" action="${action}">
${hiddenFields({ ...fields, kind: 'app' })}
<div class="field"><label for="code">Six digits</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required maxlength="16"${invalid}></div>
<button type="submit">Go on</button>
</form></section>
<p class="small"><a href="${backUrl}">Choose another way</a></p>`;
  return layout({
    title: problem ? `Error: ${APP_TITLE}` : APP_TITLE,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

export interface FactorAddedPage {
  readonly kind: 'passkey' | 'app';
  readonly goOnUrl: string;
  /** Shown this once. */
  readonly recoveryCodes?: readonly string[] | undefined;
}

export function factorAddedPage({ kind, goOnUrl, recoveryCodes }: FactorAddedPage): string {
  const title = kind === 'passkey' ? 'Your passkey is added' : 'Your authenticator app is added';
  const main = html`<h1>${title}</h1>
${
  recoveryCodes &&
  html`<section><h2>Keep these recovery codes</h2>
<p>If you lose your ${kind === 'passkey' ? 'passkey' : 'phone'}, one of them lets you in. Each works once. They are shown only now: print them, or put them where you keep your passwords.</p>
<ol class="recovery-codes">${recoveryCodes.map((code) => html`<li><code>${code}</code></li>`)}</ol></section>`
}
<p><a class="button" href="${goOnUrl}">${recoveryCodes === undefined ? 'Go on' : 'I have kept them: go on'}</a></p>`;
  return layout({ title, main, shape: 'narrow' });
}

interface Problem {
  readonly what: string;
  readonly whatToDo: string;
}

function problemBox({ what, whatToDo }: Problem): Html {
  return html`<div class="problem" role="alert" id="problem"><strong>${what}</strong><span>${whatToDo}</span></div>`;
}

function problemOf(error: SetUpError): Problem {
  const problems = {
    passkey: { what: 'The passkey could not be added.', whatToDo: 'Nothing was changed. Try again.' },
    taken: {
      what: 'This passkey is in use already.',
      whatToDo: 'Nothing was changed. Make another one, or use an authenticator app.',
    },
    too_many: {
      what: 'You have as many of these as there can be.',
      whatToDo: 'Nothing was changed. Remove one that you do not use first.',
    },
    code: {
      what: 'This code is not the right one.',
      whatToDo:
        'Type the code that the app shows now. If it is refused again, check the clock of your phone.',
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'Nothing was changed. Try again.',
    },
  };
  return problems[error];
}
