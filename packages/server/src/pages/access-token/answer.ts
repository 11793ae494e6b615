import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { stateMark } from '../token-tile.ts';
import type { ActionName } from './actions.ts';
import type { Exchange } from './exchange.ts';

/** What an API answered: the status line with the token's fate in it, the challenge, and the body. */
export function answerBlock(action: ActionName, { request, answer }: Exchange): Html {
  if (!answer) {
    return html`<div class="answer" data-answer="${action}"><p class="mono small">${request}</p>
<p><strong>Nothing answered.</strong> Is it running? Both start with <code>npm start</code>.</p></div>`;
  }
  const { status, reason, wwwAuthenticate, body } = answer;
  const accepted = status < 400;
  return html`<div class="answer ${accepted ? 'live' : 'refused'}" data-answer="${action}" data-status="${status}">
<p class="mono small muted">${request}</p>
<p>${stateMark(accepted ? 'live' : 'refused', `${status} ${reason}`)}${!accepted && html` · ${reasonOf(status, wwwAuthenticate)}`}</p>
${wwwAuthenticate !== undefined && html`<p class="mono small"><span class="muted">WWW-Authenticate:</span> ${wwwAuthenticate}</p>`}
${body !== '' && html`<pre tabindex="0" role="region" aria-label="Body of the answer"><code>${body}</code></pre>`}
</div>`;
}

/** One line for a screen reader. */
export function answerInWords({ answer }: Exchange): string {
  if (!answer) return 'Nothing answered.';
  return `The answer is ${answer.status} ${answer.reason}.`;
}

/** The reason an API gives in its challenge (RFC 6750 §3), else what the status says. */
function reasonOf(status: number, wwwAuthenticate: string | undefined): string {
  const given = /error_description="([^"]+)"/.exec(wwwAuthenticate ?? '')?.[1];
  if (given !== undefined) return given;
  if (status === 401) return 'the token is not good';
  if (status === 403) return 'the token is good, but not for this';
  if (status === 429) return 'too many calls; wait';
  return status < 500 ? 'refused' : 'the API failed';
}
