/** `tessera doctor`: what is wrong, and what to do about it. */
import type { Command } from 'commander';
import { withServer } from '../api-client.ts';
import { CommandError } from '../command-error.ts';
import { examineHost } from '../doctor/examine-host.ts';
import { examineServer } from '../doctor/examine-server.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT } from '../exit-code.ts';
import { type OutputOptions, printList, withOutput } from '../output.ts';
import { localServerUrl, STANDARD_URL } from '../server-url.ts';
import { wantedUrl } from '../sign-in.ts';

export function define(doctor: Command): void {
  withOutput(withServer(doctor)).action(async (options: OutputOptions & { readonly server?: string }) => {
    const url = wantedUrl(process.env, options.server) ?? localServerUrl(process.env) ?? STANDARD_URL;
    const findings: readonly Finding[] = [
      ...(await examineServer(url)),
      ...(await examineHost(process.env, options.server)),
    ];
    await print(findings, options);
    const failed = findings.filter((finding) => !finding.ok).length;
    if (failed > 0) throw new CommandError(EXIT.error, `${failed} of ${findings.length} checks failed.`);
  });
}

async function print(findings: readonly Finding[], options: OutputOptions): Promise<void> {
  if (options.json === true || options.output !== 'table') return printList(findings, [], options);
  for (const { check, ok, detail, fix } of findings) {
    process.stdout.write(`${ok ? 'ok  ' : 'fail'}  ${check}: ${detail}\n`);
    if (!ok && fix !== undefined) process.stdout.write(`      → ${fix}\n`);
  }
}
