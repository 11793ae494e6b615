/** What an API pays for a check when nothing has to be asked: by the verifier, and by the libraries that people use. */
import { microRow } from '../micro.ts';
import type { Row } from '../row.ts';

const program = new URL('../servers/token-checks.ts', import.meta.url);

export const tokenCheckRows: readonly Row[] = [
  microRow({
    name: 'check, JWT ES256 (peer: fast-jwt)',
    program,
    ours: 'jwt',
    peer: 'fast-jwt',
    atLeast: 1.2,
  }),
  microRow({ name: 'check, JWT ES256 (peer: jose)', program, ours: 'jwt', peer: 'jose', atLeast: 2 }),
  microRow({
    name: 'check, JWT ES256 seen before (peer: fast-jwt with its cache)',
    program,
    ours: 'jwt-cached',
    peer: 'fast-jwt-cached',
    atLeast: 1,
  }),
  microRow({
    name: 'check, opaque seen before (peer: our JWT seen before)',
    program,
    ours: 'opaque-cached',
    peer: 'jwt-cached',
    atLeast: 0.9,
  }),
];
