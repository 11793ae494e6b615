/**
 * The template tag every page is written with. What is inserted is escaped for text and for quoted attributes, always;
 * only markup that went through this tag, or a constant marked with `raw`, is taken as markup.
 */

/** Markup that is safe to insert. Cannot be made from outside by an object that looks like it. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** `undefined`, `null` and `false` insert nothing, so that `condition && html`…`` reads well. */
export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

/** `html`<p title="${text}">${nested}</p>``. @throws Error where a value would stand in an unquoted attribute */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, value] of values.entries()) {
    if (strings[index]?.endsWith('=') && isInsideTag(markup)) {
      throw new Error('an attribute with a value in it must be quoted');
    }
    markup += insert(value) + (strings[index + 1] ?? '');
  }
  return new Html(markup);
}

/** Marks a constant of ours as markup. Never for anything that came from a request, a person or the store. */
export function raw(constant: string): Html {
  return new Html(constant);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '');
}

/**
 * The value if it is an absolute http or https URL, to be used as a link; anything else (`javascript:`, `data:`) is
 * none. Escaping alone would not make those safe.
 */
export function linkTarget(value: string | undefined): string | undefined {
  if (value === undefined || !URL.canParse(value)) return undefined;
  const { protocol, href } = new URL(value);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

/** Values hold no bare angle brackets once they are inserted, so the last one is the template's. */
function isInsideTag(markup: string): boolean {
  return markup.lastIndexOf('<') > markup.lastIndexOf('>');
}

function insert(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map((item: HtmlValue) => insert(item)).join('');
  return escapeHtml(String(value));
}
