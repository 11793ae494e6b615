/** Common Access Tokens: what checking and making one costs, beside the library that people use. */
import { microRow } from '../micro.ts';
import type { Row } from '../row.ts';

const program = new URL('../servers/cat.ts', import.meta.url);

export const catRows: readonly Row[] = [
  microRow({
    name: 'CAT HS256, verify (peer: @eyevinn/cat)',
    program,
    ours: 'verify',
    peer: 'eyevinn-verify',
    atLeast: 5,
  }),
  microRow({
    name: 'CAT HS256, create (peer: @eyevinn/cat)',
    program,
    ours: 'create',
    peer: 'eyevinn-create',
    atLeast: 4,
  }),
];
