/** `tessera cluster`: the nodes that serve from one database. */
import type { Command } from 'commander';
import { createApiClient, type Json } from '../api-client.ts';
import { apiCommand } from '../command-tree.ts';
import { pathOf } from '../options.ts';
import { type Column, isTable, moment, type OutputOptions, printList, printOne, tell } from '../output.ts';

const COLUMNS: readonly Column<Json>[] = [
  { title: 'node', value: (node) => node['name'] },
  { title: 'status', value: (node) => node['status'] },
  { title: 'duty', value: (node) => (node['on_duty'] === true ? 'on duty' : '') },
  { title: 'version', value: (node) => node['version'] },
  { title: 'joined', value: (node) => moment(node['joined_at']) },
  { title: 'last seen', value: (node) => moment(node['seen_at']) },
];

interface ClusterAnswer {
  readonly nodes: readonly Json[];
  readonly duty: { readonly number: number; readonly passes_in?: number };
  readonly did: readonly { readonly chore: string; readonly count: number }[];
}

export function define(cluster: Command): void {
  apiCommand(cluster, 'status', 'who is there, and who is on duty').action(
    async (options: OutputOptions & { readonly server?: string }) => {
      const api = await createApiClient(options);
      const answer = await api.get(pathOf('cluster'));
      if (!isTable(options)) {
        await printOne(answer, options);
        return;
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the server's description promises
      const { nodes, duty, did } = answer as unknown as ClusterAnswer;
      await printList(nodes, COLUMNS, options);
      const passes = duty.passes_in === undefined ? '' : `, passes in ${duty.passes_in} s`;
      tell(`Turn #${duty.number}${passes}. Done so far: ${list(did)}. Being on duty grants no access.`);
    },
  );
}

function list(did: ClusterAnswer['did']): string {
  return did.length === 0 ? 'nothing' : did.map(({ chore, count }) => `${chore} ${count}`).join(', ');
}
