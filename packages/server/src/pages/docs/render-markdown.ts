/** Markdown of ours as markup in the look of the pages. HTML written in it is shown, not used. */
import { Marked } from 'marked';
import type { Tokens } from 'marked';
import { escapeHtml, Html, html } from '../html.ts';

export function renderMarkdown(markdown: string): Html {
  // The frame of the page has ids of its own.
  const slugs = new Map([
    ['main', 1],
    ['live', 1],
  ]);
  const marked = new Marked({
    async: false,
    renderer: {
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
      code: ({ text, lang }: Tokens.Code) => codeFigure(text, lang).toString(),
      heading({ tokens, depth, text }: Tokens.Heading) {
        return `<h${depth} id="${uniqueSlug(text, slugs)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const words = this.parser.parseInline(tokens);
        const target = pageTarget(href);
        return target === undefined ? words : `<a href="${escapeHtml(target)}">${words}</a>`;
      },
      // Pages load nothing from elsewhere; a picture is named.
      image: ({ text }: Tokens.Image) => escapeHtml(text),
      checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
    },
  });
  const rendered = marked.parse(markdown);
  if (typeof rendered !== 'string') throw new TypeError('markdown is rendered synchronously');
  return new Html(rendered);
}

/** `words.md#api` is the page `words#api`; a scheme other than the web's and mail's is no link. */
export function pageTarget(href: string): string | undefined {
  if (/^(https?|mailto):/i.test(href)) return href;
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('//')) return undefined;
  return href.replace(/\.md(?=$|#)/, '');
}

function codeFigure(code: string, info: string | undefined): Html {
  const [language = ''] = (info ?? '').split(/\s/);
  const names: Readonly<Record<string, string>> = {
    sh: 'Shell',
    bash: 'Shell',
    js: 'JavaScript',
    ts: 'TypeScript',
  };
  const name = names[language] ?? (language === '' ? 'Text' : language.toUpperCase());
  return html`<figure class="code"><figcaption class="small muted">${name}</figcaption><pre><code>${code}</code></pre></figure>
`;
}

/** The anchor of a heading as GitHub makes it, so that a link with `#` works there and here. */
function uniqueSlug(heading: string, slugs: Map<string, number>): string {
  const slug = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
  const count = slugs.get(slug) ?? 0;
  slugs.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}
