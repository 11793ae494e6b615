/**
 * Runs the blocks of a page as one session of a shell, in the order in which they stand, and compares what comes back
 * with what the page says:
 *
 * - `# → 200` after a command: the status of the last answer that curl got. Text behind it stands in the output.
 *   Where no curl was run, it is text.
 * - `# → exit 4`: the exit code of the command.
 * - `# → text`: the text stands in the output. `…` stands for anything.
 * - A block without such a line succeeds: exit code 0, and no answer of 400 or above.
 * - A `json` block is the output of the command before it; `…` in a string stands for anything.
 * - A block that begins with a comment that is a file name is saved under that name.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Demo, plainEnvironment } from './demo.ts';
import { type Block, blocksOf } from './markdown.ts';

export interface PageRun {
  /** One line for each thing that is not as the page says. */
  readonly differences: readonly string[];
  /** How many statements of the page were compared. */
  readonly compared: number;
  /** Ends the programs that the page left running. */
  close(): Promise<void>;
}

interface Mark {
  readonly line: number;
  /** What the page states about the commands since the mark before. */
  readonly expected: readonly string[];
  readonly json: string | undefined;
}

const EXPECTATION = /^# → (.+)$/;
const TIME_LIMIT_MS = 170_000;

/**
 * @param skipped lines of sh blocks that are not run (the caller has the reason)
 * @param onOutput told what was printed so far, each time there is more
 */
export async function runPage(
  text: string,
  demo: Demo,
  skipped: ReadonlySet<number>,
  onOutput: (output: string) => void = () => undefined,
): Promise<PageRun> {
  const place = mkdtempSync(join(tmpdir(), 'tessera-page-'));
  const { script, marks } = scriptOf(blocksOf(text), skipped, demo);
  const curl = readCurl(place);
  writeFileSync(join(place, 'page.sh'), prelude(place, curl) + script);
  const shell = spawn('bash', [join(place, 'page.sh')], {
    cwd: demo.directory,
    env: {
      ...plainEnvironment(),
      PATH: [join(place, 'bin'), dirname(process.execPath), process.env['PATH']].join(':'),
    },
    detached: true, // a group of its own, so that what it leaves running can be ended with it
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput(output);
    });
  }
  const timer = setTimeout(() => endGroup(shell.pid), TIME_LIMIT_MS);
  await new Promise<unknown>((resolve) => shell.once('exit', resolve));
  clearTimeout(timer);
  return {
    differences: compare(output, marks, place),
    compared: marks.length,
    async close() {
      endGroup(shell.pid);
      rmSync(place, { recursive: true, force: true });
    },
  };
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readCurl(place: string): string {
  mkdirSync(join(place, 'bin'));
  const curl = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, 'curl'));
  const found = curl.find((path) => {
    try {
      return readFileSync(path).length > 0;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('The pages use curl, and there is none on this machine.');
  return found;
}

/** A `curl` that does what curl does and notes the status of each answer. */
function prelude(place: string, curl: string): string {
  const path = join(place, 'bin/curl');
  writeFileSync(
    path,
    `#!/usr/bin/env bash
head=$(mktemp '${place}/head.XXXXXX')
'${curl}' -sS -D "$head" "$@"
code=$?
grep -a '^HTTP/' "$head" | tail -n 1 | cut -d ' ' -f 2 >> '${place}/statuses'
exit $code
`,
  );
  chmodSync(path, 0o755);
  return `cd "$PWD"
: > '${place}/statuses'
__mark() {
  local code=$?
  mv '${place}/statuses' "${place}/statuses.$1"; : > '${place}/statuses'
  printf '\\n@@mark %s %s\\n' "$1" "$code"
}
__answers() {
  for _ in $(seq 150); do '${curl}' -s -o '${place}/ignored' "$1" && return 0; sleep 0.1; done
  echo "nothing answers at $1"; cat server.log; return 1
}
`;
}

function scriptOf(
  blocks: readonly Block[],
  skipped: ReadonlySet<number>,
  demo: Demo,
): { readonly script: string; readonly marks: readonly Mark[] } {
  const lines: string[] = [];
  const marks: { line: number; expected: string[]; json: string | undefined }[] = [];
  const servers = new Set<string>();
  for (const block of blocks) {
    if (skipped.has(block.line)) continue;
    const text = demo.address(block.text);
    if (block.fileName !== undefined) {
      if (/\b(?:listen|serve)\(/.test(text)) servers.add(block.fileName);
      lines.push(`cat > '${block.fileName}' <<'@@end'`, text, '@@end');
    } else if (block.language === 'sh') {
      for (const piece of piecesOf(text, block.line)) {
        // What ends by itself is waited for.
        const ends = piece.expected.some((one) => one.startsWith('exit '));
        const commands = ends
          ? piece.commands
          : piece.commands.map((command) => inBackground(command, servers, demo));
        lines.push(...commands, `__mark ${marks.length}`);
        marks.push({ line: piece.line, expected: piece.expected, json: undefined });
      }
    } else if (block.language === 'json') {
      const last = marks.at(-1);
      if (last === undefined) throw new Error(`The json of line ${block.line} answers nothing`);
      last.json = text;
    }
  }
  return { script: `${lines.join('\n')}\n`, marks };
}

interface Piece {
  readonly line: number;
  readonly commands: string[];
  readonly expected: string[];
}

/** Cuts a block after each run of `# →` lines. */
function piecesOf(text: string, firstLine: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let piece: Piece | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const expected = EXPECTATION.exec(line)?.[1];
    if (expected === undefined) {
      if (piece === undefined || piece.expected.length > 0) {
        piece = { line: firstLine + index, commands: [], expected: [] };
        pieces.push(piece);
      }
      piece.commands.push(line);
    } else {
      piece?.expected.push(expected);
    }
  }
  return pieces.filter(({ commands }) => commands.some((command) => command.trim() !== ''));
}

/** A program that listens stays; the reader has a second terminal, the script goes on once it answers. */
function inBackground(command: string, servers: ReadonlySet<string>, demo: Demo): string {
  const program = /^node ([\w.-]+)$/.exec(command)?.[1];
  if (program !== undefined && servers.has(program)) {
    return `node ${program} > server.log 2>&1 &\n__answers ${demo.address('http://127.0.0.1:5000/')}`;
  }
  if (/^npm run tessera -- serve\b/.test(command)) {
    const address = demo.address('http://127.0.0.1:5000/health/ready');
    const port = new URL(address).port;
    return `TESSERA_PORT=${port} TESSERA_METRICS_PORT=0 ${command} > server.log 2>&1 &\n__answers ${address}`;
  }
  if (/^npm run tessera -- gateway --config \S+$/.test(command)) {
    return `${command} > server.log 2>&1 &\n__answers ${demo.address('http://127.0.0.1:5001/')}`;
  }
  return command;
}

function compare(output: string, marks: readonly Mark[], place: string): readonly string[] {
  const outputs = output.split(/\n@@mark \d+ \d+\n/);
  const codes = [...output.matchAll(/\n@@mark \d+ (\d+)\n/g)].map(([, code]) => Number(code));
  return marks.flatMap((mark, index) => {
    const code = codes[index];
    if (code === undefined) return [`line ${mark.line}: not reached; ${outputs.at(-1)?.slice(-500)}`];
    const statuses = readFileSync(join(place, `statuses.${index}`), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number);
    const seen = { output: outputs[index] ?? '', code, statuses };
    const context = `got exit code ${code}, statuses ${statuses.join(' ') || 'none'}, output:\n${seen.output.slice(0, 1500)}`;
    return problemsOf(mark, seen).map((problem) => `line ${mark.line}: ${problem}; ${context}`);
  });
}

interface Seen {
  readonly output: string;
  readonly code: number;
  readonly statuses: readonly number[];
}

function problemsOf({ expected, json }: Mark, { output, code, statuses }: Seen): readonly string[] {
  const problems: string[] = [];
  const saysExit = expected.some((one) => one.startsWith('exit '));
  // A program of the page may print a status too; then it is text like any other.
  const answered = statuses.length > 0;
  const saysStatus = answered && expected.some((one) => /^\d{3}\b/.test(one));
  if (!saysExit && code !== 0) problems.push('the command fails');
  const refused = (saysStatus ? statuses.slice(0, -1) : statuses).filter((status) => status >= 400);
  if (refused.length > 0) problems.push(`an answer is ${refused[0]}, and the page does not say so`);
  for (const one of expected) {
    const [, status, afterStatus] = (answered ? /^(\d{3})(?: (.*))?$/.exec(one) : null) ?? [];
    const [, exit, afterExit] = /^exit (\d+)(?: (.*))?$/.exec(one) ?? [];
    if (status !== undefined && statuses.at(-1) !== Number(status)) problems.push(`expected ${status}`);
    if (exit !== undefined && code !== Number(exit)) problems.push(`expected exit code ${exit}`);
    const said = status !== undefined ? afterStatus : exit !== undefined ? afterExit : one;
    if (said !== undefined && !pattern(said).test(output))
      problems.push(`expected the output to hold: ${said}`);
  }
  if (json !== undefined) problems.push(...jsonProblems(json, output));
  return problems;
}

/** Text in which `…` stands for anything. */
export function pattern(text: string): RegExp {
  const pieces = text.split('…').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(pieces.join('[\\s\\S]*'));
}

function jsonProblems(shown: string, output: string): readonly string[] {
  const start = output.search(/[[{]/);
  try {
    const actual: unknown = JSON.parse(output.slice(start));
    return differences(JSON.parse(shown), actual, '');
  } catch (error) {
    return [`the output is not JSON: ${String(error)}`];
  }
}

function differences(shown: unknown, actual: unknown, path: string): readonly string[] {
  if (typeof shown === 'string' && typeof actual === 'string') {
    return new RegExp(`^${pattern(shown).source}$`).test(actual) ? [] : [`${path} is ${actual}`];
  }
  if (typeof shown !== 'object' || shown === null || typeof actual !== 'object' || actual === null) {
    return shown === actual ? [] : [`${path} is ${JSON.stringify(actual)}`];
  }
  const names = new Set([...Object.keys(shown), ...Object.keys(actual)]);
  return [...names].flatMap((name) => {
    const from = shown as Record<string, unknown>;
    const to = actual as Record<string, unknown>;
    if (!(name in from)) return [`${path}/${name} is there and not shown`];
    return name in to ? differences(from[name], to[name], `${path}/${name}`) : [`${path}/${name} is missing`];
  });
}
