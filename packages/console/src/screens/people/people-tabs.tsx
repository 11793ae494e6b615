/** Everybody on this server, for whoever runs it; and who is in an organization, or is asked to be. */
import { Tabs } from '../../parts/tabs.tsx';
import { mayInTeam, useOrganizations } from '../../shell/organizations.ts';
import { useSession } from '../../shell/session.ts';

export function PeopleTabs() {
  const isOperator = useSession()?.person.role === 'admin';
  const invites = mayInTeam(useOrganizations(), 'invitation.read');
  return (
    <Tabs
      label="People"
      tabs={[
        ...(isOperator ? [{ to: '/', name: 'Everyone' }] : []),
        { to: '/members', name: 'Members' },
        ...(invites ? [{ to: '/invitations', name: 'Invitations' }] : []),
      ]}
    />
  );
}
