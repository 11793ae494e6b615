/** The page between the password and the session. @spec WCAG 2.2 §3.3.1, §3.3.8; OWASP ASVS 5.0 §6.3.4 */
import { inWords } from './duration.ts';
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { type AskedPasskey, PASSKEY_SCRIPT, passkeyForm } from './passkey-form.ts';

export interface SecondStepPage {
  readonly action: string;
  /** The same page, with the other kind of code. */
  readonly otherUrl: string;
  readonly startOverUrl: string;
  /** The sealed step, the form token, and where the person is on the way to. */
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly email: string;
  /** What the page asks for. */
  readonly asks: 'code' | 'recovery_code';
  readonly hasApp: boolean;
  readonly hasRecoveryCodes: boolean;
  /** Present where the person has a passkey. */
  readonly passkey?: AskedPasskey | undefined;
  readonly error?: SecondStepError | undefined;
  /** With `too_many`. */
  readonly retryAfterSeconds?: number | undefined;
}

export type SecondStepError = 'code' | 'recovery_code' | 'passkey' | 'too_many' | 'form_expired';

const TITLE = 'Show that it is you';

export function secondStepPage(props: SecondStepPage): string {
  const problem = props.error && problemOf(props.error, props.retryAfterSeconds);
  const main = html`<h1>${TITLE}</h1>
<p class="muted">You are signing in as <strong>${props.email}</strong>. One step more.</p>
${problem && html`<div class="problem" role="alert" id="problem"><strong>${problem.what}</strong><span>${problem.whatToDo}</span></div>`}
${props.asks === 'recovery_code' ? recoveryForm(props) : [props.hasApp && codeForm(props), props.passkey && passkeyPart(props, props.passkey)]}
<p class="small">${otherWay(props)}<a href="${props.startOverUrl}">Start over</a></p>`;
  return layout({
    title: problem ? `Error: ${TITLE}` : TITLE,
    main,
    shape: 'narrow',
    announcement: problem?.what,
    ...(props.passkey !== undefined && props.asks === 'code' && { script: PASSKEY_SCRIPT }),
  });
}

function otherWay({ asks, hasRecoveryCodes, otherUrl }: SecondStepPage): Html | false {
  if (asks === 'recovery_code') return html`<a href="${otherUrl}">Use what you usually use</a> · `;
  return hasRecoveryCodes && html`<a href="${otherUrl}">Use a recovery code</a> · `;
}

function codeForm({ action, fields, error }: SecondStepPage): Html {
  const invalid = error === 'code' && html` aria-invalid="true" aria-describedby="problem"`;
  return html`<form method="post" action="${action}">
${hiddenFields({ ...fields, kind: 'code' })}
<div class="field"><label for="code">Code from your authenticator app</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required maxlength="16"${invalid} autofocus></div>
<button type="submit">Sign in</button>
</form>`;
}

function recoveryForm({ action, fields, error }: SecondStepPage): Html {
  const invalid = error === 'recovery_code' && html` aria-invalid="true" aria-describedby="problem"`;
  return html`<form method="post" action="${action}">
${hiddenFields({ ...fields, kind: 'recovery_code' })}
<div class="field"><label for="code">Recovery code</label>
<input class="code" id="code" name="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="40"${invalid} autofocus></div>
<p class="small muted">Sixteen letters and digits. Each code works once.</p>
<button type="submit">Sign in</button>
</form>`;
}

function passkeyPart(
  { action, fields, hasApp, hasRecoveryCodes }: SecondStepPage,
  asked: AskedPasskey,
): Html {
  const others = [hasApp && 'the code of your app', hasRecoveryCodes && 'a recovery code'].filter(
    (each) => each !== false,
  );
  return passkeyForm({
    action,
    kind: 'get',
    asked,
    fields: { ...fields, kind: 'passkey' },
    button: 'Use a passkey',
    instead: others.length === 0 ? 'Try again.' : `Try again, or use ${others.join(' or ')}.`,
    main: !hasApp,
  });
}

function problemOf(
  error: SecondStepError,
  retryAfterSeconds = 900,
): { readonly what: string; readonly whatToDo: string } {
  const problems = {
    code: {
      what: 'This code is not the right one.',
      whatToDo: 'Each code works once, for half a minute. Wait for the next one and type that.',
    },
    recovery_code: {
      what: 'This recovery code is not one of yours, or it was used.',
      whatToDo: 'Check it, or take the next one of your list.',
    },
    passkey: {
      what: 'This passkey did not prove that it is you.',
      whatToDo: 'Try again, or take another of your passkeys.',
    },
    too_many: {
      what: 'Too many wrong codes.',
      whatToDo: `Nothing was checked this time. Try again in ${inWords(retryAfterSeconds)}.`,
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'Nothing was sent on. Try again.',
    },
  };
  return problems[error];
}
