/**
 * The verifier's only way to the network: JSON from the issuer, bounded in time and size, without redirects.
 * @spec RFC 8725 §3.10; RFC 9700 §4.11
 */

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface JsonRequest {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

export interface FetchLimits {
  readonly fetch: Fetch;
  readonly timeoutMilliseconds: number;
}

const MAXIMUM_BYTES = 512 * 1024;

/**
 * @returns the parsed body of a 200 answer
 * @throws Error for everything else; its message names the address, and nothing that was sent
 */
export async function fetchJson(url: string, request: JsonRequest, limits: FetchLimits): Promise<unknown> {
  const response = await limits.fetch(url, {
    ...request,
    headers: { accept: 'application/json', ...request.headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(limits.timeoutMilliseconds),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const text = (await readBounded(response, url, MAXIMUM_BYTES)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${url} did not answer JSON`);
  }
}

/**
 * @returns the body of a 200 answer, and its media type without parameters
 * @throws Error for everything else, and for an answer larger than `maximumBytes`
 */
export async function fetchBytes(
  url: string,
  request: Pick<JsonRequest, 'headers'>,
  limits: FetchLimits,
  maximumBytes: number,
): Promise<{ readonly bytes: Uint8Array; readonly type: string | undefined }> {
  const response = await limits.fetch(url, {
    ...request,
    redirect: 'manual',
    signal: AbortSignal.timeout(limits.timeoutMilliseconds),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return { bytes: await readBounded(response, url, maximumBytes), type };
}

async function readBounded(response: Response, url: string, maximumBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop cancels the stream.
    if (size > maximumBytes) throw new Error(`${url} answered more than ${maximumBytes / 1024} kB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
