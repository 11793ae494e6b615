/** `tessera organization`: who owns apps, APIs and tokens. */
import type { Command } from 'commander';
import { defineTokenRules } from './organization-token-rules.ts';

export function define(command: Command): void {
  defineTokenRules(command);
}
