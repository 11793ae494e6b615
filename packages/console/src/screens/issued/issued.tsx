/** Issued tokens; those that people asked for and somebody has to approve; and the rules for them. */
import { Route, Switch, useLocation } from 'wouter';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useTeams } from '../../shell/organizations.ts';
import { Awaiting } from './awaiting.tsx';
import { IssuedTable } from './issued-table.tsx';
import { PersonalTokensOfAll } from './personal-tokens-of-all.tsx';
import { TokenRules } from './token-rules.tsx';

const TABS = [
  { to: '/', name: 'Live', command: 'token list --live' },
  { to: '/all', name: 'All', command: 'token list' },
  { to: '/personal', name: 'Personal', command: 'pat list --all' },
  { to: '/awaiting', name: 'Awaiting approval', command: 'pat list --all --status pending' },
  { to: '/rules', name: 'Token rules', command: 'organization token-rules get', isOfTeam: true },
] as const;

export default function Issued() {
  const [location] = useLocation();
  const { team } = useTeams();
  const { command, ...tab } = TABS.find(({ to }) => to === location) ?? TABS[0];
  return (
    <>
      <PageHeader
        title="Issued tokens"
        lead="What was handed out. The tokens themselves are not kept, so nobody can read them here."
        command={'isOfTeam' in tab ? `${command} ${team?.id ?? 'ORGANIZATION'}` : command}
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
        <Route path="/rules">
          <TokenRules />
        </Route>
      </Switch>
    </>
  );
}
