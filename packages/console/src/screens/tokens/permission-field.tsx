/** Permissions in words, with the scope beside them; many of them can be searched. */
import { useState } from 'react';
import { CheckBox, TextField } from '../../parts/field.tsx';

export interface PermissionFieldProps {
  readonly scopes: readonly { readonly name: string; readonly description: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  readonly allowAll: boolean;
  readonly wrong?: string | undefined;
}

/** So many are seen at once. */
const FEW = 10;

export function PermissionField({ scopes, chosen, onChange, allowAll, wrong }: PermissionFieldProps) {
  const [search, setSearch] = useState('');
  const [all, setAll] = useState(scopes.length <= FEW);
  const wanted = search.toLowerCase();
  const found = scopes.filter(
    ({ name, description }) =>
      name.toLowerCase().includes(wanted) || description.toLowerCase().includes(wanted),
  );
  const shown = all || search !== '' ? found : found.slice(0, FEW);
  const isEverything = chosen.length === scopes.length && scopes.length > 0;
  return (
    <fieldset>
      <legend>Permissions</legend>
      <p className="hint small muted">
        {chosen.length} of {scopes.length} ticked. Tick what it needs and no more
        {allowAll ? '.' : ': all of them is not allowed here.'}
      </p>
      {scopes.length > FEW && (
        <TextField label="Search permissions" type="search" value={search} onText={setSearch} />
      )}
      <div className="options">
        {shown.map(({ name, description }) => (
          <CheckBox
            key={name}
            text={description}
            hint={<code>{name}</code>}
            checked={chosen.includes(name)}
            onCheck={(on) => onChange(on ? [...chosen, name] : chosen.filter((each) => each !== name))}
          />
        ))}
      </div>
      {!all && search === '' && (
        <p>
          <button type="button" className="plain" onClick={() => setAll(true)}>
            Show all scopes
          </button>
        </p>
      )}
      {(wrong !== undefined || (isEverything && !allowAll)) && (
        <p className="wrong small" role="alert">
          {wrong ?? 'Not all permissions of an API at once: untick what it can do without.'}
        </p>
      )}
    </fieldset>
  );
}
