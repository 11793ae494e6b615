/** Where a person lands who signs in while no app waits. */
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { moment } from './moment.ts';

export interface AccountPage {
  readonly account: {
    readonly displayName: string;
    readonly email: string;
    readonly role: 'admin' | 'member';
  };
  /** When this session started and when it ends, in milliseconds. */
  readonly signedInAt: number;
  readonly endsAt: number;
  /** How many of each the person has. */
  readonly factors: { readonly passkeys: number; readonly authenticatorApps: number };
  readonly setUpUrl: string;
  /** Other providers by which people may sign in. */
  readonly providers: readonly {
    readonly name: string;
    readonly linked: boolean;
    readonly linkUrl: string;
    readonly unlinkAction: string;
  }[];
  readonly signOutAction: string;
  readonly formToken: string;
}

export function accountPage(props: AccountPage): string {
  const { account, signedInAt, endsAt, factors, setUpUrl, signOutAction, formToken } = props;
  const main = html`<h1>${account.displayName}</h1>
<p class="muted">You are signed in. Apps that send you here now ask only what you have not allowed yet.</p>
<dl class="facts small">
<div><dt>Email</dt><dd>${account.email}</dd></div>
<div><dt>Role</dt><dd>${account.role === 'admin' ? 'Administrator' : 'Member'}</dd></div>
<div><dt>Signed in</dt><dd>${moment(signedInAt)}</dd></div>
<div><dt>Ends</dt><dd>${moment(endsAt)}</dd></div>
<div><dt>Second step</dt><dd>${secondStep(factors)} <a href="${setUpUrl}">${factors.passkeys === 0 ? 'Add a passkey' : 'Add another'}</a></dd></div>
${props.providers.map((provider) => providerPart(provider, formToken))}
</dl>
<form method="post" action="${signOutAction}">
${hiddenFields({ form_token: formToken })}
<div class="buttons"><button type="submit" class="quiet">Sign out</button></div>
</form>`;
  return layout({ title: account.displayName, main, shape: 'narrow' });
}

function secondStep({ passkeys, authenticatorApps }: AccountPage['factors']): string {
  const parts = [counted(passkeys, 'passkey'), counted(authenticatorApps, 'authenticator app')];
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? 'None: your password is all it takes.' : `${present.join(', ')}.`;
}

function counted(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${count} ${what}${count === 1 ? '' : 's'}`;
}

function providerPart(
  { name, linked, linkUrl, unlinkAction }: AccountPage['providers'][number],
  formToken: string,
): Html {
  if (!linked) {
    return html`<div><dt>${name}</dt><dd>Not linked. <a href="${linkUrl}">Link ${name}</a></dd></div>`;
  }
  return html`<div><dt>${name}</dt><dd>Linked: you may sign in with it.
<form method="post" action="${unlinkAction}">${hiddenFields({ form_token: formToken })}<button type="submit" class="plain">Unlink ${name}</button></form></dd></div>`;
}
