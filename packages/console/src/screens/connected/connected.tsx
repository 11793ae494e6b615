/** Connected apps: what may act for you, what it may do, and the way to end that; agents on a tab of their own. */
import { type ReactNode, useState } from 'react';
import { Route, Switch } from 'wouter';
import type { Application } from '../../api/described.ts';
import { useAsk, useList, useTell } from '../../api/use-api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { CheckBox } from '../../parts/field.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Agents } from './agents.tsx';

export default function Connected() {
  return (
    <Switch>
      <Route path="/">
        <Frame command="application list">
          <AppTable />
          <Blocked />
        </Frame>
      </Route>
      <Route path="/agents">
        <Frame command="agent list">
          <Agents />
        </Frame>
      </Route>
    </Switch>
  );
}

function Frame({ command, children }: { readonly command: string; readonly children: ReactNode }) {
  return (
    <>
      <PageHeader
        title="Connected apps"
        lead="What you have let in, what it may do for you, and when it last did."
        command={command}
      />
      <Tabs
        label="Connected apps"
        tabs={[
          { to: '/', name: 'Apps' },
          { to: '/agents', name: 'Agents' },
        ]}
      />
      {children}
    </>
  );
}

function AppTable() {
  const list = useList('GET /account/v1/applications', {});
  const [leaving, setLeaving] = useState<Application>();
  return (
    <>
      <ListView
        label="connected apps"
        list={list}
        keyOf={(app) => app.client_id}
        empty={
          <EmptyState text="No app is connected. The first that asks, and that you allow, stands here." />
        }
        columns={[
          { name: 'App', cell: (app) => <AppName app={app} /> },
          { name: 'May', cell: (app) => <Permissions app={app} /> },
          { name: 'Connected', cell: (app) => <Moment at={app.connected_at} /> },
          {
            name: 'Last used',
            cell: (app) => <LastUse app={app} />,
          },
          { name: 'Live tokens', numeric: true, cell: (app) => app.live_tokens },
          {
            name: 'Actions',
            quiet: true,
            cell: (app) => (
              <button type="button" className="plain" onClick={() => setLeaving(app)}>
                Disconnect<span className="hidden"> {app.client_name}</span>
              </button>
            ),
          },
        ]}
      />
      {leaving !== undefined && <Disconnect app={leaving} onClose={() => setLeaving(undefined)} />}
    </>
  );
}

/** APIs do not ask about tokens that they can check themselves: then what is known is when it got the last one. */
function LastUse({ app: { last_used_at: used, last_issued_at: issued } }: { readonly app: Application }) {
  if (used !== undefined) return <Moment at={used} />;
  if (issued === undefined) return 'never';
  return (
    <>
      got a token <Moment at={issued} />
    </>
  );
}

/** Of an app that nobody has looked at, the host is what can be trusted, not the name. */
function AppName({ app }: { readonly app: Application }) {
  return (
    <>
      {app.client_name}
      {app.agent && <span className="badge">agent</span>}
      {app.unverified && <span className="badge">unverified</span>}
      {app.host !== undefined && <span className="small muted beside-name">{app.host}</span>}
    </>
  );
}

function Permissions({ app }: { readonly app: Application }) {
  return (
    <ul className="plain-list">
      {app.apis.flatMap(({ resource = '', name, scopes }) =>
        scopes.map((scope) => (
          <li key={`${resource} ${scope.name}`}>
            {scope.description}
            {name !== undefined && <span className="muted"> · {name}</span>}
          </li>
        )),
      )}
    </ul>
  );
}

function Disconnect({ app, onClose }: { readonly app: Application; readonly onClose: () => void }) {
  const [block, setBlock] = useState(false);
  const disconnect = useTell('DELETE /account/v1/applications/{id}');
  const blocking = useTell('POST /account/v1/applications/{id}/block');
  const used = block ? blocking : disconnect;
  return (
    <ConfirmTell
      title={`Disconnect ${app.client_name}?`}
      verb={block ? 'Disconnect and block' : 'Disconnect'}
      tell={used}
      given={{ path: { id: app.client_id } }}
      onClose={onClose}
    >
      <p>
        Everything it holds for you is refused from now on: {app.live_tokens}{' '}
        {app.live_tokens === 1 ? 'token that is' : 'tokens that are'} live, and its refresh tokens.
      </p>
      <CheckBox
        text="Block it, too"
        hint="It cannot ask you again until you take that back."
        checked={block}
        onCheck={setBlock}
      />
    </ConfirmTell>
  );
}

function Blocked() {
  const { data } = useAsk('GET /account/v1/blocked-applications', {});
  const unblock = useTell('DELETE /account/v1/blocked-applications/{id}');
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section className="section">
      <h2>Blocked</h2>
      <DataTable
        label="Blocked apps"
        rows={data.items}
        keyOf={(app) => app.client_id}
        columns={[
          { name: 'App', cell: (app) => app.client_name ?? app.client_id },
          { name: 'Since', cell: (app) => <Moment at={app.blocked_at} /> },
          {
            name: 'Actions',
            quiet: true,
            cell: (app) => (
              <button
                type="button"
                className="plain"
                disabled={unblock.isPending}
                onClick={() => unblock.mutate({ path: { id: app.client_id } })}
              >
                Let it ask again<span className="hidden">: {app.client_name ?? app.client_id}</span>
              </button>
            ),
          },
        ]}
      />
    </section>
  );
}
