/** One call over HTTP as it is shown on the page: what was asked, what was answered. */
import { STATUS_CODES } from 'node:http';

export interface Exchange {
  /** Method and address, without any credential. */
  readonly request: string;
  /** Absent when nothing answered. */
  readonly answer?: {
    readonly status: number;
    readonly reason: string;
    readonly wwwAuthenticate?: string;
    /** JSON set out for reading, or the text as it came. */
    readonly body: string;
    /** The same, parsed; absent if it is no JSON object. */
    readonly json?: Readonly<Record<string, unknown>>;
  };
}

const TIMEOUT_MS = 5000;
const MAX_SHOWN = 8000;

/** Never rejects: no answer is something to show, too. */
export async function exchange(
  fetch: typeof globalThis.fetch,
  shown: string,
  url: string,
  init: RequestInit = {},
): Promise<Exchange> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const json = parseObject(text);
    const wwwAuthenticate = response.headers.get('www-authenticate');
    return {
      request: shown,
      answer: {
        status: response.status,
        reason: STATUS_CODES[response.status] ?? '',
        ...(wwwAuthenticate !== null && { wwwAuthenticate }),
        body: (json === undefined ? text : setOut(json)).slice(0, MAX_SHOWN),
        ...(json && { json }),
      },
    };
  } catch {
    return { request: shown };
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Like JSON.stringify with two spaces, but what is short, or a list of words, stays on one line. */
function setOut(value: unknown, indent = ''): string {
  const line = JSON.stringify(value);
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) return line;
  const entries = Object.entries(value);
  if (line.length + indent.length <= 72 && indent !== '') return line;
  if (isList && value.every((item) => typeof item === 'string')) return line;
  if (entries.length === 0) return line;
  const deeper = `${indent}  `;
  const lines = entries.map(
    ([key, item]) => `${deeper}${isList ? '' : `${JSON.stringify(key)}: `}${setOut(item, deeper)}`,
  );
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
