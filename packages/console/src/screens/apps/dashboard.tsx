/** An app at a glance: its first token, what it was refused and why, and its newest tokens. */
import { fixOf } from '@tessera/cli/fixes';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Client, Refusal } from '../../api/described.ts';
import { useAsk, useList } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { screen } from '../../shell/address.ts';
import { asksForItself, hasSecrets } from './app-kinds.ts';
import { FirstToken, SignInCommand } from './first-token.tsx';
import { forgetFreshSecret, freshSecretOf } from './fresh-secret.ts';
import { NewSecretShown } from './new-secret-shown.tsx';

/** Calls appear within a second or two. */
const EVERY_MS = 2000;

export function Dashboard({ app }: { readonly app: Client }) {
  const [fresh, setFresh] = useState(() => freshSecretOf(app.client_id));
  return (
    <>
      {fresh !== undefined && (
        <NewSecretShown
          app={app}
          secret={fresh}
          onDone={() => {
            forgetFreshSecret(app.client_id);
            setFresh(undefined);
          }}
        />
      )}
      <section>
        <h2>First token</h2>
        <div className="flow">
          {asksForItself(app) && hasSecrets(app) && <FirstToken app={app} />}
          {app.grant_types.includes('authorization_code') && <SignInCommand app={app} />}
          {app.grant_types.length === 0 && (
            <p>It asks for no tokens: it serves an API, and looks up the tokens that others send.</p>
          )}
        </div>
      </section>
      <section className="section">
        <h2>Refused lately</h2>
        <Refused clientId={app.client_id} />
      </section>
      <section className="section">
        <h2>Newest tokens</h2>
        <NewestTokens clientId={app.client_id} />
      </section>
    </>
  );
}

function Refused({ clientId }: { readonly clientId: string }) {
  const asked = useAsk(
    'GET /admin/v1/refusals',
    { query: { client_id: clientId, limit: 5 } },
    { every: EVERY_MS },
  );
  return (
    <Asked what="refusals" asked={asked}>
      {({ items }) => <RefusalList refusals={items} />}
    </Asked>
  );
}

function RefusalList({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) {
    return <EmptyState text="Nothing refused. Calls appear here within a second." />;
  }
  return (
    <ul className="refusals">
      {refusals.map((refusal) => (
        <li key={refusal.request_id}>
          <p className="refusal-what">
            <StateMark state="refused" word={`${refusal.status} ${refusal.error}`} />
            <code>
              {refusal.method} {refusal.path}
            </code>
            <Moment at={refusal.at} />
          </p>
          <p>{refusal.description.replace(/\.$/, '')}.</p>
          <p>
            <strong>Fix:</strong> {fixOf(refusal)}
            {refusal.detail === 'redirect_uri_unregistered' && (
              <>
                {' '}
                <Link to="/redirects">Compare what came with what is registered</Link>.
              </>
            )}
          </p>
          <p className="small muted">
            <code>tessera why {refusal.request_id}</code>
          </p>
        </li>
      ))}
    </ul>
  );
}

function NewestTokens({ clientId }: { readonly clientId: string }) {
  const list = useList(
    'GET /admin/v1/tokens',
    { query: { client_id: clientId, limit: 10 } },
    { every: EVERY_MS },
  );
  return (
    <ListView
      label="tokens"
      list={{ ...list, hasMore: false }}
      keyOf={(token) => token.token_id}
      empty={<EmptyState text="No tokens yet. The command above gets the first one." />}
      columns={[
        { name: 'Issued', cell: (token) => <Moment at={token.issued_at} /> },
        {
          name: 'State',
          cell: ({ status }) => <StateMark state={status === 'expired' ? 'ended' : status} />,
        },
        { name: 'For', cell: ({ resource }) => resource ?? 'this server' },
        { name: 'Permissions', cell: ({ scopes }) => (scopes.length === 0 ? 'none' : scopes.join(' ')) },
        {
          name: 'Person',
          cell: ({ user_id: userId }) =>
            userId === undefined ? (
              'none'
            ) : (
              <Link to={screen(`/people/${encodeURIComponent(userId)}`)}>{userId}</Link>
            ),
        },
        { name: 'Ends', cell: (token) => <Moment at={token.expires_at} /> },
      ]}
    />
  );
}
