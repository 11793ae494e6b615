/**
 * The types of authorization details that the metadata name: those of every API, looked up now and then. Where that
 * fails, or takes longer than a client likes to wait, they are as they were last known.
 * @spec RFC 9396 §10
 */
import type { Clock } from '../ports/clock.ts';
import type { Resources } from '../ports/resources.ts';

/** Clients keep the metadata for minutes anyway. */
const KEPT_MS = 10_000;
const PATIENCE_MS = 500;
const PAGE = 200;

export function createSupportedTypes(
  resources: Pick<Resources, 'list'>,
  clock: Clock,
): () => Promise<readonly string[]> {
  let known: readonly string[] | undefined;
  let reading: Promise<readonly string[]> | undefined;
  let until = Number.NEGATIVE_INFINITY;
  const readAnew = async (): Promise<readonly string[]> => {
    try {
      const startedAt = clock();
      known = await readTypes(resources);
      until = startedAt + KEPT_MS;
      return known;
    } finally {
      reading = undefined;
    }
  };
  return async () => {
    const now = clock();
    if (known !== undefined && now < until && now >= until - KEPT_MS) return known;
    reading ??= readAnew();
    if (known === undefined) return reading;
    return within(PATIENCE_MS, reading, known);
  };
}

/** What comes in time, else what is known. */
async function within<Value>(milliseconds: number, coming: Promise<Value>, known: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Value>((resolve) => {
    timer = setTimeout(resolve, milliseconds, known);
  });
  const value = await Promise.race([coming.catch(() => known), patience]);
  clearTimeout(timer);
  return value;
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
