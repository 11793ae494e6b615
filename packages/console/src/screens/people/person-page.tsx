/** One person: their account, their role, and what was issued in their name. */
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { User } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { screen } from '../../shell/address.ts';
import { NotHere } from '../../shell/not-here.tsx';
import { useSession } from '../../shell/session.ts';
import { IssuedTable } from '../issued/issued-table.tsx';

export function PersonPage({ id }: { readonly id: string }) {
  const asked = useAsk('GET /admin/v1/users/{id}', { path: { id } });
  return (
    <Asked what="the person" asked={asked} absent={<NotHere />}>
      {(person) => <Person person={person} />}
    </Asked>
  );
}

function Person({ person }: { readonly person: User }) {
  return (
    <>
      <PageHeader
        title={person.display_name}
        above={<Link to={screen('/people')}>People</Link>}
        command={`user get ${person.email}`}
      />
      <dl className="facts">
        <div>
          <dt>Email</dt>
          <dd>
            {person.email} {person.email_verified ? '(confirmed)' : '(not confirmed)'}
          </dd>
        </div>
        <div>
          <dt>User ID</dt>
          <dd>
            <code>{person.id}</code>
          </dd>
        </div>
        <div>
          <dt>Account</dt>
          <dd>{person.status}</dd>
        </div>
        <div>
          <dt>Role</dt>
          <dd>{person.role === 'admin' ? 'operator of this server' : 'member'}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>
            <Moment at={person.created_at} />
          </dd>
        </div>
      </dl>
      <Acts person={person} />
      <section className="section">
        <h2>Tokens in their name</h2>
        <IssuedTable userId={person.id} empty="None was issued in their name." />
      </section>
    </>
  );
}

type Act = 'disable' | 'enable' | 'promote' | 'demote' | 'delete';

const ACTS: Readonly<
  Record<
    Exclude<Act, 'delete'>,
    { verb: string; what: string; body: { status?: User['status']; role?: User['role'] } }
  >
> = {
  disable: {
    verb: 'Disable the account',
    what: 'They are signed out, and every token in their name ends at once. It does not come back.',
    body: { status: 'disabled' },
  },
  enable: {
    verb: 'Enable the account',
    what: 'They may sign in again. Tokens that ended stay ended.',
    body: { status: 'active' },
  },
  promote: {
    verb: 'Make an operator',
    what: 'They may do everything on this server: people, keys, every app and API.',
    body: { role: 'admin' },
  },
  demote: {
    verb: 'Make a member',
    what: 'From their next click on they may do only what organizations let them.',
    body: { role: 'member' },
  },
};

function Acts({ person }: { readonly person: User }) {
  const session = useSession();
  const [act, setAct] = useState<Act>();
  const change = useTell('PATCH /admin/v1/users/{id}');
  const remove = useTell('DELETE /admin/v1/users/{id}');
  const [, go] = useLocation();
  const path = { id: person.id };
  const close = (): void => {
    setAct(undefined);
    change.reset();
    remove.reset();
  };
  if (session?.person.id === person.id) return <p className="note small section">This is you.</p>;
  const offered: readonly Exclude<Act, 'delete'>[] = [
    person.role === 'admin' ? 'demote' : 'promote',
    person.status === 'active' ? 'disable' : 'enable',
  ];
  return (
    <div className="buttons section">
      {offered.map((each) => (
        <button key={each} type="button" className="quiet" onClick={() => setAct(each)}>
          {ACTS[each].verb}
        </button>
      ))}
      <button type="button" className="quiet" onClick={() => setAct('delete')}>
        Delete the account
      </button>
      {act === 'delete' && (
        <Confirm
          title={`Delete ${person.display_name}?`}
          verb="Delete the account"
          busy={remove.isPending}
          problem={remove.error}
          onClose={close}
          onConfirm={() => remove.mutate({ path }, { onSuccess: () => go('/') })}
        >
          <p>The account goes, and everything it holds ends at once. It cannot be taken back.</p>
        </Confirm>
      )}
      {act !== undefined && act !== 'delete' && (
        <ConfirmTell
          title={`${ACTS[act].verb}: ${person.display_name}`}
          verb={ACTS[act].verb}
          tell={change}
          given={{ path, body: ACTS[act].body }}
          onClose={close}
        >
          <p>{ACTS[act].what}</p>
        </ConfirmTell>
      )}
    </div>
  );
}
