/** The five things to do on the page, in the order of a token's life. */
import { codeBlock } from '../code-block.ts';
import { hiddenFields } from '../hidden-fields.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { tokenTile } from '../token-tile.ts';
import type { ActionName, HeldToken } from './actions.ts';
import { answerBlock } from './answer.ts';
import { playerUrl } from './demo-data.ts';
import type { DemoData } from './demo-data.ts';
import { carriedFields } from './page-state.ts';
import type { PageState } from './page-state.ts';
import { callApiLines, getTokenLine, tokenInUrlLines } from './snippets.ts';

export interface SectionProps {
  readonly demo: DemoData;
  readonly getProfileSource: string;
  readonly state: PageState;
  /** Milliseconds. */
  readonly now: number;
}

export function getTokenSection({ demo, state, now }: SectionProps): Html {
  return html`<section id="get">
<h2><span class="step mono">1</span> Get a token</h2>
<p>An app that acts for itself shows its own credentials. These are the demo app’s; the line works as it stands.</p>
${codeBlock('shell', getTokenLine(demo))}
${button('get_token', 'Get a token', 'get', state)}
${answerTo(['get_token'], state)}
${state.token && tile(state.token, now)}
</section>`;
}

export function callApiSection({ demo, state }: SectionProps): Html {
  const { token, typed } = state;
  return html`<section id="call">
<h2><span class="step mono">2</span> Call the API</h2>
<p>The token goes into the <code>Authorization</code> header. That is all an API needs from an app.</p>
${codeBlock('shell', callApiLines(demo))}
<form method="post" action="/#call">
${hiddenFields({ ...carriedFields(state), action: 'call_api' })}
<div class="field"><label for="token">Access token</label>
<input class="mono" id="token" name="token" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="8000" value="${typed ?? token?.value}" aria-describedby="token-hint">
<p class="small muted" id="token-hint">${typedHint(token?.value, typed)}</p></div>
<div><button type="submit">Call the API</button></div>
</form>
${answerTo(['call_api'], state)}
</section>`;
}

export function browserSection({ demo, getProfileSource }: SectionProps): Html {
  const { email, password } = demo.account;
  return html`<section id="browser">
<h2><span class="step mono">3</span> In a browser, for a person</h2>
<p>A page has no secret to show. It sends the person here to sign in and to agree, gets a code, and exchanges it for a token: the authorization code grant with PKCE. Then it can ask for the person’s profile:</p>
${codeBlock('js', getProfileSource)}
<p>This is the function people know from the web, mended: it takes the token from where the page keeps it, looks at the status before it reads the answer, and gives the profile back to its caller. Whatever script runs on a page can read its <code>localStorage</code>: keep a token there only on pages whose every script you trust.</p>
<p><a class="button" href="${playerUrl(demo)}">Run getProfile()</a></p>
<p class="small muted">The player asks you to sign in: <code>${email}</code> with <code>${password}</code>.</p>
</section>`;
}

export function expirySection({ demo, state, now }: SectionProps): Html {
  const { shortToken } = state;
  return html`<section id="expiry">
<h2><span class="step mono">4</span> What happens when it expires?</h2>
<p>From that second on every API refuses it: 401, <q>The access token expired</q>. An hour is long to wait for that, so the demo has a second API whose tokens live 30 seconds.</p>
${button('get_short_token', shortToken ? 'Get a new one' : 'Try a 30-second token', 'expiry', state)}
${answerTo(['get_short_token'], state)}
${shortToken && html`${tile(shortToken, now)}${button('call_short_api', 'Call the API with it', 'expiry', state)}`}
${answerTo(['call_short_api'], state)}
<p>An app that acts for itself asks for another token, as it did for the first. An app that acts for a person has been given a <strong>refresh token</strong> beside the access token, and exchanges that for a new pair without asking the person again. <a href="${playerUrl(demo, 'short')}">See the player do it</a>, with a token of 30 seconds.</p>
</section>`;
}

export function urlSection({ demo, state }: SectionProps): Html {
  const { token, last } = state;
  const exposed =
    token && !token.revoked && last?.action === 'put_in_url' && last.exchange.answer?.status === 400;
  return html`<section id="url">
<h2><span class="step mono">5</span> Put it in a URL?</h2>
<p>No. Addresses end up in histories, logs and other people’s screens. An API behind Tessera refuses a token that comes in one, even a good token, and from then on it counts as exposed.</p>
${codeBlock('shell', tokenInUrlLines(demo))}
${button('put_in_url', 'Put it in a URL', 'url', state)}
${answerTo(['put_in_url', 'revoke'], state)}
${exposed && html`<p>This token counts as exposed. Revoke it, and its next call is refused.</p>${button('revoke', 'Revoke it', 'url', state)}`}
${last?.action === 'revoke' && token?.revoked && html`<p>Revoked. It is in two pieces above, and <a href="#call">calling the API</a> with it answers 401.</p>`}
</section>`;
}

function button(action: ActionName, text: string, section: string, state: PageState): Html {
  return html`<form method="post" action="/#${section}">
${hiddenFields({ ...carriedFields(state), action })}
<div><button type="submit">${text}</button></div>
</form>`;
}

function answerTo(actions: readonly ActionName[], { last }: PageState): Html | undefined {
  return last && actions.includes(last.action) ? answerBlock(last.action, last.exchange) : undefined;
}

function tile({ value, issuedAt, lifetimeSeconds, revoked }: HeldToken, now: number): Html {
  const endsAt = issuedAt + lifetimeSeconds * 1000;
  return tokenTile({
    value,
    lifetimeSeconds,
    endsAt,
    leftSeconds: Math.ceil((endsAt - now) / 1000),
    revoked,
  });
}

/** What to try next, or what was tried. */
function typedHint(got: string | undefined, typed: string | undefined): Html {
  if (got === undefined) return html`Get a token first, or paste one.`;
  if (typed === undefined || typed === got) return html`Change one character and call again.`;
  const at = Array.from(got).findIndex((character, index) => typed[index] !== character);
  const isOneCharacter = typed.length === got.length && typed.slice(at + 1) === got.slice(at + 1);
  return isOneCharacter
    ? html`Character ${at + 1} is <code>${typed[at]}</code>; in the token it is <code>${got[at]}</code>.`
    : html`This is not the token you got.`;
}
