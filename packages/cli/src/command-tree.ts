/** The commands of a noun: each with `--server` and `--output`. */
import type { Command } from 'commander';
import { withServer } from './api-client.ts';
import { LIST_LIMIT, MAX_LIST_LIMIT, wholeNumber } from './options.ts';
import { withOutput } from './output.ts';

/** A command that speaks to a server and prints what it says. */
export function apiCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return withOutput(withServer(parent.command(nameAndArguments).description(description)));
}

/** A command that prints a list. */
export function listCommand(parent: Command, description: string): Command {
  const limit = wholeNumber(1, MAX_LIST_LIMIT);
  return apiCommand(parent, 'list', description).option('--limit <n>', 'at most so many', limit, LIST_LIMIT);
}
