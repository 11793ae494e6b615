/** People: who has an account here. For operators. */
import { Link, Route, Switch } from 'wouter';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { NewPerson } from './new-person.tsx';
import { PersonPage } from './person-page.tsx';

export default function People() {
  return (
    <Switch>
      <Route path="/">
        <PersonList />
      </Route>
      <Route path="/new">
        <NewPerson />
      </Route>
      <Route path="/:id">{({ id }) => <PersonPage key={id} id={id} />}</Route>
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
