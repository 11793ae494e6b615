/** What an app or a device may do, each permission with a tick where the person may take it out. */
import { html } from './html.ts';
import type { Html } from './html.ts';

export interface Permission {
  readonly name: string;
  readonly description: string;
  /** The API it belongs to, where there are several. */
  readonly api?: string | undefined;
}

export interface Permissions {
  readonly scopes: readonly Permission[];
  /** Names of those that the person may take out. */
  readonly optional: readonly string[];
  /** Names of those that the person allowed this app before. */
  readonly alreadyGranted?: readonly string[];
}

/** In a form: a ticked permission is sent as a field of this name. */
export function fieldOfPermission(scope: string): string {
  return `allow:${scope}`;
}

export function permissionsSection({ scopes, optional, alreadyGranted = [] }: Permissions): Html {
  if (scopes.length === 0) {
    return html`<section><h2>What it may do</h2><p>Nothing beyond knowing that you signed in.</p></section>`;
  }
  const rows = scopes.map((scope, index) => {
    const { name, api } = scope;
    return html`<li>${optional.includes(name) ? ticked(scope, index) : html`<span>${scope.description}</span>`}<code>${name}</code>${api !== undefined && html`<span class="before small muted">${api}</span>`}${alreadyGranted.includes(name) && html`<span class="before small muted">You allowed this before</span>`}${optional.length > 0 && !optional.includes(name) && html`<span class="before small muted">Always part of a sign-in</span>`}</li>
`;
  });
  return html`<section><h2>What it may do</h2>
<ul class="permissions${optional.length > 0 && ' choices'}">
${rows}</ul>
${optional.length > 0 && html`<p class="small muted">Take out what you do not want to allow. Parts of the app may not work without it.</p>`}</section>`;
}

function ticked({ name, description }: Permission, index: number): Html {
  const id = `allow-${index}`;
  return html`<input type="checkbox" id="${id}" name="${fieldOfPermission(name)}" value="yes" checked><label for="${id}">${description}</label>`;
}
