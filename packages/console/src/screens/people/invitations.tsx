/** Who is asked to join an organization, by mail. */
import { useState } from 'react';
import type { Invitation, Organization } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ChooseOrganization } from '../../shell/choose-organization.tsx';
import { useTeams } from '../../shell/organizations.ts';
import { Invite } from './members.tsx';
import { PeopleTabs } from './people-tabs.tsx';

export function Invitations() {
  const { team } = useTeams();
  return (
    <>
      <PageHeader
        title="People"
        windowTitle="Invitations"
        lead={`Who is asked to join ${team?.name ?? 'an organization'}. The link is in the mail and nowhere else, is good for a week, and only for that address.`}
        action={<Invite organization={team} />}
        command={`organization invitation list ${team?.id ?? 'ORGANIZATION'}`}
      />
      <PeopleTabs />
      {team === undefined ? <ChooseOrganization /> : <InvitationTable key={team.id} organization={team} />}
    </>
  );
}

function InvitationTable({ organization }: { readonly organization: Organization }) {
  const [ending, setEnding] = useState<Invitation>();
  const list = useList('GET /admin/v1/organizations/{id}/invitations', { path: { id: organization.id } });
  const manages = organization.may.includes('invitation.manage');
  return (
    <>
      <ListView
        label="invitations"
        list={list}
        keyOf={({ id }) => id}
        empty={
          <EmptyState text="No invitation waits. Whoever accepts one becomes a member.">
            <Invite organization={organization} />
          </EmptyState>
        }
        columns={[
          { name: 'Invited', cell: ({ email }) => email },
          { name: 'As', cell: ({ role }) => role },
          { name: 'Sent', cell: ({ created_at: at }) => <Moment at={at} /> },
          { name: 'Ends', cell: ({ expires_at: at }) => <Moment at={at} /> },
          {
            name: 'Actions',
            quiet: true,
            cell: (invitation) =>
              manages && (
                <button type="button" className="plain" onClick={() => setEnding(invitation)}>
                  Take back<span className="hidden"> the invitation of {invitation.email}</span>
                </button>
              ),
          },
        ]}
      />
      {ending !== undefined && (
        <TakeBack organization={organization} invitation={ending} onClose={() => setEnding(undefined)} />
      )}
    </>
  );
}

interface TakeBackProps {
  readonly organization: Organization;
  readonly invitation: Invitation;
  readonly onClose: () => void;
}

function TakeBack({ organization, invitation, onClose }: TakeBackProps) {
  const revoke = useTell('DELETE /admin/v1/organizations/{id}/invitations/{invitation_id}');
  const path = { id: organization.id, invitation_id: invitation.id };
  return (
    <ConfirmTell
      title={`Take back the invitation of ${invitation.email}?`}
      verb="Take back"
      tell={revoke}
      given={{ path }}
      onClose={onClose}
    >
      <p>The link in the mail does nothing from now on.</p>
    </ConfirmTell>
  );
}
