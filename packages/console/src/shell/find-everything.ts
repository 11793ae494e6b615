/** What Ctrl-K looks through: the entries, and what the operator's lists hold. */
import { useAsk } from '../api/use-api.ts';
import type { Entry } from './entries.ts';

export interface Found {
  readonly name: string;
  /** What kind of thing it is. */
  readonly what: string;
  readonly to: string;
}

const SHOWN = 12;

export function useFound(text: string, entries: readonly Entry[]): readonly Found[] {
  const runs = entries.some(({ path }) => path === '/apps');
  const apps = useAsk('GET /admin/v1/clients', { query: { limit: 200 } }, { when: runs });
  const things: readonly (Found & { readonly words: string })[] = [
    ...entries.map(({ name, path, group, alsoCalled }) => ({
      name,
      what: group,
      to: path,
      words: alsoCalled,
    })),
    ...(apps.data?.items ?? []).map(({ client_name: name, client_id: id }) => ({
      name,
      what: `App · ${id}`,
      to: `/apps/${encodeURIComponent(id)}`,
      words: id,
    })),
  ];
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return things
    .filter(({ name, what, words }) => {
      const all = `${name} ${what} ${words}`.toLowerCase();
      return wanted.every((word) => all.includes(word));
    })
    .slice(0, SHOWN);
}
