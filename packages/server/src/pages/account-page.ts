/** Where a person lands who signs in while no app waits. */
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
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
  readonly signOutAction: string;
  readonly formToken: string;
}

export function accountPage({ account, signedInAt, endsAt, signOutAction, formToken }: AccountPage): string {
  const main = html`<h1>${account.displayName}</h1>
<p class="muted">You are signed in. Apps that send you here now ask only what you have not allowed yet.</p>
<dl class="facts small">
<div><dt>Email</dt><dd>${account.email}</dd></div>
<div><dt>Role</dt><dd>${account.role === 'admin' ? 'Administrator' : 'Member'}</dd></div>
<div><dt>Signed in</dt><dd>${moment(signedInAt)}</dd></div>
<div><dt>Ends</dt><dd>${moment(endsAt)}</dd></div>
</dl>
<form method="post" action="${signOutAction}">
${hiddenFields({ form_token: formToken })}
<div class="buttons"><button type="submit" class="quiet">Sign out</button></div>
</form>`;
  return layout({ title: account.displayName, main, shape: 'narrow' });
}
