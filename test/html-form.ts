// Reads the forms of a page the way a browser without scripts does: enough HTML for our own pages, no more.

export interface HtmlForm {
  readonly method: string;
  readonly action: string;
  /** Values that are sent unless somebody types others. */
  readonly fields: Readonly<Record<string, string>>;
  /** Names of everything that can be filled in. */
  readonly names: readonly string[];
  readonly buttons: readonly { readonly name: string | undefined; readonly value: string }[];
}

export function formsOf(page: string): readonly HtmlForm[] {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', content = '']) => {
    const { method = 'get', action = '' } = attributesOf(tag);
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gi)].map(([, input = '']) => attributesOf(input));
    const buttons = [...content.matchAll(/<button\b([^>]*)>/gi)].map(([, button = '']) =>
      attributesOf(button),
    );
    const named = inputs.flatMap(({ name, value = '' }) =>
      name === undefined ? [] : [[name, value] as const],
    );
    return {
      method: method.toLowerCase(),
      action,
      fields: Object.fromEntries(named),
      names: named.map(([name]) => name),
      buttons: buttons.map(({ name, value = '' }) => ({ name, value })),
    };
  });
}

function attributesOf(
  tag: string,
): Readonly<Record<'method' | 'action' | 'name' | 'value', string | undefined>> {
  const found: Record<string, string> = {};
  for (const [, name = '', quoted] of tag.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)) {
    found[name.toLowerCase()] = decodeEntities(quoted ?? '');
  }
  return { method: found['method'], action: found['action'], name: found['name'], value: found['value'] };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text as a person reads it. */
export function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[String(name)] ?? whole;
  });
}
