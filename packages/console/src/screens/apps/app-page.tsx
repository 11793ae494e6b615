/** One app: its name, its state, and its parts. */
import { Link, Route, Switch } from 'wouter';
import type { Client } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { screen } from '../../shell/address.ts';
import { NotHere } from '../../shell/not-here.tsx';
import { Advanced } from './advanced.tsx';
import { AppState } from './app-state.tsx';
import { Credentials } from './credentials.tsx';
import { Dashboard } from './dashboard.tsx';
import { Redirects } from './redirects.tsx';
import { Settings } from './settings.tsx';

export function AppPage({ id }: { readonly id: string }) {
  const asked = useAsk('GET /admin/v1/clients/{id}', { path: { id } });
  return (
    <Asked what="the app" asked={asked} absent={<NotHere />}>
      {(app) => <App app={app} />}
    </Asked>
  );
}

function App({ app }: { readonly app: Client }) {
  return (
    <>
      <PageHeader
        title={app.client_name}
        above={<Link to={screen('/apps')}>Apps</Link>}
        beside={<AppState app={app} />}
        command={`app get ${app.client_id}`}
      />
      <Tabs
        label={app.client_name}
        tabs={[
          { to: '/', name: 'Dashboard' },
          { to: '/credentials', name: 'Credentials' },
          { to: '/redirects', name: 'Redirects', count: app.redirect_uris.length },
          { to: '/settings', name: 'Settings' },
          { to: '/settings/advanced', name: 'Advanced' },
        ]}
      />
      <Parts app={app} />
    </>
  );
}

function Parts({ app }: { readonly app: Client }) {
  return (
    <Switch>
      <Route path="/">
        <Dashboard app={app} />
      </Route>
      <Route path="/credentials">
        <Credentials app={app} />
      </Route>
      <Route path="/redirects">
        <Redirects app={app} />
      </Route>
      <Route path="/settings">
        <Settings app={app} />
      </Route>
      <Route path="/settings/advanced">
        <Advanced app={app} />
      </Route>
    </Switch>
  );
}
