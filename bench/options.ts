/** What the command line asks for. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly runs: number;
  /** Of one run under load. */
  readonly seconds: number;
  /** How many live tokens the memory row waits for. */
  readonly liveTokens: number;
  /** How many stored tokens are many. */
  readonly storedTokens: number;
  /** Only the rows whose name contains this. */
  readonly only: string;
  /** Also write the figures to this file. */
  readonly json: string | undefined;
}

export const USAGE = `npm run bench -- [--quick] [--only <part of a row's name>] [--json <file>]

  --quick   one short run of each row, for trying; its figures say little
  --only    rows whose name contains the text
  --json    write the figures to a file as well
`;

/** @throws TypeError for an unknown option */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { only, json } = values;
  return values.quick
    ? { runs: 1, seconds: 1, liveTokens: 20_000, storedTokens: 50_000, only, json }
    : { runs: 5, seconds: 4, liveTokens: 500_000, storedTokens: 2_000_000, only, json };
}
