/** docs/reference/conformance.md: every check, with what it found here and at the peer. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHECKS } from '../../conformance/checks/index.ts';
import notApplicable from '../../conformance/not-applicable.json' with { type: 'json' };
import results from '../../conformance/results.json' with { type: 'json' };
import { code, table } from './markdown.ts';

const REASONS: Readonly<Record<string, string>> = notApplicable;
const WORDS: Readonly<Record<string, string>> = { failed: 'differs', broken: 'differs' };

export function conformancePage(): string {
  const { tessera, 'oidc-provider': peer } = results as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const rows = CHECKS.map(({ id, title, source }) => [
    code(id),
    `${title} (${source})`,
    word(tessera?.[id]),
    word(peer?.[id]),
  ]);
  const missing = Object.entries(REASONS).map(([id, reason]) => [code(id), reason]);
  return `# Conformance

The repository holds a harness of protocol checks that knows nothing of the server but its address and a few hooks; its README is in
${code('conformance')}. It runs against any OAuth or OpenID Connect server. Below is what it found at Tessera and at ${code('oidc-provider')}
${peerVersion()}, set as strict as it can be set where both can be.

*Differs* means that the server does something else than the check asks for. Some checks ask for more than a standard does: then
that is a choice, not a mistake. *Not offered* means that the server does not have what the check is about.

${table(['', 'Passed', 'Differs', 'Not offered'], [counts('Tessera', tessera), counts('oidc-provider', peer)])}

${table(['Check', 'What must hold', 'Tessera', 'oidc-provider'], rows)}

## What does not apply to Tessera

${missing.length === 0 ? 'Every check applies.' : table(['Check', 'Why'], missing)}
`;
}

function word(outcome: string | undefined): string {
  return outcome === undefined ? 'not run' : (WORDS[outcome] ?? outcome);
}

function counts(name: string, outcomes: Readonly<Record<string, string>> = {}): readonly string[] {
  const words = CHECKS.map(({ id }) => word(outcomes[id]));
  const count = (wanted: string): string => String(words.filter((one) => one === wanted).length);
  return [name, count('passed'), count('differs'), count('not offered')];
}

function peerVersion(): string {
  const path = fileURLToPath(new URL('../../package.json', import.meta.url));
  const { devDependencies } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return devDependencies['oidc-provider'] ?? '';
}
