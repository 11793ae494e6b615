/** The floors of the house: a file imports its own room or a lower one, never a higher one or a neighbour; no cycles. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lowest first; names on one line are neighbours. */
const FLOORS: readonly (readonly string[])[] = [
  ['packages/tokens/src'],
  ['packages/verifier/src'],
  ['packages/gateway/src', 'examples/music-api/src', 'examples/web-player/src'],
  ['examples/mcp-server/src'],
  ['packages/server/src/schema'],
  ['packages/server/src/domain'],
  ['packages/server/src/ports'],
  ['packages/server/src/limits'],
  ['packages/server/src/audit'],
  ['packages/server/src/access'],
  ['packages/server/src/people'],
  ['packages/server/src/protocol'],
  ['packages/server/src/cluster'],
  [
    'packages/server/src/store',
    'packages/server/src/observe',
    'packages/server/src/outbound',
    'packages/server/src/mail',
  ],
  ['packages/server/src/http'],
  ['packages/server/src/pages', 'packages/server/src/api'],
  ['packages/server/src/config'],
  ['packages/server/src/config.ts'],
  ['packages/server/src/assembly'],
  ['packages/server/src/main.ts'],
  ['packages/server/src/startup'],
  ['packages/server/src/serve.ts', 'packages/server/src/start.ts', 'packages/server/src/backup.ts'],
  ['packages/cli/src'],
  ['packages/console/src'],
];

const PACKAGES: Readonly<Record<string, string>> = {
  '@tessera/tokens': 'packages/tokens/src/index.ts',
  '@tessera/tokens/cbor': 'packages/tokens/src/cbor/index.ts',
  '@tessera/tokens/cat': 'packages/tokens/src/cat/index.ts',
  '@tessera/tokens/cose': 'packages/tokens/src/cose/index.ts',
  '@tessera/tokens/cwt': 'packages/tokens/src/cwt/index.ts',
  '@tessera/tokens/explain': 'packages/tokens/src/explain/index.ts',
  '@tessera/tokens/status-list': 'packages/tokens/src/status-list/index.ts',
  '@tessera/tokens/status-list/cwt': 'packages/tokens/src/status-list/status-list-cwt.ts',
  '@tessera/verifier': 'packages/verifier/src/index.ts',
  '@tessera/verifier/fetch': 'packages/verifier/src/adapters/fetch.ts',
  '@tessera/verifier/node': 'packages/verifier/src/adapters/node.ts',
  '@tessera/verifier/fastify': 'packages/verifier/src/adapters/fastify.ts',
  '@tessera/verifier/express': 'packages/verifier/src/adapters/express.ts',
  '@tessera/verifier/hono': 'packages/verifier/src/adapters/hono.ts',
  '@tessera/verifier/mcp': 'packages/verifier/src/adapters/mcp.ts',
  '@tessera/verifier/tool-calls': 'packages/verifier/src/tool-calls.ts',
  '@tessera/gateway': 'packages/gateway/src/index.ts',
  '@tessera/gateway/config': 'packages/gateway/src/config/read-config.ts',
  '@tessera/gateway/run': 'packages/gateway/src/run.ts',
  '@tessera/example-music-api': 'examples/music-api/src/index.ts',
  '@tessera/example-music-api/scopes': 'examples/music-api/src/scopes.ts',
  '@tessera/example-music-api/catalogue': 'examples/music-api/src/catalogue/catalogue.ts',
  '@tessera/example-mcp-server': 'examples/mcp-server/src/index.ts',
  '@tessera/example-web-player/get-profile-source': 'examples/web-player/src/get-profile-source.ts',
  '@tessera/example-web-player': 'examples/web-player/src/index.ts',
  '@tessera/cli/fixes': 'packages/cli/src/fixes/fix-of.ts',
  '@tessera/server/redirect-uri': 'packages/server/src/protocol/redirect-uri.ts',
  '@tessera/server/main': 'packages/server/src/main.ts',
  '@tessera/server/config': 'packages/server/src/config.ts',
  '@tessera/server/start': 'packages/server/src/start.ts',
  '@tessera/server/serve': 'packages/server/src/serve.ts',
  '@tessera/server/backup': 'packages/server/src/backup.ts',
};

const files = globSync(['packages/*/src/**/*.{ts,tsx}', 'examples/*/src/**/*.ts'], { cwd: root })
  .map(normalize)
  .filter(
    (file) => !file.endsWith('.test.ts') && !file.includes('/testing/') && !file.endsWith('.contract.ts'),
  );
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...found]
    .map(([, target = '']) =>
      target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : PACKAGES[target],
    )
    .filter((target) => target !== undefined)
    .filter((target) => /\.tsx?$/.test(target));
}

function floorOf(file: string): readonly [floor: number, room: string] {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((name) => file === name || file.startsWith(`${name}/`));
    if (room !== undefined) return [floor, room];
  }
  return [-1, ''];
}

describe('the house', () => {
  it('has files, and each stands on a floor', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => floorOf(file)[0] === -1)).toEqual([]);
  });

  it('looks only down: no file imports a higher floor or a neighbour', () => {
    const wrong = [...imports].flatMap(([file, targets]) => {
      const [floor, room] = floorOf(file);
      return targets
        .filter((target) => {
          const [targetFloor, targetRoom] = floorOf(target);
          return targetRoom !== room && targetFloor >= floor;
        })
        .map((target) => `${file} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('imports only files that exist', () => {
    const missing = [...imports.values()]
      .flat()
      .filter((target) => !files.includes(target) && !target.includes('/testing/'));
    expect(missing).toEqual([]);
  });

  it('has no cycles', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it('loads what is large only where it is used: a start would wait for it', () => {
    const large =
      /^import (?!type\b)[^;]*'(typebox(\/\w+)?|prom-client|@fastify\/swagger|yaml|nodemailer|@simplewebauthn\/server|qr)'/m;
    const eager = files
      .filter((file) => file.startsWith('packages/server/') || file.startsWith('packages/verifier/'))
      .filter((file) => large.test(readFileSync(join(root, file), 'utf8')));
    expect(eager).toEqual([]);
  });

  it('has no attics', () => {
    const attics = files.filter((file) => /\b(utils?|helpers?|common|manager|service)\b/.test(file));
    expect(attics).toEqual([]);
  });
});
