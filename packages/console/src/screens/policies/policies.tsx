/** Access policies: who gets tokens, under which conditions. */
import { Link, Route, Switch } from 'wouter';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { useMay, useOwned, useOwnedFlag } from '../../shell/organizations.ts';
import { conditionsText } from './condition-rows.ts';
import { DryRun } from './dry-run.tsx';
import { NewPolicyForm } from './new-policy.tsx';
import { PolicyPage } from './policy-page.tsx';
import { ModeMark, outcomeText } from './policy-words.tsx';

export default function Policies() {
  return (
    <Switch>
      <Route path="/">
        <PolicyList />
      </Route>
      <Route path="/new">
        <NewPolicyForm />
      </Route>
      <Route path="/dry-run">
        <DryRun />
      </Route>
      <Route path="/:id">{({ id }) => <PolicyPage key={id} id={id} />}</Route>
    </Switch>
  );
}

function PolicyList() {
  const list = useList('GET /admin/v1/policies', { query: useOwned() });
  const make = useMay('policy.manage') ? (
    <Link to="/new" className="button">
      New policy
    </Link>
  ) : undefined;
  const ask = (
    <Link to="/dry-run" className="button quiet">
      Try a request
    </Link>
  );
  return (
    <>
      <PageHeader
        title="Access policies"
        lead="Who gets tokens, under which conditions. A policy shortens or lengthens their life, asks for a better sign-in, or gives none; a change ends tokens that were not judged by it."
        action={
          <>
            {ask} {make}
          </>
        }
        command={`policy list${useOwnedFlag()}`}
      />
      <ListView
        label="policies"
        list={list}
        keyOf={(policy) => policy.id}
        empty={
          <EmptyState text="No policies. Tokens are given as apps, APIs and people allow it. Begin with one that only reports.">
            {make}
          </EmptyState>
        }
        columns={[
          {
            name: 'Policy',
            cell: (policy) => <Link to={`/${encodeURIComponent(policy.id)}`}>{policy.name}</Link>,
          },
          { name: 'Mode', cell: ({ mode }) => <ModeMark mode={mode} /> },
          { name: 'When', cell: ({ conditions }) => conditionsText(conditions) },
          { name: 'Then', cell: ({ outcome }) => outcomeText(outcome) },
          { name: 'For', cell: ({ server_wide: all }) => (all ? 'every token' : 'its organization') },
          { name: 'Version', numeric: true, cell: ({ version }) => version },
        ]}
      />
    </>
  );
}
