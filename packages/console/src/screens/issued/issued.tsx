/** Issued tokens; and those that people asked for and somebody has to approve. */
import { Route, Switch } from 'wouter';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Awaiting } from './awaiting.tsx';
import { IssuedTable } from './issued-table.tsx';
import { PersonalTokensOfAll } from './personal-tokens-of-all.tsx';

const TABS = [
  { to: '/', name: 'Live' },
  { to: '/all', name: 'All' },
  { to: '/personal', name: 'Personal' },
  { to: '/awaiting', name: 'Awaiting approval' },
];

export default function Issued() {
  return (
    <>
      <PageHeader
        title="Issued tokens"
        lead="What was handed out. The tokens themselves are not kept, so nobody can read them here."
        command="token list"
      />
      <Tabs label="Issued tokens" tabs={TABS} />
      <Switch>
        <Route path="/">
          <IssuedTable live empty="No token is live. They appear here as apps get them." />
        </Route>
        <Route path="/all">
          <IssuedTable empty="No tokens yet. Register an app; the first token takes a minute." />
        </Route>
        <Route path="/personal">
          <PersonalTokensOfAll />
        </Route>
        <Route path="/awaiting">
          <Awaiting />
        </Route>
      </Switch>
    </>
  );
}
