/** What happened to one’s own account. */
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';

const WHO = { you: 'you', app: 'an app', somebody: 'somebody' } as const;

export function Activities() {
  const list = useList('GET /account/v1/activity', {});
  return (
    <ListView
      label="events"
      list={list}
      keyOf={(event) => event.id}
      empty={<EmptyState text="Nothing yet. Sign-ins, tokens and what you allow to apps stand here." />}
      columns={[
        { name: 'What', cell: ({ type }) => inWords(type) },
        { name: 'When', cell: (event) => <Moment at={event.at} /> },
        {
          name: 'Outcome',
          cell: ({ outcome, reason }) =>
            outcome === 'success' ? 'done' : `failed${reason === undefined ? '' : `: ${inWords(reason)}`}`,
        },
        { name: 'By', cell: ({ by, client_id: app }) => (by === 'app' && app !== undefined ? app : WHO[by]) },
        { name: 'From', cell: ({ address }) => address ?? '' },
      ]}
    />
  );
}

/** `personal_access_token.created` → `Personal access token created`. */
function inWords(name: string): string {
  const text = name.replaceAll(/[._]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
