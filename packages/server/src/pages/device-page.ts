/**
 * The pages on which a person lets a device in: the code, what the device asks, how it ended. Written for the person
 * who was sent a code by somebody else, and must notice. @spec RFC 8628 §3.3 and §5.4
 */
import { agencyNote } from './agency.ts';
import { ENDING } from './connected-apps.ts';
import { inWords } from './duration.ts';
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { BREAK } from './mark.ts';
import { type Permission, permissionsSection } from './permissions.ts';

interface Account {
  readonly displayName: string;
  readonly email: string;
}

export interface DeviceCodePage {
  readonly action: string;
  readonly formToken: string;
  /** From the link or from the try before; never sent on without a press of the button. */
  readonly userCode?: string | undefined;
  readonly error?: DeviceCodeError | undefined;
  /** With `too_many`. */
  readonly retryAfterSeconds?: number | undefined;
  readonly account: Account;
}

export type DeviceCodeError = 'unknown' | 'too_many' | 'form_expired';

export function deviceCodePage(props: DeviceCodePage): string {
  const title = 'Connect a device';
  const problem = props.error && problemOf(props.error, props.retryAfterSeconds);
  const main = html`<h1>${title}</h1>
<p class="muted">The device, or the program that has no browser, shows you a code.</p>
${problem && html`<div class="problem" role="alert" id="problem"><strong>${problem.what}</strong><span>${problem.whatToDo}</span></div>`}
${codeForm(props)}
${WARNING}
<dl class="facts small"><div><dt>As</dt><dd>${props.account.displayName} · ${props.account.email}<br><a href="/logout">Sign out</a> to use another account</dd></div></dl>`;
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

const WARNING = html`<p class="note small">Go on only if you started this yourself, just now, and the code is on a screen in front of you. If somebody sent you the code or the link, close this page: they would get into your account.</p>`;

function codeForm({ action, formToken, userCode, error }: DeviceCodePage): Html {
  const invalid = error === 'unknown' && html` aria-invalid="true"`;
  return html`<form method="post" action="${action}">
${hiddenFields({ form_token: formToken })}
<div class="field"><label for="user_code">Code on the device</label>
<span class="small muted" id="form-of-code">Eight letters: XXXX-XXXX${userCode !== undefined && error === undefined && html`. Compare them, one by one.`}</span>
<input id="user_code" name="user_code" type="text" class="mono" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="32" value="${userCode}"${invalid} aria-describedby="${error === 'unknown' ? 'problem form-of-code' : 'form-of-code'}" autofocus></div>
<button type="submit" name="step" value="look">Continue</button>
</form>`;
}

function problemOf(error: DeviceCodeError, retryAfterSeconds = 60): { what: string; whatToDo: string } {
  const problems = {
    unknown: {
      what: 'This code does not work.',
      whatToDo:
        'It may be mistyped, too old, used, or open in another browser. Compare it with your device, or let the device show a new one.',
    },
    too_many: {
      what: 'Too many codes were tried.',
      whatToDo: `Nothing was checked this time. Try again in ${inWords(retryAfterSeconds)}.`,
    },
    form_expired: {
      what: 'This page had been open for too long.',
      whatToDo: 'Nothing was sent on. Enter the code again.',
    },
  };
  return problems[error];
}

export interface DeviceConfirmationPage {
  readonly action: string;
  readonly formToken: string;
  /** In its normal form. */
  readonly userCode: string;
  readonly client: { readonly name: string; readonly host?: string | undefined };
  /** The API the device wants to call; absent: only to know who the person is. */
  readonly api: { readonly name: string; readonly identifier: string } | undefined;
  readonly scopes: readonly Permission[];
  /** Names of scopes that the person may take out: those left ticked are sent as fields (pages/permissions). */
  readonly optional: readonly string[];
  readonly account: Account;
  /** The address that the device asked from, and the person's own. */
  readonly deviceAddress: string;
  readonly ownAddress: string;
  /** How long ago it asked. */
  readonly secondsAgo: number;
  /** After how many seconds the device has to ask again, at the latest. */
  readonly lifetimeSeconds?: number | undefined;
  /** Present: the app is an agent of the person. */
  readonly agentPurpose?: string | undefined;
}

export function deviceConfirmationPage(props: DeviceConfirmationPage): string {
  const { client, api, userCode } = props;
  const title = `Let ${client.name} in?`;
  const main = html`<h1>${title}</h1>
<p>Your device must show this code now: <strong class="user-code">${userCode}</strong></p>
<div class="problem"><strong>Did you start this yourself?</strong><span>If somebody sent you the code or asked you for it, press Deny: they would get into your account.</span></div>
<div class="halves">
<div class="app"><span class="small muted">${props.agentPurpose === undefined ? 'App' : 'Agent'}</span><span class="what">${client.name}</span>${client.host !== undefined && html`<span class="small muted">${client.host}</span>`}</div>
${BREAK}
<div><span class="small muted">${api ? 'API' : 'Account'}</span><span class="what">${api?.name ?? 'Who you are'}</span>${api && html`<code class="muted">${api.identifier}</code>`}</div>
</div>
${agencyNote(props.agentPurpose, client.name, props.account)}
${facts(props)}
<form method="post" action="${props.action}">
${hiddenFields({ user_code: userCode, form_token: props.formToken })}
${permissionsSection(props)}
<div class="buttons">
<button type="submit" name="step" value="allow">Allow</button>
<button type="submit" name="step" value="deny" class="quiet">Deny</button>
</div>
</form>
<p class="small muted">${props.lifetimeSeconds !== undefined && html`${client.name} has to ask you again after ${inWords(props.lifetimeSeconds)} at the latest. `}${ENDING}</p>`;
  return layout({ title, main, shape: 'narrow' });
}

function facts({ account, deviceAddress, ownAddress, secondsAgo }: DeviceConfirmationPage): Html {
  const same = deviceAddress === ownAddress;
  return html`<dl class="facts small">
<div><dt>Asked from</dt><dd><code>${deviceAddress}</code><br>${same ? 'the address that you have, too' : html`not your own address, <code>${ownAddress}</code>`}</dd></div>
<div><dt>Asked</dt><dd>${inWords(secondsAgo)} ago</dd></div>
<div><dt>As</dt><dd>${account.displayName} · ${account.email}</dd></div>
</dl>`;
}

export interface DeviceResultPage {
  readonly outcome: 'allowed' | 'denied' | 'not_allowed' | 'gone';
  readonly clientName?: string | undefined;
  /** With `not_allowed`: why. */
  readonly description?: string;
}

export function deviceResultPage({
  outcome,
  clientName = 'The device',
  description,
}: DeviceResultPage): string {
  const { title, text } = {
    allowed: {
      title: 'The device is connected',
      text: `${clientName} goes on by itself within seconds. You can close this page.`,
    },
    denied: {
      title: 'The device was turned away',
      text: `${clientName} got nothing. You can close this page.`,
    },
    not_allowed: {
      title: 'The device cannot be let in',
      text: `${description ?? 'It is not allowed'}. ${clientName} got nothing, and is told so. You can close this page.`,
    },
    gone: {
      title: 'This code has ended',
      text: 'Nothing was decided this time: the code is too old, was decided already, or is open in another browser. Let the device show a new one.',
    },
  }[outcome];
  const main = html`<h1>${title}</h1>
<p>${text}</p>
${outcome === 'denied' && html`<p class="note small">If somebody sent you the code, tell the operator of this server.</p>`}
${outcome === 'gone' && html`<p><a class="button quiet" href="/device">Enter a code</a></p>`}`;
  return layout({ title, main, shape: 'narrow', announcement: title });
}
