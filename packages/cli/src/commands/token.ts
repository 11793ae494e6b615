/** `tessera token`: request, read, verify, explain, list and revoke tokens. */
import type { Command } from 'commander';
import { defineExplain } from './token-explain.ts';
import { defineInspect } from './token-inspect.ts';
import { defineList } from './token-list.ts';
import { defineRequest } from './token-request.ts';
import { defineRevoke } from './token-revoke.ts';
import { defineScan } from './token-scan.ts';
import { defineVerify } from './token-verify.ts';

export function define(token: Command): void {
  defineRequest(token);
  defineInspect(token);
  defineVerify(token);
  defineExplain(token);
  defineList(token);
  defineRevoke(token);
  defineScan(token);
}
