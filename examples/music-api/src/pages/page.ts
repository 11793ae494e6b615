import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const STYLE = `
:root{color-scheme:light dark;--ground:#f3f5f4;--ink:#14201e;--muted:#4c5956;--line:#78837f;--focus:#2646b8}
@media (prefers-color-scheme:dark){:root{--ground:#0f1615;--ink:#e9efed;--muted:#a7b5b1;--line:#75827e;--focus:#9db4ff}}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/24px system-ui,sans-serif}
main{max-width:640px;margin:0 auto;padding:32px 16px}
h1{font-size:28px;line-height:36px;font-weight:600;margin:0 0 16px;overflow-wrap:anywhere}
p{margin:0 0 16px}dl{display:grid;grid-template-columns:auto 1fr;gap:8px 24px;margin:0 0 24px}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
img{display:block;width:240px;height:240px;border:1px solid var(--line);border-radius:2px;margin:0 0 24px}
code{font-family:ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace;font-size:14px;overflow-wrap:anywhere}
a{color:inherit}:focus-visible{outline:2px solid var(--focus);outline-offset:2px}`;

const STYLE_HASH = hash('sha256', STYLE, 'base64');

/** Text that is safe between tags and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Sends a small page of this API's own: no script, no request to anyone else. `content` is HTML that is already safe. */
export function sendPage(reply: FastifyReply, title: string, content: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>${escapeHtml(title)}</title><style>${STYLE}</style><main><h1>${escapeHtml(title)}</h1>${content}</main></html>`,
    );
}
