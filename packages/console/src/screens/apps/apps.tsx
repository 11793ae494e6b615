/** Apps: what asks for tokens. */
import { Link, Route, Switch } from 'wouter';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { useMay, useOwned, useOwnedFlag } from '../../shell/organizations.ts';
import { kindOf } from './app-kinds.ts';
import { AppPage } from './app-page.tsx';
import { AppState } from './app-state.tsx';
import { NewApp } from './new-app.tsx';

export default function Apps() {
  return (
    <Switch>
      <Route path="/">
        <AppList />
      </Route>
      <Route path="/new">
        <NewApp />
      </Route>
      <Route path="/:id" nest>
        {({ id }) => <AppPage key={id} id={id} />}
      </Route>
    </Switch>
  );
}

function AppList() {
  const list = useList('GET /admin/v1/clients', { query: useOwned() });
  const register = useMay('client.manage') ? (
    <Link to="/new" className="button">
      Register an app
    </Link>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Apps"
        lead="What asks for tokens: web servers, pages, command lines and machines."
        action={register}
        command={`app list${useOwnedFlag()}`}
      />
      <ListView
        label="apps"
        list={list}
        keyOf={(app) => app.client_id}
        empty={
          <EmptyState text="No apps yet. Register one; its first token takes a minute.">
            {register}
          </EmptyState>
        }
        columns={[
          {
            name: 'App',
            cell: (app) => <Link to={`/${encodeURIComponent(app.client_id)}`}>{app.client_name}</Link>,
          },
          { name: 'Client ID', cell: (app) => <code>{app.client_id}</code> },
          { name: 'Kind', cell: (app) => kindOf(app).name },
          { name: 'State', cell: (app) => <AppState app={app} /> },
          { name: 'Changed', cell: (app) => <Moment at={app.updated_at} /> },
        ]}
      />
    </>
  );
}
