/** Access tokens that were issued: what they are, not what they say. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { IssuedToken } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { screen } from '../../shell/address.ts';
import { useOwned } from '../../shell/organizations.ts';

export interface IssuedTableProps {
  readonly userId?: string;
  readonly live?: boolean;
  readonly empty: string;
}

export function IssuedTable({ userId, live, empty }: IssuedTableProps) {
  const [revoking, setRevoking] = useState<IssuedToken>();
  const owned = useOwned();
  const list = useList('GET /admin/v1/tokens', {
    query: { ...owned, ...(userId !== undefined && { user_id: userId }), ...(live === true && { live }) },
  });
  return (
    <>
      <ListView
        label="tokens"
        list={list}
        keyOf={(token) => token.token_id}
        empty={<EmptyState text={empty} />}
        columns={[
          {
            name: 'App',
            cell: ({ client_id: id }) => <Link to={screen(`/apps/${encodeURIComponent(id)}`)}>{id}</Link>,
          },
          {
            name: 'State',
            cell: ({ status }) => <StateMark state={status === 'expired' ? 'ended' : status} />,
          },
          { name: 'Format', cell: ({ format }) => (format === 'opaque' ? format : format.toUpperCase()) },
          { name: 'For', cell: ({ resource }) => resource ?? 'this server' },
          { name: 'Permissions', cell: ({ scopes }) => (scopes.length === 0 ? 'none' : scopes.join(' ')) },
          { name: 'Issued', cell: (token) => <Moment at={token.issued_at} /> },
          { name: 'Ends', cell: (token) => <Moment at={token.expires_at} /> },
          {
            name: 'What can be done',
            quiet: true,
            cell: (token) =>
              token.status === 'live' ? (
                <button type="button" className="plain" onClick={() => setRevoking(token)}>
                  Revoke<span className="hidden"> the token of {token.client_id}</span>
                </button>
              ) : null,
          },
        ]}
      />
      {revoking !== undefined && <Revoke token={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function Revoke({ token, onClose }: { readonly token: IssuedToken; readonly onClose: () => void }) {
  const revoke = useTell('POST /admin/v1/tokens/{token_id}/revoke');
  return (
    <ConfirmTell
      title="Revoke this token?"
      verb="Revoke"
      tell={revoke}
      given={{ path: { token_id: token.token_id } }}
      onClose={onClose}
    >
      <p>
        It was issued to <code>{token.client_id}</code>. APIs refuse it within a second. The app may ask for
        another: disable the app if it must not.
      </p>
    </ConfirmTell>
  );
}
