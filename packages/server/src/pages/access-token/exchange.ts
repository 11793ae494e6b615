/** One call over HTTP as it is shown on the page: what was asked, what was answered. */
// `import` of it would load Node's fetch as well, for the names of WebSocket: a twentieth of a start.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

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

const LINE_LENGTH = 72;

/** JSON for reading: the outermost object over several lines, and within it whatever does not fit on one. */
function setOut(value: unknown, indent = ''): string {
  const isList = Array.isArray(value);
  const line = inOneLine(value);
  if (!isList && !isObject(value)) return line;
  const isShort = indent !== '' && line.length + indent.length <= LINE_LENGTH;
  // A list of words, such as two hundred countries, wraps like text.
  if (isShort || (isList && value.every((item) => typeof item === 'string'))) return line;
  const deeper = `${indent}  `;
  const lines = Object.entries(value).map(
    ([key, item]) => `${deeper}${isList ? '' : `${JSON.stringify(key)}: `}${setOut(item, deeper)}`,
  );
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

function inOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => inOneLine(item)).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inOneLine(item)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
