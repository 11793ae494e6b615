/** Personal access tokens of everybody whose organization one answers for. */
import { useState } from 'react';
import type { PersonalAccessToken } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { useOwned } from '../../shell/organizations.ts';
import { TokenStateMark } from '../tokens/token-state.tsx';
import { Owner } from './owner.tsx';

export function PersonalTokensOfAll() {
  const [revoking, setRevoking] = useState<PersonalAccessToken>();
  const list = useList('GET /admin/v1/personal-access-tokens', { query: useOwned() });
  return (
    <>
      <ListView
        label="personal access tokens"
        list={list}
        keyOf={(token) => token.id}
        empty={<EmptyState text="Nobody has made a personal access token yet." />}
        columns={[
          { name: 'Token', cell: (token) => token.name },
          { name: 'Hint', cell: (token) => <code>…{token.hint}</code> },
          { name: 'Owner', cell: (token) => <Owner token={token} /> },
          { name: 'State', cell: (token) => <TokenStateMark token={token} /> },
          {
            name: 'Permissions',
            cell: ({ scopes }) => (scopes.length === 0 ? 'none' : scopes.join(' ')),
          },
          {
            name: 'Last used',
            cell: ({ last_used: use }) => (use === undefined ? 'never' : <Moment at={use.at} />),
          },
          {
            name: 'Ends',
            cell: ({ expires_at: at }) => (at === undefined ? 'never' : <Moment at={at} />),
          },
          {
            name: 'What can be done',
            quiet: true,
            cell: (token) =>
              token.status === 'active' || token.status === 'pending' ? (
                <button type="button" className="plain" onClick={() => setRevoking(token)}>
                  Revoke<span className="hidden"> {token.name}</span>
                </button>
              ) : null,
          },
        ]}
      />
      {revoking !== undefined && <Revoke token={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function Revoke({ token, onClose }: { readonly token: PersonalAccessToken; readonly onClose: () => void }) {
  const revoke = useTell('POST /admin/v1/personal-access-tokens/{id}/revoke');
  return (
    <ConfirmTell
      title={`Revoke ${token.name}?`}
      verb="Revoke"
      tell={revoke}
      given={{ path: { id: token.id } }}
      onClose={onClose}
    >
      <p>It is refused from now on, everywhere. Its owner sees that it was revoked.</p>
    </ConfirmTell>
  );
}
