/** Apps: what asks for tokens. */
import { Link, Route, Switch } from 'wouter';
import { type Item, useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';

type App = Item<'GET /admin/v1/clients'>;

export default function Apps() {
  return (
    <Switch>
      <Route path="/">
        <AppList />
      </Route>
    </Switch>
  );
}

function AppList() {
  const list = useList('GET /admin/v1/clients', {});
  return (
    <>
      <PageHeader
        title="Apps"
        lead="What asks for tokens: your web servers, pages, command lines and machines."
        command="app list"
      />
      <ListView
        label="apps"
        list={list}
        keyOf={(app) => app.client_id}
        empty={<EmptyState text="No apps yet. Register one; the first token takes a minute." />}
        columns={[
          {
            name: 'App',
            cell: (app) => <Link to={`/${encodeURIComponent(app.client_id)}`}>{app.client_name}</Link>,
          },
          { name: 'Client ID', cell: (app) => <code>{app.client_id}</code> },
          { name: 'Kind', cell: kindOf },
          {
            name: 'State',
            cell: ({ status }) => (
              <StateMark
                state={status === 'active' ? 'live' : 'ended'}
                word={status === 'active' ? 'live' : 'off'}
              />
            ),
          },
          { name: 'Changed', cell: (app) => <Moment at={app.updated_at} /> },
        ]}
      />
    </>
  );
}

function kindOf({ application_type: type, token_endpoint_auth_method: method }: App): string {
  if (type === 'native') return 'Native or command line';
  return method === 'none' ? 'Single-page' : 'Web server or machine';
}
