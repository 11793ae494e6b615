/**
 * A form that a script of ours fills in with what the browser's passkey dialog gives. Without scripts it stays
 * hidden, and a line says so. @spec WebAuthn Level 3 §5.1
 */
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** The script among the assets that a page with this form names. */
export const PASSKEY_SCRIPT = 'passkey.js';

/** What the browser is to be asked for; sealed, it comes back with the answer. */
export interface AskedPasskey {
  readonly options: object;
  readonly sealed: string;
}

export interface PasskeyForm {
  readonly action: string;
  readonly kind: 'get' | 'create';
  readonly asked: AskedPasskey;
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** On the button. */
  readonly button: string;
  /** What else the person can do, as a sentence. */
  readonly instead: string;
  /** Passkeys are also offered where the email is typed. */
  readonly autofill?: boolean;
  /** The button is the one thing to press on the page. */
  readonly main?: boolean;
}

export function passkeyForm(props: PasskeyForm): Html {
  const { action, kind, asked, fields, button, instead, autofill = false, main = false } = props;
  return html`<form method="post" action="${action}" data-passkey="${kind}" data-options="${JSON.stringify(asked.options)}" data-instead="${instead}" data-known="This device has a passkey for this account already."${autofill && html` data-autofill`} hidden>
${hiddenFields({ ...fields, asked: asked.sealed, passkey: '' })}
${main ? html`<button type="submit">${button}</button>` : html`<button type="submit" class="quiet">${button}</button>`}
<p class="small" role="status" data-note></p>
</form>
<noscript><p class="note small">Passkeys need scripts, and this browser runs none here. ${instead}</p></noscript>`;
}
