/** The questions people ask about access tokens, each answered in short, with a thing to try. */
import { codeBlock } from '../code-block.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { playerUrl } from './demo-data.ts';
import type { DemoData } from './demo-data.ts';
import { authorizeLines, decodeLines, introspectLines, revokeLines, shortTokenLines } from './snippets.ts';

interface Question {
  readonly id: string;
  readonly question: string;
  readonly answer: (demo: DemoData) => Html;
}

const QUESTIONS: readonly Question[] = [
  {
    id: 'pass',
    question: 'How do I pass an access token?',
    answer: () =>
      html`<p>In the header <code>Authorization: Bearer</code>, with every call, and nowhere else: not in the address, not in a cookie you share. <a href="#call">Call the API</a> with one.</p>`,
  },
  {
    id: 'mine',
    question: 'Where do I find my access token?',
    answer: () =>
      html`<p>Where the app that asked for it put it. Tessera shows a token once, in the answer to the app, and keeps only its hash, so nobody can look it up here later. Lost it? <a href="#get">Get another.</a></p>`,
  },
  {
    id: 'user',
    question: 'How do I get a user’s access token?',
    answer: (demo) =>
      html`<p>Send the person to <code>/authorize</code>. They sign in, read what your app wants, and allow it; your app gets a code and exchanges it. Your app never sees their password. <a href="${playerUrl(demo)}">Watch the player get one.</a></p>`,
  },
  {
    id: 'code',
    question: 'How do I get a token with an authorization code?',
    answer: (
      demo,
    ) => html`<p>Four steps: make a verifier, send its hash along to <code>/authorize</code>, receive the code at your redirect URI, and exchange code and verifier at <code>/api/token</code>. The first two, up to the page where the person signs in:</p>
${codeBlock('shell', authorizeLines(demo))}
<p>A code lives 60 seconds and works once. Used a second time, it ends what the first use got.</p>`,
  },
  {
    id: 'lifetime',
    question: 'How long does it last, and why does that vary?',
    answer: (
      demo,
    ) => html`<p><code>expires_in</code> in the answer says it, in seconds: 3600 unless the API is set otherwise. An API can also have each token’s life drawn between two ends, so that renewals do not come in waves. The demo’s second API gives 30 seconds; wait that long, and call again:</p>
${codeBlock('shell', shortTokenLines(demo))}`,
  },
  {
    id: 'decode',
    question: 'Can it be decoded?',
    answer: (
      demo,
    ) => html`<p>If it is a JWT. A request that names an API gets what that API is set to, here a JWT, signed and readable by anyone who holds it. One that names none gets an opaque token: it is not broken, there is nothing in it to read.</p>
${codeBlock('shell', decodeLines(demo))}`,
  },
  {
    id: 'form',
    question: 'What does one look like?',
    answer: () =>
      html`<p>An opaque one is <code>tsr_at_</code>, 43 random characters, and 6 that are a checksum of the rest: a scanner can tell it from other strings, and a typing error from a forgery, without asking anyone. A JWT is three pieces with dots between them: header, claims, signature.</p>`,
  },
  {
    id: 'check',
    question: 'How does an API check an opaque token?',
    answer: (
      demo,
    ) => html`<p>It asks Tessera, with its own credentials: introspection. The app that got a token may ask about it too; everybody else is told <code>{"active":false}</code>, whatever the token.</p>
${codeBlock('shell', introspectLines(demo))}`,
  },
  {
    id: 'refresh',
    question: 'Are access tokens temporary, and what are refresh tokens for?',
    answer: (demo) =>
      html`<p>Yes, so that a lost one soon is worth nothing. A refresh token lives longer, goes only to Tessera, and buys the next access token. A public app gets a new refresh token each time; if an old one turns up again after half a minute, somebody has a copy, and all of that grant ends. <a href="${playerUrl(demo, 'short')}">See it renewed</a> in the player.</p>`,
  },
  {
    id: 'revoke',
    question: 'How do I end a token before its time?',
    answer: (
      demo,
    ) => html`<p>Revoke it: the app that got it says so, and the next call is refused. Revoking a refresh token ends everything of the same grant.</p>
${codeBlock('shell', revokeLines(demo))}`,
  },
  {
    id: 'travel',
    question: 'What is the way of a user’s token?',
    answer: (demo) =>
      html`<p>Login: the person proves who they are, here. Verification: the API checks every call for signature or introspection, expiry, audience and scope. Storage: Tessera keeps a hash, the app keeps the token, in memory where it can. Communication: over TLS, in the header. <a href="${playerUrl(demo)}">Walk it once</a> with the player.</p>`,
  },
];

export function questionsSection(demo: DemoData): Html {
  return html`<section id="questions">
<h2>The questions people ask</h2>
${QUESTIONS.map(
  ({
    id,
    question,
    answer,
  }) => html`<article class="question" id="q-${id}"><h3>${question}</h3>${answer(demo)}</article>
`,
)}</section>`;
}
