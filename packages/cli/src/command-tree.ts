/** The commands of a noun: each with `--server` and `--output`. */
import type { Command } from 'commander';
import { withServer } from './api-client.ts';
import { LIST_LIMIT, MAX_LIST_LIMIT, wholeNumber } from './options.ts';
import { withOutput } from './output.ts';

/** A command that speaks to a server and prints what it says. */
export function apiCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return withOutput(withServer(parent.command(nameAndArguments).description(description)));
}

/** A command that prints a list. @param of what the list is of, where it is that of one thing: `<organization>` */
export function listCommand(parent: Command, description: string, of?: string): Command {
  const limit = wholeNumber(1, MAX_LIST_LIMIT);
  const name = of === undefined ? 'list' : `list ${of}`;
  return apiCommand(parent, name, description).option('--limit <n>', 'at most so many', limit, LIST_LIMIT);
}
