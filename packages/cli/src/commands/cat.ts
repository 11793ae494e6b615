/** `tessera cat`: Common Access Tokens, with keys of your own; nobody is asked. @spec CTA-5007-B */
import type { Command } from 'commander';
import { defineCreate } from './cat-create.ts';
import { defineInspect } from './cat-inspect.ts';
import { defineRenew } from './cat-renew.ts';
import { defineVerify } from './cat-verify.ts';

export function define(cat: Command): void {
  defineCreate(cat);
  defineVerify(cat);
  defineRenew(cat);
  defineInspect(cat);
}
