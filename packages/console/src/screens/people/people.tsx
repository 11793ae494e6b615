/** People: who has an account here, for operators; and who is in an organization. */
import { Link, Redirect, Route, Switch } from 'wouter';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { NotHere } from '../../shell/not-here.tsx';
import { useSession } from '../../shell/session.ts';
import { Invitations } from './invitations.tsx';
import { Members } from './members.tsx';
import { NewInvitation } from './new-invitation.tsx';
import { NewPerson } from './new-person.tsx';
import { PeopleTabs } from './people-tabs.tsx';
import { PersonPage } from './person-page.tsx';

export default function People() {
  const isOperator = useSession()?.person.role === 'admin';
  return (
    <Switch>
      <Route path="/members">
        <Members />
      </Route>
      <Route path="/invitations">
        <Invitations />
      </Route>
      <Route path="/invitations/new">
        <NewInvitation />
      </Route>
      <Route path="/">{isOperator ? <PersonList /> : <Redirect to="/members" replace />}</Route>
      <Route path="/new">{isOperator ? <NewPerson /> : <NotHere />}</Route>
      <Route path="/:id">{({ id }) => (isOperator ? <PersonPage key={id} id={id} /> : <NotHere />)}</Route>
    </Switch>
  );
}

function PersonList() {
  const list = useList('GET /admin/v1/users', {});
  const add = (
    <Link to="/new" className="button">
      Add a person
    </Link>
  );
  return (
    <>
      <PageHeader
        title="People"
        lead="Everyone who has an account on this server."
        action={add}
        command="user list"
      />
      <PeopleTabs />
      <ListView
        label="people"
        list={list}
        keyOf={(person) => person.id}
        empty={<EmptyState text="Nobody has an account yet.">{add}</EmptyState>}
        columns={[
          {
            name: 'Name',
            cell: (person) => <Link to={`/${encodeURIComponent(person.id)}`}>{person.display_name}</Link>,
          },
          { name: 'Email', cell: (person) => person.email },
          { name: 'Role', cell: (person) => (person.role === 'admin' ? 'operator' : 'member') },
          { name: 'Account', cell: (person) => person.status },
          { name: 'Since', cell: (person) => <Moment at={person.created_at} /> },
        ]}
      />
    </>
  );
}
