/** `/admin/v1/cluster/demo-nodes/…`: stops a node of the demo, to be watched. Only the demo has any. */
import { Type } from '../../schema/type.ts';
import type { DemoNodes } from '../../ports/demo-nodes.ts';
import type { Api } from '../api.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';

export interface DemoNodeRouteDependencies {
  /** Absent in production. */
  readonly demoNodes?: DemoNodes;
}

export const DemoNodeList = Type.Array(
  Type.Object({
    name: Type.String(),
    url: Type.Optional(Type.String({ description: 'Where it answers; absent while it does not run' })),
  }),
  { description: 'Nodes that the demo runs beside its own, and lets you stop; absent where there are none' },
);

const params = Type.Object({ name: Identifier });

export function registerDemoNodeRoutes(api: Api, { demoNodes }: DemoNodeRouteDependencies): void {
  const stop = operation({
    operationId: 'stopDemoNode',
    summary: 'Stop a node of the demo',
    description: 'As a power cut would: it says goodbye to nobody. Only the demo has such nodes.',
    tag: 'cluster',
    answers: { 204: { description: 'It has ended', schema: null } },
    problems: ['not_found'],
  });
  api.post('/cluster/demo-nodes/:name/stop', { schema: { ...stop, params } }, async (request, reply) => {
    const stopped = await demoNodes?.stop(request.params.name);
    if (stopped !== true) throw new Problem('not_found', 'The demo runs no other node of this name');
    return reply.code(204).send(null);
  });
  const start = operation({
    operationId: 'startDemoNode',
    summary: 'Start a node of the demo again',
    tag: 'cluster',
    answers: { 204: { description: 'It is ready', schema: null } },
    problems: ['not_found'],
  });
  api.post('/cluster/demo-nodes/:name/start', { schema: { ...start, params } }, async (request, reply) => {
    const started = await demoNodes?.start(request.params.name);
    if (started !== true)
      throw new Problem('not_found', 'The demo has no node of this name that was stopped and can be started');
    return reply.code(204).send(null);
  });
}
