/** Cluster: the nodes, who of them is on duty, what was done there, and with what settings they run. */
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import type { Cluster as ClusterAnswer } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { DemoNodes } from './demo-nodes.tsx';
import { Settings } from './settings.tsx';

const EVERY_MS = 1000;

export default function Cluster() {
  return (
    <Switch>
      <Route path="/">
        <Frame command="cluster status">
          <Nodes />
        </Frame>
      </Route>
      <Route path="/settings">
        <Frame command="cluster settings">
          <Settings />
        </Frame>
      </Route>
    </Switch>
  );
}

function Frame({ command, children }: { readonly command: string; readonly children: ReactNode }) {
  return (
    <>
      <PageHeader
        title="Cluster"
        lead="The node on duty does what must be done once: mail, sign-out notices, clean-up, key rotation. On a LAN this is called token passing. Being on duty grants no access to anything."
        command={command}
      />
      <Tabs
        label="Cluster"
        tabs={[
          { to: '/', name: 'Nodes' },
          { to: '/settings', name: 'Effective settings' },
        ]}
      />
      {children}
    </>
  );
}

function Nodes() {
  const asked = useAsk('GET /admin/v1/cluster', {}, { every: EVERY_MS });
  return (
    <Asked what="the nodes" asked={asked}>
      {(cluster) => <Circle cluster={cluster} />}
    </Asked>
  );
}

function Circle({ cluster }: { readonly cluster: ClusterAnswer }) {
  const { nodes, duty, did, turns, demo_nodes: demoNodes } = cluster;
  const there = nodes.filter(({ status }) => status !== 'left');
  const holder = nodes.find((node) => node.on_duty);
  return (
    <>
      <ol className="circle" aria-label="The order in which the duty goes round">
        {there.map((node) => (
          <li key={node.id} {...(node.on_duty && { 'aria-current': 'true' })}>
            <strong>{node.name}</strong>
            <span className="small">{node.on_duty ? 'on duty' : STATUS[node.status]}</span>
          </li>
        ))}
      </ol>
      <p>
        On duty: <strong>{holder?.name ?? 'nobody yet'}</strong>, turn #{duty.number}
        {duty.passes_in === undefined ? '.' : `, passes in ${duty.passes_in} s.`}
      </p>
      {demoNodes === undefined ? <HowToTry nodes={there.length} /> : <DemoNodes nodes={demoNodes} />}
      <section className="section">
        <h2>Done on duty</h2>
        {did.length === 0 ? (
          <p className="muted">Nothing had to be done yet.</p>
        ) : (
          <DataTable
            label="chores"
            rows={did}
            keyOf={({ chore }) => chore}
            columns={[
              { name: 'Chore', cell: ({ chore }) => chore },
              { name: 'Times', numeric: true, cell: ({ count }) => count.toLocaleString('en') },
              { name: 'Last', cell: ({ last_at: at }) => <Moment at={at} /> },
              { name: 'In turn', numeric: true, cell: ({ last_number: number }) => `#${number}` },
            ]}
          />
        )}
      </section>
      <section className="section">
        <h2>Last turns</h2>
        <DataTable
          label="turns"
          rows={turns}
          keyOf={({ number }) => number}
          columns={[
            { name: 'Turn', cell: ({ number }) => `#${number}` },
            { name: 'Node', cell: ({ node_name: name }) => name },
            { name: 'Began', cell: ({ since }) => <Moment at={since} /> },
            {
              name: 'How',
              cell: ({ how }) =>
                how === 'passed' ? 'passed on by the one before' : 'taken: nobody held it any more',
            },
          ]}
        />
      </section>
    </>
  );
}

function HowToTry({ nodes }: { readonly nodes: number }) {
  return (
    <p className="muted">
      {nodes < 2 ? (
        <>
          One node is on duty. Start a second on the same PostgreSQL: <code>tessera serve</code>
        </>
      ) : (
        'Stop a node and watch: one that says goodbye passes the duty on at once; one that is killed loses it when its lease is over.'
      )}
    </p>
  );
}

const STATUS: Readonly<Record<ClusterAnswer['nodes'][number]['status'], string>> = {
  live: 'ready',
  silent: 'silent',
  left: 'left',
};
