// As much HTML as a browser without scripts needs: forms, links, texts.

export interface HtmlForm {
  readonly method: string;
  readonly action: string;
  /** Values that are sent unless somebody types others. */
  readonly fields: Readonly<Record<string, string>>;
  /** Whether it asks for a password. */
  readonly secret: boolean;
  readonly buttons: readonly { readonly name: string | undefined; readonly value: string }[];
}

export function formsOf(page: string): readonly HtmlForm[] {
  return [...page.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', content = '']) => {
    const form = attributesOf(tag);
    const inputs = tagsOf(content, 'input');
    return {
      method: (form['method'] ?? 'get').toLowerCase(),
      action: form['action'] ?? '',
      fields: Object.fromEntries(
        inputs.flatMap(({ name, value = '' }) => (name === undefined ? [] : [[name, value] as const])),
      ),
      secret: inputs.some(({ type }) => type === 'password'),
      buttons: tagsOf(content, 'button').map(({ name, value = '' }) => ({ name, value })),
    };
  });
}

/** The attributes of every tag of a name. */
export function tagsOf(page: string, tag: string): readonly Readonly<Record<string, string | undefined>>[] {
  return [...page.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, 'gi'))].map(([, text = '']) =>
    attributesOf(text),
  );
}

function attributesOf(tag: string): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string> = {};
  for (const [, name = '', double, single, bare] of tag.matchAll(
    /([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi,
  )) {
    found[name.toLowerCase()] ??= decodeEntities(double ?? single ?? bare ?? '');
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof decimal === 'string') return String.fromCodePoint(Number(decimal));
    if (typeof hex === 'string') return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[String(name)] ?? whole;
  });
}

export function titleOf(page: string): string {
  return /<title>([^<]*)<\/title>/i.exec(page)?.[1] ?? page.slice(0, 120);
}
