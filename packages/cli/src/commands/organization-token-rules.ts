/** `tessera organization token-rules`: what an organization allows of personal access tokens. */
import { type Command, Option } from 'commander';
import { createApiClient } from '../api-client.ts';
import { apiCommand } from '../command-tree.ts';
import { collect, given, pathOf, wholeNumber } from '../options.ts';
import { type OutputOptions, printOne } from '../output.ts';

interface RuleOptions extends OutputOptions {
  readonly server?: string;
  readonly maxLifetime?: number;
  readonly neverExpiring?: boolean;
  readonly fullScope?: boolean;
  readonly creators?: string;
  readonly approval?: boolean;
  readonly exempt?: readonly string[];
}

const LONGEST_LIFE_SECONDS = 366 * 24 * 3600;

export function defineTokenRules(organization: Command): void {
  const rules = organization
    .command('token-rules')
    .description('what an organization allows of personal access tokens');
  apiCommand(rules, 'get <organization_id>', 'show them').action(async (id: string, options: RuleOptions) => {
    const api = await createApiClient(options);
    await printOne(await api.get(pathOf('organizations', id, 'token-rules')), options);
  });
  apiCommand(rules, 'update <organization_id>', 'change them; tokens that break them now are refused')
    .option('--max-lifetime <seconds>', 'the longest life', wholeNumber(60, LONGEST_LIFE_SECONDS))
    .option('--never-expiring', 'tokens may have no end')
    .option('--no-never-expiring', 'they may not')
    .option('--full-scope', 'a token may have every scope of an API')
    .option('--no-full-scope', 'it may not')
    .addOption(
      new Option('--creators <role>', 'who may make tokens').choices([
        'everyone',
        'developers',
        'admins',
        'nobody',
      ]),
    )
    .option('--approval', 'each token has to be approved')
    .option('--no-approval', 'nobody has to approve them')
    .option('--exempt <user_id>', 'a person to whom none of it applies (repeatable)', collect)
    .action(async (id: string, options: RuleOptions) => {
      const api = await createApiClient(options);
      const body = given({
        max_lifetime: options.maxLifetime,
        allow_never_expiring: options.neverExpiring,
        allow_full_scope: options.fullScope,
        who_may_create: options.creators,
        approval_required: options.approval,
        exempt_user_ids: options.exempt,
      });
      await printOne(await api.patch(pathOf('organizations', id, 'token-rules'), body), options);
    });
}
