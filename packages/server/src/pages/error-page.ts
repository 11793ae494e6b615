/** The page for what cannot be answered to an app: what happened, why, what to do, and a reference to ask about. */
import { html } from './html.ts';
import { layout } from './layout.ts';

export interface ErrorPage {
  readonly status: number;
  readonly title: string;
  readonly explanation: string;
  readonly whatToDo: string;
  /** A way out that the person may take; never taken for them. */
  readonly link?: { readonly url: string; readonly text: string } | undefined;
  /** The id of the request, for the operator's log. */
  readonly reference?: string | undefined;
}

export function errorPage({ status, title, explanation, whatToDo, link, reference }: ErrorPage): string {
  const main = html`<h1>${title}</h1>
<p>${explanation}</p>
<p>${whatToDo}</p>
${link !== undefined && html`<p><a class="button quiet" href="${link.url}" rel="noreferrer">${link.text}</a></p>`}
<dl class="facts small">
<div><dt>Status</dt><dd><code>${status}</code></dd></div>
${reference !== undefined && html`<div><dt>Reference</dt><dd><code>${reference}</code></dd></div>`}
</dl>`;
  return layout({ title, main, shape: 'narrow' });
}
