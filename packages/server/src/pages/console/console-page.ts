/** The page that the console runs in: everything else is its script's. */
import { assetPath } from '../assets.ts';
import { html } from '../html.ts';
import type { BuiltConsole } from './built-console.ts';

const file = (name: string): string => `/console/assets/${name}`;

/** @param prefix the path of the issuer, without a slash at its end */
export function consolePage({ script, style, preload }: BuiltConsole, prefix: string): string {
  const page = html`<!doctype html>
<html lang="en" data-prefix="${prefix}">
<head>
<meta charset="utf-8">
<title>Console · Tessera</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${assetPath('mark.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${file(style)}">
<script type="module" src="${file(script)}"></script>
${preload.map((name) => html`<link rel="modulepreload" href="${file(name)}">`)}
</head>
<body class="console">
<div id="root"></div>
<noscript><main class="no-script"><h1>The console needs JavaScript</h1>
<p>Sign-in, consent and <a href="/login">your account page</a> work without it, and so does everything here on the command line: <code>npm run tessera -- --help</code>.</p></main></noscript>
<div class="announcer" id="live" role="status" aria-live="polite"></div>
</body>
</html>
`;
  return page.toString();
}
