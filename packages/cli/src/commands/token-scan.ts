/** `tessera token scan`: finds tokens in a text, offline. What it prints gives none of them away. */
import { findTokenStrings, tokenKindName } from '@tessera/tokens';
import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import { type Column, type OutputOptions, printList, withOutput } from '../output.ts';
import { hideToken } from '../reading-a-token.ts';
import { textFrom } from '../standard-input.ts';

interface Finding {
  readonly line: number;
  readonly token: string;
  readonly kind: string;
  readonly checksum: 'ok' | 'wrong';
}

const COLUMNS: readonly Column<Finding>[] = [
  { title: 'line', value: (finding) => finding.line },
  { title: 'token', value: (finding) => finding.token },
  { title: 'kind', value: (finding) => finding.kind },
  { title: 'checksum', value: (finding) => finding.checksum },
];

export function defineScan(token: Command): void {
  withOutput(
    token.command('scan <file>').description('find Tessera tokens in a file; - reads standard input'),
  )
    .addHelpText(
      'after',
      '\nOffline. It ends with 3 where a token with a right checksum is in the text. What has leaked: report it to\n/api/leaked-tokens.',
    )
    .action(scan);
}

async function scan(path: string, options: OutputOptions): Promise<void> {
  const text = await textFrom(path);
  const findings = findTokenStrings(text).map(
    ({ index, token, kind, intact }): Finding => ({
      line: text.slice(0, index).split('\n').length,
      token: hideToken(token),
      kind: tokenKindName(kind),
      checksum: intact ? 'ok' : 'wrong',
    }),
  );
  await printList(findings, COLUMNS, options);
  if (findings.some(({ checksum }) => checksum === 'ok')) process.exitCode = EXIT.invalidToken;
}
