/** APIs: what tokens are for. */
import { Link, Route, Switch } from 'wouter';
import type { Resource } from '../../api/described.ts';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { useMay, useOwned, useOwnedFlag } from '../../shell/organizations.ts';
import { ApiPage } from './api-page.tsx';
import { lifetimeText } from './lifetime-text.ts';
import { NewApi } from './new-api.tsx';

export default function Apis() {
  return (
    <Switch>
      <Route path="/">
        <ApiList />
      </Route>
      <Route path="/new">
        <NewApi />
      </Route>
      <Route path="/:id">{({ id }) => <ApiPage key={id} id={id} />}</Route>
    </Switch>
  );
}

function ApiList() {
  const list = useList('GET /admin/v1/resources', { query: useOwned() });
  const register = useMay('resource.manage') ? (
    <Link to="/new" className="button">
      Register an API
    </Link>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="APIs"
        lead="What tokens are for. An app names an API by its identifier, and gets a token in that API's format."
        action={register}
        command={`api list${useOwnedFlag()}`}
      />
      <ListView
        label="APIs"
        list={list}
        keyOf={(api) => api.id}
        empty={<EmptyState text="No APIs yet. Register the one you want to protect.">{register}</EmptyState>}
        columns={[
          { name: 'API', cell: (api) => <Link to={`/${encodeURIComponent(api.id)}`}>{api.name}</Link> },
          { name: 'Identifier', cell: (api) => <code>{api.identifier}</code> },
          { name: 'Tokens', cell: (api) => FORMATS[api.token_format] },
          { name: 'Live for', cell: (api) => lifetimeText(api.access_token_lifetime) },
          { name: 'Permissions', numeric: true, cell: (api) => api.scopes.length },
          { name: 'Default', cell: (api) => (api.default ? 'takes tokens that name no API' : '') },
        ]}
      />
    </>
  );
}

export const FORMATS: Readonly<Record<Resource['token_format'], string>> = {
  opaque: 'opaque',
  jwt: 'JWT',
  cwt: 'CWT',
  cat: 'Common Access Token (CAT)',
};
