/** The members of an organization: who is in it, and as what. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { Member, Organization } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { RadioField } from '../../parts/field.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ChooseOrganization } from '../../shell/choose-organization.tsx';
import { useTeams } from '../../shell/organizations.ts';
import { useSession } from '../../shell/session.ts';
import { PeopleTabs } from './people-tabs.tsx';
import { rolesToGive } from './roles.ts';

export function Members() {
  const { team } = useTeams();
  return (
    <>
      <PageHeader
        title="People"
        windowTitle="Members"
        lead={`Who is in ${team?.name ?? 'an organization'}, and what they may do there. A role counts from the next click on.`}
        action={<Invite organization={team} />}
        command={`organization member list ${team?.id ?? 'ORGANIZATION'}`}
      />
      <PeopleTabs />
      {team === undefined ? <ChooseOrganization /> : <MemberTable key={team.id} organization={team} />}
    </>
  );
}

export function Invite({ organization }: { readonly organization: Organization | undefined }) {
  if (organization?.may.includes('invitation.manage') !== true) return null;
  return (
    <Link to="/invitations/new" className="button">
      Invite a person
    </Link>
  );
}

type Asking = { readonly what: 'role' | 'remove' | 'leave'; readonly member: Member };

function MemberTable({ organization }: { readonly organization: Organization }) {
  const [asking, setAsking] = useState<Asking>();
  const list = useList('GET /admin/v1/organizations/{id}/members', { path: { id: organization.id } });
  const close = (): void => setAsking(undefined);
  return (
    <>
      <ListView
        label="members"
        list={list}
        keyOf={(member) => member.user_id}
        empty={
          <EmptyState text="Nobody is in this organization yet. Whoever accepts an invitation stands here.">
            <Invite organization={organization} />
          </EmptyState>
        }
        columns={[
          { name: 'Name', cell: (member) => <MemberName member={member} /> },
          { name: 'Email', cell: (member) => member.email },
          { name: 'Role', cell: (member) => member.role },
          { name: 'Since', cell: (member) => <Moment at={member.created_at} /> },
          {
            name: 'Actions',
            quiet: true,
            cell: (member) => (
              <Actions
                organization={organization}
                member={member}
                onAsk={(what) => setAsking({ what, member })}
              />
            ),
          },
        ]}
      />
      {asking?.what === 'role' && (
        <ChangeRole organization={organization} member={asking.member} onClose={close} />
      )}
      {asking !== undefined && asking.what !== 'role' && (
        <Remove organization={organization} {...asking} what={asking.what} onClose={close} />
      )}
    </>
  );
}

function MemberName({ member: { user_id: id, display_name: name } }: { readonly member: Member }) {
  const person = useSession()?.person;
  if (person?.role === 'admin') return <Link to={`/${encodeURIComponent(id)}`}>{name}</Link>;
  return (
    <>
      {name}
      {person?.id === id && <span className="badge">you</span>}
    </>
  );
}

interface ActionsProps {
  readonly organization: Organization;
  readonly member: Member;
  readonly onAsk: (what: Asking['what']) => void;
}

function Actions({ organization: { may }, member, onAsk }: ActionsProps) {
  const isSelf = useSession()?.person.id === member.user_id;
  const manages = may.includes(member.role === 'owner' ? 'owner.manage' : 'member.manage');
  const of = <span className="hidden"> {member.display_name}</span>;
  return (
    <>
      {manages && (
        <button type="button" className="plain" onClick={() => onAsk('role')}>
          Change the role{of}
        </button>
      )}
      {manages && !isSelf && (
        <button type="button" className="plain" onClick={() => onAsk('remove')}>
          Remove{of}
        </button>
      )}
      {isSelf && (
        <button type="button" className="plain" onClick={() => onAsk('leave')}>
          Leave
        </button>
      )}
    </>
  );
}

interface AboutMember {
  readonly organization: Organization;
  readonly member: Member;
  readonly onClose: () => void;
}

function ChangeRole({ organization, member, onClose }: AboutMember) {
  const [role, setRole] = useState(member.role);
  const change = useTell('PATCH /admin/v1/organizations/{id}/members/{user_id}');
  const path = { id: organization.id, user_id: member.user_id };
  return (
    <Confirm
      title={`The role of ${member.display_name}`}
      verb="Change the role"
      busy={change.isPending || role === member.role}
      problem={change.error}
      onClose={onClose}
      onConfirm={() => change.mutate({ path, body: { role } }, { onSuccess: onClose })}
    >
      <RadioField
        label={`In ${organization.name}`}
        value={role}
        choices={rolesToGive(organization.may)}
        onChoice={setRole}
      />
    </Confirm>
  );
}

function Remove({
  organization,
  member,
  what,
  onClose,
}: AboutMember & { readonly what: 'remove' | 'leave' }) {
  const remove = useTell('DELETE /admin/v1/organizations/{id}/members/{user_id}');
  const leave = useTell('DELETE /account/v1/organizations/{id}');
  const used = what === 'leave' ? leave : remove;
  const { id } = organization;
  const confirm = (): void => {
    if (what === 'leave') leave.mutate({ path: { id } }, { onSuccess: onClose });
    else remove.mutate({ path: { id, user_id: member.user_id } }, { onSuccess: onClose });
  };
  return (
    <Confirm
      title={
        what === 'leave'
          ? `Leave ${organization.name}?`
          : `Remove ${member.display_name} from ${organization.name}?`
      }
      verb={what === 'leave' ? 'Leave' : 'Remove'}
      busy={used.isPending}
      problem={used.error}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>
        {what === 'leave' ? 'You may do nothing there' : 'They may do nothing there'} from now on. Apps and
        APIs that {what === 'leave' ? 'you' : 'they'} made stay. Another invitation leads back.
      </p>
    </Confirm>
  );
}
