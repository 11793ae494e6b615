/** What a server or a verifier does not load before it meets a token of that kind: the time to start counts. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES: Readonly<Record<string, string>> = {
  '@tessera/tokens': 'packages/tokens/src/index.ts',
  '@tessera/verifier': 'packages/verifier/src/index.ts',
};

/** Files that are loaded with this one: not those of types, nor those that are imported when they are needed. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^(?:import|export) type [^;]*;/gm, '');
  for (const [, target = ''] of text.matchAll(/^(?:import|export|\} from)\b[^;'"]*'([^']+)';/gm)) {
    const local = target.startsWith('.')
      ? normalize(join(dirname(file), target))
      : (PACKAGES[target] ?? (target.startsWith('@tessera/tokens/') ? subpath(target) : undefined));
    if (local?.endsWith('.ts') === true) loadedWith(local, found);
  }
  return found;
}

const subpath = (target: string) => `packages/tokens/src/${target.slice('@tessera/tokens/'.length)}/index.ts`;

describe.each([
  'packages/server/src/main.ts',
  'packages/gateway/src/listen.ts',
  'packages/verifier/src/index.ts',
  'packages/tokens/src/index.ts',
])('%s', (file) => {
  const loaded = [...loadedWith(file)];

  it('is followed to what it loads', () => {
    expect(loaded).toEqual(expect.arrayContaining(['packages/tokens/src/jwt.ts']));
  });
  it('does not load the client of other OpenID providers', () => {
    const eager = loaded.filter((each) =>
      /^import (?!type\b)[^;]*'oauth4webapi'/m.test(readFileSync(join(root, each), 'utf8')),
    );
    expect(eager).toEqual([]);
  });
  it('does not load OpenTelemetry', () => {
    const eager = loaded.filter((each) =>
      /^import (?!type\b)[^;]*'@opentelemetry\//m.test(readFileSync(join(root, each), 'utf8')),
    );
    expect(eager).toEqual([]);
  });
  it('does not load fetch of Node, as an import of node:http does', () => {
    const eager = loaded.filter((each) =>
      /^import (?!type\b)[^;]*'node:http'/m.test(readFileSync(join(root, each), 'utf8')),
    );
    expect(eager).toEqual([]);
  });
  it('does not load CBOR, COSE and CWT', () => {
    expect(loaded.filter((each) => /^packages\/tokens\/src\/(?:cbor|cose|cwt)\//.test(each))).toEqual([]);
  });
});
