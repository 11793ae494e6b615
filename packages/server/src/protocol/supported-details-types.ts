/**
 * The types of authorization details that the metadata name: those of every API, looked up now and then.
 * @spec RFC 9396 §10
 */
import type { Clock } from '../ports/clock.ts';
import type { Resources } from '../ports/resources.ts';

/** Clients keep the metadata for minutes anyway. */
const KEPT_MS = 10_000;
const PAGE = 200;

export function createSupportedTypes(
  resources: Pick<Resources, 'list'>,
  clock: Clock,
): () => Promise<readonly string[]> {
  let kept: { readonly types: Promise<readonly string[]>; readonly until: number } | undefined;
  return () => {
    const now = clock();
    if (kept === undefined || now >= kept.until || now < kept.until - KEPT_MS) {
      const types = readTypes(resources);
      kept = { types, until: now + KEPT_MS };
      // What failed is asked again the next time.
      types.catch(() => {
        kept = undefined;
      });
    }
    return kept.types;
  };
}

async function readTypes(resources: Pick<Resources, 'list'>): Promise<readonly string[]> {
  const types = new Set<string>();
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- one page names the next
    const page = await resources.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const api of page.items) for (const { type } of api.authorizationDetailsTypes ?? []) types.add(type);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return [...types].toSorted();
}
