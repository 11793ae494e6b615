/** Which organization the screens are about. Whoever has one alone has nothing to choose. */
import { announce } from './live-region.ts';
import { nameOf, useOrganizations } from './organizations.ts';

export function OrganizationSwitch() {
  const { all, chosen, choose } = useOrganizations();
  if (all.length < 2) return null;
  return (
    <select
      className="organization"
      aria-label="Organization"
      value={chosen?.id ?? ''}
      onChange={({ target }) => {
        choose(target.value);
        announce(`Now about ${target.selectedOptions[0]?.text ?? 'all organizations'}`);
      }}
    >
      <option value="">All organizations</option>
      {all.map((each) => (
        <option key={each.id} value={each.id}>
          {nameOf(each)}
        </option>
      ))}
    </select>
  );
}
