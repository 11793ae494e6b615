/** What Ctrl-K looks through: the entries, and what the person may see of the chosen organization, or of all. */
import { useAsk } from '../api/use-api.ts';
import type { Entry } from './entries.ts';
import { useMay, useOrganizations, useOwned, useTeams } from './organizations.ts';
import { useSession } from './session.ts';

export interface Found {
  readonly name: string;
  /** What kind of thing it is. */
  readonly what: string;
  readonly to: string;
}

type Findable = Found & { readonly words: string };

const SHOWN = 12;

export function useFound(text: string, entries: readonly Entry[]): readonly Found[] {
  const things = [
    ...entries.map(({ name, path, group, alsoCalled }) => ({
      name,
      what: group,
      to: path,
      words: alsoCalled,
    })),
    ...useOwnedThings(entries),
    ...usePeople(),
  ];
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return things
    .filter(({ name, what, words }) => {
      const all = `${name} ${what} ${words}`.toLowerCase();
      return wanted.every((word) => all.includes(word));
    })
    .slice(0, SHOWN);
}

const AS_MANY_AS_ONE_PAGE_HOLDS = { limit: 200 };

function useOwnedThings(entries: readonly Entry[]): readonly Findable[] {
  const query = { ...AS_MANY_AS_ONE_PAGE_HOLDS, ...useOwned() };
  const has = (wanted: string): boolean => entries.some(({ path }) => path === wanted);
  const apps = useAsk('GET /admin/v1/clients', { query }, { when: has('/apps') });
  const apis = useAsk('GET /admin/v1/resources', { query }, { when: has('/apis') });
  return [
    ...(apps.data?.items ?? []).map(({ client_name: name, client_id: id }) => ({
      name,
      what: `App · ${id}`,
      to: `/apps/${encodeURIComponent(id)}`,
      words: id,
    })),
    ...(apis.data?.items ?? []).map(({ name, identifier, id }) => ({
      name,
      what: `API · ${identifier}`,
      to: `/apis/${encodeURIComponent(id)}`,
      words: identifier,
    })),
  ];
}

/** Of the chosen organization its members; of all at once, everybody, for whoever runs the server. */
function usePeople(): readonly Findable[] {
  const { chosen } = useOrganizations();
  const { team } = useTeams();
  const isOperator = useSession()?.person.role === 'admin';
  const ofTeam = team !== undefined && (chosen !== undefined || !isOperator);
  const seesMembers = useMay('member.read') && ofTeam;
  const members = useAsk(
    'GET /admin/v1/organizations/{id}/members',
    { path: { id: team?.id ?? '' }, query: AS_MANY_AS_ONE_PAGE_HOLDS },
    { when: seesMembers },
  );
  const everybody = useAsk(
    'GET /admin/v1/users',
    { query: AS_MANY_AS_ONE_PAGE_HOLDS },
    { when: isOperator && chosen === undefined },
  );
  const people = seesMembers
    ? (members.data?.items ?? []).map((member) => ({ ...member, id: member.user_id }))
    : (everybody.data?.items ?? []);
  return people.map(({ id, display_name: name, email }) => ({
    name,
    what: `Person · ${email}`,
    to: isOperator ? `/people/${encodeURIComponent(id)}` : '/people/members',
    words: email,
  }));
}
