/** Invite a person to an organization: their address, and what they would be there. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Organization } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { RadioField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ChooseOrganization } from '../../shell/choose-organization.tsx';
import { useTeams } from '../../shell/organizations.ts';
import { type OrganizationRole, rolesToGive } from './roles.ts';

export function NewInvitation() {
  const { team } = useTeams();
  return (
    <>
      <PageHeader
        title={team === undefined ? 'Invite a person' : `Invite a person to ${team.name}`}
        above={<Link to="/invitations">Invitations</Link>}
        lead="They get a mail with a link. Whoever has no account yet makes one on the way, where this server lets them."
        command={`organization invitation create ${team?.id ?? 'ORGANIZATION'} --email grace@example.com --role developer`}
      />
      {team === undefined ? <ChooseOrganization /> : <InvitationForm key={team.id} organization={team} />}
    </>
  );
}

function InvitationForm({ organization: { id, may } }: { readonly organization: Organization }) {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<OrganizationRole>('developer');
  const [, go] = useLocation();
  const create = useTell('POST /admin/v1/organizations/{id}/invitations');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ path: { id }, body: { email, role } }, { onSuccess: () => go('/invitations') });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label="Email"
        type="email"
        required
        autoComplete="off"
        value={email}
        onText={setEmail}
        wrong={create.error?.of('email')}
      />
      <RadioField label="Role" value={role} choices={rolesToGive(may)} onChoice={setRole} />
      <FormFoot
        verb="Send the invitation"
        problem={create.error}
        busy={create.isPending}
        cancel="/invitations"
      />
    </form>
  );
}
