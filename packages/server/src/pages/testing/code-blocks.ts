/** Takes the code that a page shows out of it again, so that tests can run what people will copy. */
export interface ShownCode {
  readonly run: 'shell' | 'js';
  readonly code: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
  '&amp;': '&',
};

export function shownCode(page: string): readonly ShownCode[] {
  return [...page.matchAll(/<pre data-run="(shell|js)"><code>([^<]*)<\/code><\/pre>/g)].map(
    ([, run, code = '']) => ({
      run: run === 'js' ? 'js' : 'shell',
      code: code.replace(/&[a-z#0-9]+;/g, (entity) => ENTITIES[entity] ?? entity),
    }),
  );
}
