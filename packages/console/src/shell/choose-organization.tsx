/** On a screen about one organization of several people, where none is chosen yet. */
import { EmptyState } from '../parts/empty-state.tsx';
import { SelectField } from '../parts/field.tsx';
import { nameOf, useOrganizations, useTeams } from './organizations.ts';

const NONE = '';

export function ChooseOrganization() {
  const { choose } = useOrganizations();
  const { teams } = useTeams();
  if (teams.length === 0) return <EmptyState text="You are in no organization of several people yet." />;
  return (
    <div className="form">
      <SelectField
        label="About which organization?"
        hint="The switch in the header chooses for every screen."
        value={NONE}
        choices={[
          { value: NONE, text: 'Choose one' },
          ...teams.map((each) => ({ value: each.id, text: nameOf(each) })),
        ]}
        onChoice={choose}
      />
    </div>
  );
}
