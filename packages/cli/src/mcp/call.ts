/**
 * The call itself, with a token.
 * @spec MCP Streamable HTTP; MCP Authorization 2026-07-28, Access Token Usage and Scope Challenge Handling
 */
import { type Answer, ask, membersOf, said, type Silence } from './ask.ts';
import { INITIALIZE, MCP_HEADERS, parameterOf } from './challenge.ts';
import { type Check, rule } from './check.ts';

const accepted = rule(
  'call',
  'the token is taken',
  'MCP Authorization, Access Token Usage: Authorization: Bearer, with each request',
);
const tools = rule('call', 'the tools are listed', 'MCP Tools: tools/list');
const scopes = rule(
  'call',
  'a missing scope is named',
  'MCP Authorization, Scope Challenge Handling: 403 insufficient_scope with scope',
);

export interface CallOutcome {
  readonly checks: readonly Check[];
  /** The status that the token got; undefined: no answer. */
  readonly status: number | undefined;
}

export async function examineCall(url: string, token: string): Promise<CallOutcome> {
  const headers = { ...MCP_HEADERS, authorization: `Bearer ${token}` };
  const answer = await ask(url, { method: 'POST', headers, body: JSON.stringify(INITIALIZE) });
  const { status } = answer;
  if (status === undefined) return { checks: [accepted.fail(answer.problem, 'Try again.')], status };
  if (status === 403) return { checks: examineForbidden(answer, token), status };
  if (status < 200 || status > 299) return { checks: [refused(answer, token)], status };
  const version = membersOf(membersOf(answer.json)['result'])['protocolVersion'];
  const session = answer.headers.get('mcp-session-id');
  const talking = session === null ? headers : { ...headers, 'mcp-session-id': session };
  const checks = [
    accepted.pass(
      typeof version === 'string' ? `initialize: revision ${said(version)}` : `it answers ${status}`,
    ),
    await examineTools(url, talking),
  ];
  if (session !== null) await ask(url, { method: 'DELETE', headers: talking });
  return { checks, status };
}

function refused(answer: Answer, token: string): Check {
  const header = answer.headers.get('www-authenticate') ?? '';
  const why = parameterOf(header, 'error_description') ?? parameterOf(header, 'error') ?? '';
  const detail = `it answers ${answer.status} ${said(why, [token])}`.trim();
  const fix =
    answer.status === 401
      ? 'Do issuer and audience of the MCP server match the token? `tessera token inspect -` shows what it says.'
      : 'Look at the log of the MCP server.';
  return accepted.fail(detail, fix);
}

function examineForbidden(answer: Answer, token: string): readonly Check[] {
  const header = answer.headers.get('www-authenticate') ?? '';
  const scope = parameterOf(header, 'scope');
  const isTold = parameterOf(header, 'error') === 'insufficient_scope' && scope !== undefined;
  return [
    accepted.fail(
      'it answers 403: the token has not the scopes for it',
      `Ask for a token with scope=${said(scope ?? '...', [token])}.`,
    ),
    isTold
      ? scopes.pass(said(scope, [token]))
      : scopes.fail(
          'the 403 does not say what is missing',
          'Send WWW-Authenticate: Bearer error="insufficient_scope", scope="…" with all that the call needs.',
        ),
  ];
}

async function examineTools(url: string, headers: Readonly<Record<string, string>>): Promise<Check> {
  const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
  await ask(url, { method: 'POST', headers, body: JSON.stringify(note) });
  const question = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
  const answer: Answer | Silence = await ask(url, {
    method: 'POST',
    headers,
    body: JSON.stringify(question),
  });
  const listed =
    answer.status === undefined ? undefined : membersOf(membersOf(answer.json)['result'])['tools'];
  if (Array.isArray(listed)) return tools.pass(`${listed.length} of them`);
  const detail = answer.status === undefined ? answer.problem : `it answers ${answer.status}`;
  return tools.warn(detail, 'A server without tools may do so; otherwise look at its log.');
}
