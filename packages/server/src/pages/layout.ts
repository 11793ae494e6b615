/** The frame of every page: language, title, style sheet, header, one `main`, and a live region that is always there. */
import { assetPath } from './assets.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { MARK } from './mark.ts';

export interface Layout {
  /** Of the window: what the page is for, said before the product's name. */
  readonly title: string;
  /** Holds the page's one `h1`. */
  readonly main: Html;
  /** `narrow`: one column for a form. `side`: text beside a map of it. */
  readonly shape: 'narrow' | 'side';
  /** The map beside the text. */
  readonly side?: Html;
  /** A long map comes after the text where there is no room beside it. */
  readonly sideLast?: boolean;
  /** Links in the header. */
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  /** What a screen reader is told when the page appears. */
  readonly announcement?: string | undefined;
  /** A script of ours among the assets. The page must work without it. */
  readonly script?: string;
}

export function layout({
  title,
  main,
  shape,
  side,
  sideLast = false,
  links,
  announcement,
  script,
}: Layout): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · Tessera</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${assetPath('mark.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('tessera.css')}">
${shape === 'side' && html`<link rel="stylesheet" href="${assetPath('guide.css')}">`}
${script !== undefined && html`<script src="${assetPath(script)}" defer></script>`}
</head>
<body class="${shape}">
<a class="skip" href="#main">Skip to content</a>
<header class="top"><a class="home" href="/">${MARK}<span>Tessera</span></a>
${links && html`<nav aria-label="Tessera">${links.map(({ href, text }) => html`<a href="${href}">${text}</a>`)}</nav>`}
</header>
<div class="frame">
${!sideLast && side}
<main id="main" tabindex="-1">
${main}
</main>
${sideLast && side}
</div>
<div class="announcer" id="live" role="status" aria-live="polite">${announcement}</div>
</body>
</html>
`;
  return page.toString();
}
