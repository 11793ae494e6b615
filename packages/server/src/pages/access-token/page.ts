/** The page **Access token**: what one is, and everything there is to try with it. Pure: from props to HTML. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { answerInWords } from './answer.ts';
import { questionsSection } from './questions.ts';
import { browserSection, callApiSection, expirySection, getTokenSection, urlSection } from './sections.ts';
import type { SectionProps } from './sections.ts';

export type AccessTokenPage = SectionProps;

const MAP = [
  ['#get', 'Get a token'],
  ['#call', 'Call the API'],
  ['#browser', 'In a browser'],
  ['#expiry', 'When it expires'],
  ['#url', 'Put it in a URL?'],
  ['#questions', 'Questions'],
] as const;

export function accessTokenPage(props: AccessTokenPage): string {
  const { demo, state } = props;
  const main = html`${introduction()}
${getTokenSection(props)}
${callApiSection(props)}
${browserSection(props)}
${expirySection(props)}
${urlSection(props)}
${questionsSection(demo)}`;
  return layout({
    title: 'Access token',
    main,
    shape: 'side',
    side: html`<nav class="map" aria-label="On this page"><ol>${MAP.map(([href, text]) => html`<li><a href="${href}">${text}</a></li>`)}</ol></nav>`,
    links: [
      { href: '/docs', text: 'Docs' },
      { href: demo.player, text: 'Player' },
      { href: demo.musicApi, text: 'Music API' },
    ],
    announcement: state.last && answerInWords(state.last.exchange),
    script: 'enhance.js',
  });
}

function introduction(): Html {
  return html`<h1>Access token</h1>
<p class="lead">A string that lets whoever carries it reach an API. It stands for who asks, what they may do, and until when. An app gets one from Tessera and sends it along with every call:</p>
<table class="header-table">
<thead><tr><th scope="col">Header</th><th scope="col">Value</th></tr></thead>
<tbody><tr><td><code>Authorization</code></td><td><code>Bearer &lt;token&gt;</code></td></tr></tbody>
</table>
<p>It is valid for one hour. Whoever has it can use it, so it is handled like a password.</p>`;
}
