/** The organization that the screens are about: they list what is its, and what they make becomes its. */
import { createContext, useContext } from 'react';
import type { Organization } from '../api/described.ts';

/** What a person can do to what an organization owns. */
export type Action = Organization['may'][number];

export interface Organizations {
  readonly all: readonly Organization[];
  /** Undefined: all of them at once. */
  readonly chosen: Organization | undefined;
  /** @param id of one; empty for all of them */
  readonly choose: (id: string) => void;
}

export const OrganizationsContext = createContext<Organizations>({
  all: [],
  chosen: undefined,
  choose: () => undefined,
});

export function useOrganizations(): Organizations {
  return useContext(OrganizationsContext);
}

/** Whether the person may do it in the organization that is chosen; else in any. */
export function mayIn({ all, chosen }: Pick<Organizations, 'all' | 'chosen'>, action: Action): boolean {
  return (chosen === undefined ? all : [chosen]).some(({ may }) => may.includes(action));
}

export function useMay(action: Action): boolean {
  return mayIn(useOrganizations(), action);
}

/** For the query of a list: what is the chosen organization's. */
export function useOwned(): { readonly organization_id?: string } {
  const { chosen } = useOrganizations();
  return chosen === undefined ? {} : { organization_id: chosen.id };
}

/** For the command that lists the same. */
export function useOwnedFlag(): string {
  const { chosen } = useOrganizations();
  return chosen === undefined ? '' : ` --organization ${chosen.id}`;
}

function isTeam({ kind }: Organization): boolean {
  return kind !== 'personal';
}

/** Whether the person may do it in an organization of several people, as far as one is chosen in that one. */
export function mayInTeam({ all, chosen }: Pick<Organizations, 'all' | 'chosen'>, action: Action): boolean {
  return mayIn({ all: all.filter(isTeam), chosen: chosen && isTeam(chosen) ? chosen : undefined }, action);
}

/** The organizations of several people, and the one that a screen is about: the chosen one, or the only one. */
export function useTeams(): {
  readonly teams: readonly Organization[];
  readonly team: Organization | undefined;
} {
  const { all, chosen } = useOrganizations();
  const teams = all.filter(isTeam);
  return {
    teams,
    team: teams.find(({ id }) => id === chosen?.id) ?? (teams.length === 1 ? teams[0] : undefined),
  };
}

export function nameOf({ kind, name }: Organization): string {
  return kind === 'personal' ? 'Personal' : name;
}
