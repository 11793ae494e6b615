/**
 * Which tools a message to an MCP server calls: permissions differ from tool to tool, and the body alone tells.
 * @spec MCP Base Protocol (JSON-RPC 2.0 §4, §6); MCP Tools, tools/call; MCP Streamable HTTP, Mcp-Method and Mcp-Name
 */

export interface ToolCall {
  readonly id: string | number | null;
  readonly tool: string;
}

/** @param body the parsed JSON; one message, or a batch as older revisions send them */
export function toolCallsOf(body: unknown): readonly ToolCall[] {
  return messagesOf(body).flatMap((message) => {
    if (message['method'] !== 'tools/call') return [];
    const name = membersOf(message['params'])['name'];
    // A call without a name is left to the MCP server, which refuses it.
    return typeof name === 'string' ? [{ id: idOf(message['id']), tool: name }] : [];
  });
}

/**
 * Whether the headers that repeat the body for proxies say the same as the body. Whoever stands in front may have
 * decided by them, so a contradiction is refused; absent headers contradict nothing.
 */
export function agreesWithHeaders(
  body: unknown,
  headers: { readonly method: string | undefined; readonly name: string | undefined },
): boolean {
  if (headers.method === undefined && headers.name === undefined) return true;
  const [message, ...others] = messagesOf(body);
  if (message === undefined || others.length > 0) return false;
  const params = membersOf(message['params']);
  const named = [params['name'], params['uri'], params['taskId']];
  return (
    (headers.method === undefined || headers.method === message['method']) &&
    (headers.name === undefined || named.includes(headers.name))
  );
}

function messagesOf(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  return (Array.isArray(body) ? body : [body]).map(membersOf);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function idOf(value: unknown): ToolCall['id'] {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
