/** Asks which organizations there are for this person, and remembers in this browser which one was chosen. */
import { type ReactNode, useState } from 'react';
import type { Organization } from '../api/described.ts';
import { useAsk } from '../api/use-api.ts';
import { Loading } from '../parts/loading.tsx';
import { ProblemBox } from '../parts/problem-box.tsx';
import { OrganizationsContext } from './organizations.ts';
import type { Person } from './session.ts';

const KEPT_AS = 'tessera.organization';

export interface WithOrganizationsProps {
  readonly person: Person;
  readonly children: ReactNode;
}

export function WithOrganizations({ person, children }: WithOrganizationsProps) {
  const [chosenId, setChosenId] = useState(() => localStorage.getItem(KEPT_AS) ?? '');
  const isOperator = person.role === 'admin';
  const own = useAsk('GET /account/v1/organizations', {});
  // Operators answer for every organization, but for those of one person.
  const first = useAsk('GET /admin/v1/organizations', { query: { kind: 'default' } }, { when: isOperator });
  const teams = useAsk(
    'GET /admin/v1/organizations',
    { query: { kind: 'team', limit: 200 } },
    { when: isOperator },
  );
  const lists = isOperator ? [first, own, teams] : [own];
  const failed = lists.find(({ error }) => error !== null);
  if (lists.some(({ data }) => data === undefined)) {
    return (
      <main className="alone">
        {failed?.error === undefined || failed.error === null ? (
          <Loading what="your organizations" />
        ) : (
          <ProblemBox problem={failed.error} retry={() => void failed.refetch()} />
        )}
      </main>
    );
  }
  const all = once(lists.flatMap(({ data }) => data?.items ?? []));
  const choose = (id: string): void => {
    localStorage.setItem(KEPT_AS, id);
    setChosenId(id);
  };
  // Somebody may have left it since, or another person signed in here before.
  const chosen = all.length > 1 ? all.find(({ id }) => id === chosenId) : undefined;
  return <OrganizationsContext value={{ all, chosen, choose }}>{children}</OrganizationsContext>;
}

function once(organizations: readonly Organization[]): readonly Organization[] {
  return [...new Map(organizations.map((each) => [each.id, each])).values()];
}
