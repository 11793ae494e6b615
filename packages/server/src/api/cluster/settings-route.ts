/** GET /admin/v1/cluster/settings: every setting, as each node has it, and where it comes from. */
import type { NodeSettings } from '../../domain/node-setting.ts';
import type { Cluster, DutyTimes } from '../../ports/cluster.ts';
import { type Static, Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { operation } from '../operation.ts';

const SettingsSchema = Type.Object(
  {
    settings: Type.Array(
      Type.Object({
        name: Type.String(),
        differs: Type.Boolean({
          description: 'Whether the nodes do not agree; of secrets, whether only some of them have it set',
        }),
        nodes: Type.Array(
          Type.Object({
            node_name: Type.String(),
            value: Type.Optional(
              Type.String({ description: 'Absent where it is not set, and for every secret' }),
            ),
            source: Type.Enum(['default', 'file', 'environment', 'command line', 'not set'], {
              description: 'Where the node has it from',
            }),
          }),
          { description: 'In the order in which they joined' },
        ),
      }),
    ),
  },
  {
    title: 'EffectiveSettings',
    description:
      'Of the nodes that are there now. Secrets only say where they come from, never what they are.',
  },
);

export interface SettingsRouteDependencies {
  readonly cluster: Pick<Cluster, 'settings'>;
  readonly dutyTimes: DutyTimes;
}

export function registerSettingsRoute(api: Api, { cluster, dutyTimes }: SettingsRouteDependencies): void {
  const schema = operation({
    operationId: 'getClusterSettings',
    summary: 'Show the settings in effect on each node',
    tag: 'cluster',
    answers: { 200: { description: 'As each node said when it joined', schema: SettingsSchema } },
  });
  api.get('/cluster/settings', { schema }, async () => toWire(await cluster.settings(dutyTimes)));
}

function toWire(nodes: readonly NodeSettings[]): Static<typeof SettingsSchema> {
  const names = [...new Set(nodes.flatMap(({ settings }) => settings.map(({ name }) => name)))];
  return {
    settings: names.map((name) => {
      const given = nodes.map(({ nodeName, settings }) => {
        const { value, source = 'not set' } = settings.find((each) => each.name === name) ?? {};
        return { node_name: nodeName, source, ...(value === undefined ? {} : { value }) };
      });
      const [first] = given;
      const isSame = given.every(
        ({ value, source }) =>
          value === first?.value && (value !== undefined || isSet(source) === isSet(first?.source)),
      );
      return { name, differs: !isSame, nodes: given };
    }),
  };
}

function isSet(source: string | undefined): boolean {
  return source !== undefined && source !== 'not set' && source !== 'default';
}
