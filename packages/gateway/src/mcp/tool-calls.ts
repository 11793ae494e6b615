/**
 * In front of an MCP server: which tools a message calls, and which scopes that takes. What is passed on is what was
 * read, so that the server behind cannot find another call in it.
 * @spec MCP Streamable HTTP; MCP Tools, tools/call; JSON-RPC 2.0 §4, §6; RFC 8259 §4
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { agreesWithHeaders, type ToolCall, toolCallsOf } from '@tessera/verifier/tool-calls';
import { GatewayError } from '../refusal.ts';

/** A message that is refused whoever sends it, in the words of JSON-RPC. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
  readonly status: number;
  readonly code: string;
  /** JSON text. */
  readonly body: string;

  constructor(code: keyof typeof PROBLEMS, call?: ToolCall) {
    const { status, number, message } = PROBLEMS[code];
    super(message);
    this.code = code;
    this.status = status;
    this.body = JSON.stringify({ jsonrpc: '2.0', id: call?.id ?? null, error: { code: number, message } });
  }
}

const PROBLEMS = {
  mcp_not_json: { status: 400, number: -32700, message: 'The body is not JSON in UTF-8' },
  mcp_ambiguous: { status: 400, number: -32600, message: 'The message could be read in two ways' },
  mcp_too_large: { status: 413, number: -32600, message: 'The body is larger than 4 MB' },
  mcp_encoded: { status: 415, number: -32600, message: 'The body is compressed; send it as it is' },
  mcp_header_mismatch: {
    status: 400,
    number: -32020,
    message: 'Mcp-Method or Mcp-Name contradicts the body',
  },
  /** A client shows this to its model as it is; another status would look like an outage to it. */
  mcp_unknown_tool: { status: 200, number: -32602, message: 'This tool is not known here' },
} as const;

export interface McpMessage {
  /** What the calls in it need. */
  readonly scopes: readonly string[];
  /** For the upstream. */
  readonly body: Buffer;
}

export type ToolScopes = Readonly<Record<string, readonly string[]>>;

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE', 'OPTIONS']);

/** @returns undefined for a request without a message. @throws BadMessage, GatewayError */
export async function readMcpMessage(
  request: IncomingMessage,
  tools: ToolScopes,
): Promise<McpMessage | undefined> {
  const { method = '', headers } = request;
  if (!METHODS.has(method)) throw new GatewayError('method_not_allowed', { allow: [...METHODS].join(', ') });
  if (method !== 'POST') return undefined;
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new BadMessage('mcp_encoded');
  const message = parse(await readBody(request));
  const calls = toolCallsOf(message);
  if (hasDoubles(message)) throw new BadMessage('mcp_ambiguous', calls[0]);
  const named = { method: textOf(headers['mcp-method']), name: textOf(headers['mcp-name']) };
  if (!agreesWithHeaders(message, named)) throw new BadMessage('mcp_header_mismatch', calls[0]);
  return { scopes: scopesOf(calls, tools), body: Buffer.from(JSON.stringify(message)) };
}

function scopesOf(calls: readonly ToolCall[], tools: ToolScopes): readonly string[] {
  return calls.flatMap((call) => {
    if (!Object.hasOwn(tools, call.tool)) throw new BadMessage('mcp_unknown_tool', call);
    return tools[call.tool] ?? [];
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAXIMUM_BYTES) throw new BadMessage('mcp_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Numbers keep the digits they were written with. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw new BadMessage('mcp_not_json');
  try {
    return JSON.parse(
      body.toString('utf8'),
      (_name, value: unknown, context?: { readonly source?: string }) => {
        const source = context?.source;
        return typeof value === 'number' && source !== undefined && source !== String(value)
          ? rawJSON(source)
          : value;
      },
    );
  } catch {
    throw new BadMessage('mcp_not_json');
  }
}

const READ_HERE: ReadonlySet<string> = new Set([
  'jsonrpc',
  'method',
  'params',
  'name',
  'uri',
  'taskid',
  'id',
]);
const SPELLINGS: ReadonlySet<string> = new Set([
  'jsonrpc',
  'method',
  'params',
  'name',
  'uri',
  'taskId',
  'id',
]);

function isDouble(name: string): boolean {
  return READ_HERE.has(name.toLowerCase()) && !SPELLINGS.has(name);
}

/** Some servers do not mind the case of names: to them `Method` would be another method. */
function hasDoubles(message: unknown): boolean {
  return (Array.isArray(message) ? message : [message]).some((one: unknown) => {
    if (typeof one !== 'object' || one === null) return false;
    const params: unknown = 'params' in one ? one.params : undefined;
    return (
      Object.keys(one).some(isDouble) ||
      (typeof params === 'object' && params !== null && Object.keys(params).some(isDouble))
    );
  });
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined ? undefined : [value].flat().join(',') || undefined;
}
