/** In a demo of several nodes: stops one as a power cut would, and starts it again. */
import type { Cluster } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { ProblemBox } from '../../parts/problem-box.tsx';

type DemoNode = NonNullable<Cluster['demo_nodes']>[number];

export function DemoNodes({ nodes }: { readonly nodes: readonly DemoNode[] }) {
  const stop = useTell('POST /admin/v1/cluster/demo-nodes/{name}/stop');
  const start = useTell('POST /admin/v1/cluster/demo-nodes/{name}/start');
  const isWaiting = stop.isPending || start.isPending;
  const problem = stop.error ?? start.error;
  return (
    <div className="circle-try">
      <p className="muted">
        These nodes are yours to try: one that is stopped here says goodbye to nobody, and loses the duty when
        its lease is over.
      </p>
      <div className="buttons">
        {nodes.map(({ name, url }) =>
          url === undefined ? (
            <button
              key={name}
              type="button"
              disabled={isWaiting}
              onClick={() => start.mutate({ path: { name } })}
            >
              Start {name} again
            </button>
          ) : (
            <button
              key={name}
              type="button"
              disabled={isWaiting}
              onClick={() => stop.mutate({ path: { name } })}
            >
              Stop {name} and watch
            </button>
          ),
        )}
      </div>
      {problem !== null && <ProblemBox problem={problem} />}
    </div>
  );
}
