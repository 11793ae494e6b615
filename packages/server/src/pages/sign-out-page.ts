/** Signing out: asked first, then said. @spec OpenID Connect RP-Initiated Logout 1.0 §2 */
import { hiddenFields } from './hidden-fields.ts';
import { html, linkTarget } from './html.ts';
import { layout } from './layout.ts';

export interface SignOutPage {
  readonly action: string;
  readonly formToken: string;
  readonly account: { readonly displayName: string; readonly email: string };
  /** The app that asked for it. */
  readonly clientName?: string | undefined;
  /** Sent along with the form: what the app's request said (`id_token_hint`, `post_logout_redirect_uri`, `state` …). */
  readonly fields?: Readonly<Record<string, string | undefined>> | undefined;
}

/** "Sign out?": a link alone must not sign anybody out. */
export function signOutPage({ action, formToken, account, clientName, fields = {} }: SignOutPage): string {
  const main = html`<h1>Sign out of Tessera?</h1>
<p>You are signed in as ${account.displayName} · ${account.email}.</p>
${clientName !== undefined && html`<p>${clientName} asks for this.</p>`}
<p class="muted">Apps you signed in to are signed out, too. Those you allowed to stay connected while you are away stay connected.</p>
<form method="post" action="${action}">
${hiddenFields({ ...fields, form_token: formToken })}
<div class="buttons"><button type="submit">Sign out</button><a class="button quiet" href="/">Stay signed in</a></div>
</form>`;
  return layout({ title: 'Sign out', main, shape: 'narrow' });
}

export interface SignedOutPage {
  readonly signInUrl: string;
  /** Where the app that asked wants the person to go on; shown as a link. */
  readonly continueTo?: { readonly url: string; readonly clientName: string } | undefined;
}

export function signedOutPage({ signInUrl, continueTo }: SignedOutPage): string {
  const target = linkTarget(continueTo?.url);
  const main = html`<h1>You are signed out</h1>
<p>This browser no longer has a session here.</p>
<div class="buttons">
${target !== undefined && html`<a class="button" href="${target}">Back to ${continueTo?.clientName}</a>`}
<a class="button quiet" href="${signInUrl}">Sign in again</a>
</div>`;
  return layout({ title: 'Signed out', main, shape: 'narrow', announcement: 'You are signed out' });
}
