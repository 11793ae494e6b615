/**
 * The page where a person allows an app to act for them: who asks, for what, where the answer goes, as whom, and how
 * it ends. @spec OAuth 2.1 §7.2, RFC 9700 §4.14, draft-ietf-oauth-client-id-metadata-document-00 §6.4; MCP security
 * best practices (consent)
 */
import { agencyNote } from './agency.ts';
import { isLoopbackHost } from './app-label.ts';
import { ENDING } from './connected-apps.ts';
import { type ConsentDetail, detailsSection } from './consent-details.ts';
import { inWords } from './duration.ts';
import { hiddenFields } from './hidden-fields.ts';
import { html, linkTarget } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { BREAK } from './mark.ts';
import { type Permission, permissionsSection } from './permissions.ts';

export interface ConsentPage {
  /** Where Allow and Deny are sent, as `decision=allow` or `decision=deny`. */
  readonly action: string;
  /** The sealed request of the app. */
  readonly interaction: string;
  readonly formToken: string;
  readonly client: ConsentClient;
  /** The API the app wants to call; absent: only to know who the person is. */
  readonly api: { readonly name: string; readonly identifier: string } | undefined;
  /** Further APIs. */
  readonly otherApis?: readonly { readonly name: string; readonly identifier: string }[];
  readonly scopes: readonly Permission[];
  /** Names of scopes that the person may take out: those left ticked are sent as fields (pages/permissions). */
  readonly optional: readonly string[];
  readonly details?: readonly ConsentDetail[];
  /** Names of scopes the person allowed this app before. */
  readonly alreadyGranted: readonly string[];
  readonly account: { readonly displayName: string; readonly email: string };
  /** Where "Use another account" is sent. */
  readonly switchAccountAction: string;
  /** Nobody here has looked at the app: its name is what it says of itself. */
  readonly unverified: boolean;
  /** Registered by the operator of this server as its own. */
  readonly firstParty: boolean;
  /** The organization on this server whose members registered it. */
  readonly madeBy?: string | undefined;
  /** Runs on the person's device, where anyone may claim its name. */
  readonly native: boolean;
  /** After how many seconds the app has to ask again, at the latest. */
  readonly lifetimeSeconds?: number | undefined;
  /** Present: the app is an agent of the person. */
  readonly agentPurpose?: string | undefined;
}

export interface ConsentClient {
  /** What the page calls the app (pages/app-label). */
  readonly label: string;
  readonly name: string;
  /** Host of the app's home page. */
  readonly host?: string | undefined;
  /** Host and port, or scheme, of the redirect URI: where the answer goes. */
  readonly redirectHost: string;
  readonly policyUri?: string | undefined;
  readonly tosUri?: string | undefined;
}

export function consentPage(props: ConsentPage): string {
  const { client, api, unverified } = props;
  const title = `${client.label} asks for access`;
  const main = html`<h1>${title}</h1>
<div class="halves">
${unverified ? unverifiedApp(client) : html`<div class="app"><span class="small muted">${props.agentPurpose === undefined ? 'App' : 'Agent'}</span><span class="what">${client.name}</span>${client.host !== undefined && html`<span class="small muted">${client.host}</span>`}</div>`}
${BREAK}
<div><span class="small muted">${api ? 'API' : 'Account'}</span><span class="what">${api?.name ?? 'Who you are'}</span>${api && html`<code class="muted">${api.identifier}</code>`}${props.otherApis?.map(({ name, identifier }) => html`<span class="what">${name}</span><code class="muted">${identifier}</code>`)}</div>
</div>
${warning(props)}
${agencyNote(props.agentPurpose, client.label, props.account)}
${facts(props)}
${decision(props)}
${ending(props)}`;
  return layout({ title, main, shape: 'narrow' });
}

function unverifiedApp({ label, name }: ConsentClient): Html {
  return html`<div class="app"><span class="small muted">App <span class="badge">Unverified</span></span><span class="what">${label}</span><span class="small muted">says it is “${name}”</span></div>`;
}

function warning({ client, native, unverified }: ConsentPage): Html | false {
  if (!unverified) {
    return (
      native &&
      html`<p class="note small">This app runs on a device, where any program can use its name. Allow it only if you started it yourself just now.</p>`
    );
  }
  if (native || isLoopbackHost(client.redirectHost)) {
    return html`<p class="note small"><strong>Nobody here has checked this app.</strong> The answer goes to a program on this device, and any program can claim this name. Allow it only if you started it yourself just now.</p>`;
  }
  return html`<p class="note small"><strong>Nobody here has checked this app.</strong> Go by the address, not by the name. Allow it only if you know <strong>${client.label}</strong> and came from there just now.</p>`;
}

function facts({
  client,
  account,
  switchAccountAction,
  interaction,
  formToken,
  firstParty,
  madeBy,
}: ConsentPage): Html {
  return html`<dl class="facts small">
<div><dt>Answer goes to</dt><dd>${destination(client.redirectHost)}</dd></div>
<div><dt>As</dt><dd>${account.displayName} · ${account.email}
<form method="post" action="${switchAccountAction}">${hiddenFields({ interaction, form_token: formToken })}<button class="plain" type="submit">Use another account</button></form></dd></div>
${firstParty && html`<div><dt>Made by</dt><dd>The operator of this server</dd></div>`}
${!firstParty && madeBy !== undefined && html`<div><dt>Made by</dt><dd>${madeBy} · an organization on this server</dd></div>`}
</dl>`;
}

/** Loopback is the person's own machine, which the address alone does not tell everyone. */
function destination(redirectHost: string): Html {
  return isLoopbackHost(redirectHost)
    ? html`this computer · <code>${redirectHost}</code>`
    : html`<code>${redirectHost}</code>`;
}

function decision(props: ConsentPage): Html {
  const { action, interaction, formToken, scopes, details = [] } = props;
  return html`<form method="post" action="${action}">
${hiddenFields({ interaction, form_token: formToken })}
${(scopes.length > 0 || details.length === 0) && permissionsSection(props)}
${detailsSection(details)}
<div class="buttons">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="quiet">Deny</button>
</div>
${!props.firstParty && html`<p class="small"><button type="submit" name="decision" value="block" class="plain">Deny and block this app</button></p>`}
</form>`;
}

function ending({ client, lifetimeSeconds, unverified }: ConsentPage): Html {
  // A page of a stranger, under words of ours, is one more way to be taken in.
  const policy = unverified ? undefined : linkTarget(client.policyUri);
  const terms = unverified ? undefined : linkTarget(client.tosUri);
  return html`<p class="small muted">
${lifetimeSeconds !== undefined && html`${client.label} has to ask you again after ${inWords(lifetimeSeconds)} at the latest. `}${ENDING}
${policy !== undefined && html` <a href="${policy}" rel="noreferrer">Privacy policy of the app</a>.`}
${terms !== undefined && html` <a href="${terms}" rel="noreferrer">Terms of the app</a>.`}
</p>`;
}
