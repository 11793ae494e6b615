/** `tessera policy dry-run`: which access policies would apply to a request, and why. */
import { type Command, Option } from 'commander';
import { createApiClient, type Json } from './api-client.ts';
import { apiCommand } from './command-tree.ts';
import { collect, given, pathOf, wholeNumber } from './options.ts';
import { isTable, type OutputOptions, printOne } from './output.ts';

interface QuestionOptions extends OutputOptions {
  readonly server?: string;
  readonly client?: string;
  readonly resource?: string;
  readonly scope?: string;
  readonly user?: string;
  readonly network?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly authAge?: number;
  readonly binding?: string;
  readonly risk?: string;
  readonly organization?: string;
}

const YEAR_SECONDS = 31_536_000;

export function defineDryRun(command: Command): void {
  apiCommand(command, 'dry-run', 'which access policies would apply, and why; nothing is issued')
    .option('--client <app>', 'the app that asks')
    .option('--resource <identifier>', 'the API that the token is for; unless given, the default one')
    .option('--scope <scope>', 'the scopes that it asks for, with spaces between')
    .option('--user <user>', 'the person; without one the app asks for itself')
    .option('--network <address>', 'where the request comes from')
    .option('--acr <acr>', 'the class that the sign-in meets')
    .option('--amr <method>', 'a means of the sign-in; once for each', collect)
    .option('--auth-age <seconds>', 'how old the sign-in is', wholeNumber(0, YEAR_SECONDS))
    .addOption(new Option('--binding <binding>', 'how the token is bound').choices(['dpop', 'mtls', 'none']))
    .addOption(new Option('--risk <risk>', 'the worst signal').choices(['none', 'low', 'medium', 'high']))
    .option('--organization <organization>', 'only the policies of one organization')
    .action(async (options: QuestionOptions) => {
      const api = await createApiClient(options);
      const answer = await api.post(pathOf('policies', 'dry-run'), questionOf(options));
      if (isTable(options)) printAnswer(answer);
      else await printOne(answer, options);
    });
}

function questionOf(options: QuestionOptions): Json {
  return given({
    client_id: options.client,
    resource: options.resource,
    scope: options.scope,
    user_id: options.user,
    network: options.network,
    acr: options.acr,
    amr: options.amr,
    auth_age: options.authAge,
    binding: options.binding,
    risk: options.risk,
    organization_id: options.organization,
  });
}

/** A policy, then a line for each of its conditions. */
function printAnswer(answer: Json): void {
  const { acr_values: acr, max_age: age, shorten_to: shorten, lengthen_to: lengthen } = answer;
  const more = [
    Array.isArray(acr) ? `acr ${acr.join(' ')}` : undefined,
    typeof age === 'number' ? `at most ${age} s old` : undefined,
    typeof shorten === 'number' ? `at most ${shorten} s` : undefined,
    typeof lengthen === 'number' ? `at least ${lengthen} s` : undefined,
  ].filter((part) => part !== undefined);
  print(`${String(answer['decision'])}${more.length === 0 ? '' : `: ${more.join(', ')}`}`);
  for (const policy of listOf(answer['policies'])) {
    print('');
    print(
      `${policy['applies'] === true ? 'applies' : 'does not apply'}  ${String(policy['name'])} (${String(policy['id'])}, ${String(policy['mode'])})`,
    );
    print(`  ${String(policy['does'])}: ${String(policy['why'])}`);
    for (const { result, name, expected, got } of listOf(policy['conditions'])) {
      print(
        `  ${String(result).padEnd(7)}  ${String(name)}: expected ${String(expected)}; got ${String(got)}`,
      );
    }
  }
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map((each: unknown) => Object(each)) : [];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
