#!/usr/bin/env -S node --max-semi-space-size=16
// Starts the command line: built where it was built, from source in the repository. Must parse on any Node.
// Why the option: docs/decisions/0017-a-small-young-generation.md
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `tessera needs Node 24.15 or newer; this is ${process.version}.\n` +
      'In the repository: npm run tessera -- … (it brings its own Node). Elsewhere: https://nodejs.org\n',
  );
  process.exit(1);
}
nodeModule.enableCompileCache?.();

const built = new URL('../dist/main.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      // A relative import names a file, whole: asking the disk for it, and for the packages above it, is a sixth of a start.
      if (specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL?.startsWith('file:')) {
        const { href } = new URL(specifier, context.parentURL);
        return { url: href, format: 'module-typescript', shortCircuit: true };
      }
      // Packages of this repository find each other's sources by this condition.
      return next(specifier, { ...context, conditions: [...context.conditions, '@tessera/source'] });
    },
  });
  await import('../src/main.ts');
}
