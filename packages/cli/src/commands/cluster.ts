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
  apiCommand(cluster, 'settings', 'every setting in effect, and where each node has it from').action(
    async (options: OutputOptions & { readonly server?: string }) => {
      const api = await createApiClient(options);
      const answer = await api.get(pathOf('cluster', 'settings'));
      if (!isTable(options)) {
        await printOne(answer, options);
        return;
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the server's description promises
      const { settings } = answer as unknown as { readonly settings: readonly SettingAnswer[] };
      await printList(settings.flatMap(linesOf), SETTING_COLUMNS, options);
    },
  );
}

const SETTING_COLUMNS: readonly Column<Json>[] = [
  { title: 'setting', value: (setting) => setting['name'] },
  { title: 'node', value: (setting) => setting['node'] },
  { title: 'value', value: (setting) => setting['value'] },
  { title: 'from', value: (setting) => setting['from'] },
];

interface SettingAnswer {
  readonly name: string;
  readonly differs: boolean;
  readonly nodes: readonly { readonly node_name: string; readonly value?: string; readonly source: string }[];
}

/** A line a setting, where the nodes agree; else one for each node. */
function linesOf({ name, differs, nodes }: SettingAnswer): readonly Json[] {
  const told = differs ? nodes : nodes.slice(0, 1);
  return told.map(({ node_name: node, value, source }) => ({
    name,
    node: differs ? node : nodes.length > 1 ? 'all' : node,
    value: value ?? (source === 'not set' || source === 'default' ? '' : '(hidden)'),
    from: source,
  }));
}

function list(did: ClusterAnswer['did']): string {
  return did.length === 0 ? 'nothing' : did.map(({ chore, count }) => `${chore} ${count}`).join(', ');
}
