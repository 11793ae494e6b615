/**
 * Posts an answer to the app: by itself, or by its button where there are no scripts.
 * @spec OAuth 2.0 Form Post Response Mode §2
 */
import { hash } from 'node:crypto';
import { hiddenFields } from './hidden-fields.ts';
import { html, raw } from './html.ts';
import { layout } from './layout.ts';

export interface FormPostPage {
  /** The redirect URI of the app; registered, and http or https. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const SUBMIT_SCRIPT = "document.getElementById('answer').submit()";
/** For the page's policy: this script and no other. */
export const SUBMIT_SCRIPT_HASH = hash('sha256', SUBMIT_SCRIPT, 'base64');

export function formPostPage({ action, fields }: FormPostPage): string {
  const { host } = new URL(action);
  const main = html`<h1>Back to the app</h1>
<p>Your answer goes to <code>${host}</code>.</p>
<form id="answer" method="post" action="${action}">
${hiddenFields(fields)}
<div class="buttons"><button type="submit">Continue</button></div>
</form>
<script>${raw(SUBMIT_SCRIPT)}</script>`;
  return layout({ title: 'Back to the app', main, shape: 'narrow' });
}
