/** Personal access tokens: active, expired, revoked. */
import { type ReactNode, useState } from 'react';
import { Link, Route, Switch } from 'wouter';
import type { PersonalAccessToken } from '../../api/described.ts';
import { useList } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { EditToken, RegenerateToken, RevokeToken } from './change-token.tsx';
import { NewToken } from './new-token.tsx';
import { TokenStateMark } from './token-state.tsx';

export default function PersonalTokens() {
  return (
    <Switch>
      <Route path="/">
        <TokenList status="active" />
      </Route>
      <Route path="/expired">
        <TokenList status="expired" />
      </Route>
      <Route path="/revoked">
        <TokenList status="revoked" />
      </Route>
      <Route path="/new">
        <NewToken />
      </Route>
    </Switch>
  );
}

type Shown = 'active' | 'expired' | 'revoked';

const EMPTY: Readonly<Record<Shown, string>> = {
  active: 'A token for your scripts. It can do no more than you, and stops when you say.',
  expired: 'None has expired.',
  revoked: 'None was revoked.',
};

function TokenList({ status }: { readonly status: Shown }) {
  const list = useList('GET /account/v1/personal-access-tokens', { query: { status } });
  const pending = useList('GET /account/v1/personal-access-tokens', { query: { status: 'pending' } });
  const add = (
    <Link to="/new" className="button">
      + New token
    </Link>
  );
  return (
    <>
      <PageHeader
        title="Personal access tokens"
        lead="For scripts and command lines that act as you. Treat them like passwords."
        action={add}
        command="pat list"
      />
      <Tabs
        label="Personal access tokens"
        tabs={[
          { to: '/', name: 'Active' },
          { to: '/expired', name: 'Expired' },
          { to: '/revoked', name: 'Revoked' },
        ]}
      />
      {status === 'active' && (pending.items?.length ?? 0) > 0 && (
        <section className="section-first">
          <h2>Waiting for approval</h2>
          <TokenTable list={pending} status={status} empty={null} />
        </section>
      )}
      <TokenTable
        list={list}
        status={status}
        empty={
          <EmptyState text={EMPTY[status]}>
            {status === 'active' && (
              <>
                {add}
                <code>tessera pat create</code>
              </>
            )}
          </EmptyState>
        }
      />
    </>
  );
}

interface TokenTableProps {
  readonly list: ReturnType<typeof useList<'GET /account/v1/personal-access-tokens'>>;
  readonly status: Shown;
  readonly empty: ReactNode;
}

type Asking = { readonly what: 'edit' | 'regenerate' | 'revoke'; readonly token: PersonalAccessToken };

function TokenTable({ list, status, empty }: TokenTableProps) {
  const [asking, setAsking] = useState<Asking>();
  const close = (): void => setAsking(undefined);
  return (
    <>
      <ListView
        label="tokens"
        list={list}
        keyOf={(token) => token.id}
        empty={empty}
        columns={[
          { name: 'Name', cell: ({ name }) => name },
          { name: 'Token', cell: ({ hint }) => <code>tsr_pat_…{hint}</code> },
          { name: 'State', cell: (token) => <TokenStateMark token={token} /> },
          { name: 'API', cell: ({ resource }) => resource ?? 'gone' },
          { name: 'Permissions', cell: ({ scopes }) => <Scopes scopes={scopes} /> },
          { name: 'Last used', cell: (token) => <LastUsed token={token} /> },
          {
            name: status === 'revoked' ? 'Revoked' : 'Ends',
            cell: ({ expires_at: at, revoked_at: revoked }) => {
              const when = revoked ?? at;
              return when === undefined ? 'never' : <Moment at={when} />;
            },
          },
          {
            name: 'Actions',
            quiet: true,
            cell: (token) =>
              token.status === 'revoked' ? null : (
                <Actions token={token} onAsk={(what) => setAsking({ what, token })} />
              ),
          },
        ]}
      />
      {asking?.what === 'edit' && <EditToken token={asking.token} onClose={close} />}
      {asking?.what === 'regenerate' && <RegenerateToken token={asking.token} onClose={close} />}
      {asking?.what === 'revoke' && <RevokeToken token={asking.token} onClose={close} />}
    </>
  );
}

function Actions({
  token,
  onAsk,
}: {
  readonly token: PersonalAccessToken;
  readonly onAsk: (what: Asking['what']) => void;
}) {
  const of = <span className="hidden"> {token.name}</span>;
  const isOver = token.status === 'expired';
  return (
    <>
      {!isOver && (
        <button type="button" className="plain" onClick={() => onAsk('edit')}>
          Edit{of}
        </button>
      )}
      {token.regenerated_at === undefined && (
        <button type="button" className="plain" onClick={() => onAsk('regenerate')}>
          Regenerate{of}
        </button>
      )}
      {!isOver && (
        <button type="button" className="plain" onClick={() => onAsk('revoke')}>
          Revoke{of}
        </button>
      )}
    </>
  );
}

function Scopes({ scopes }: { readonly scopes: readonly string[] }) {
  const [only] = scopes;
  if (only === undefined) return 'none';
  if (scopes.length === 1) return <code>{only}</code>;
  return (
    <details>
      <summary>{scopes.length} permissions</summary>
      <code>{scopes.join(' ')}</code>
    </details>
  );
}

function LastUsed({ token: { last_used: use } }: { readonly token: PersonalAccessToken }) {
  if (use === undefined) return 'never';
  return (
    <>
      <Moment at={use.at} />
      {use.address !== undefined && ` from ${use.address}`}
    </>
  );
}
