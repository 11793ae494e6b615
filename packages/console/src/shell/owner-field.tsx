/** Who will own what is made: the chosen organization, unless somebody says otherwise. */
import { useState } from 'react';
import type { Organization } from '../api/described.ts';
import { SelectField } from '../parts/field.tsx';
import { type Action, nameOf, useOrganizations } from './organizations.ts';

export interface Owner {
  readonly choices: readonly Organization[];
  readonly owner: Organization | undefined;
  readonly pick: (id: string) => void;
}

/** @param action that makes it */
export function useOwner(action: Action): Owner {
  const { all, chosen } = useOrganizations();
  const [picked, pick] = useState<string>();
  const choices = all.filter(({ may }) => may.includes(action));
  const wanted = picked ?? chosen?.id;
  return { choices, owner: choices.find(({ id }) => id === wanted) ?? choices[0], pick };
}

/** For the command that makes the same: for whom, where there is a choice. */
export function ownerFlag({ choices, owner }: Owner): string {
  return owner === undefined || choices.length < 2 ? '' : ` --organization ${owner.id}`;
}

export function OwnerField({ choices, owner, pick }: Owner) {
  if (owner === undefined || choices.length < 2) return null;
  return (
    <SelectField
      label="Belongs to"
      hint="The organization whose members look after it."
      value={owner.id}
      choices={choices.map((each) => ({ value: each.id, text: nameOf(each) }))}
      onChoice={pick}
    />
  );
}
