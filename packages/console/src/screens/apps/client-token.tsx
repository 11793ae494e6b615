/** The client token of an app: it names the app, opens app-level calls, and is no secret. */
import { useState } from 'react';
import type { Client, ClientToken } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { RadioField } from '../../parts/field.tsx';
import { Moment, relativeTime, useNow } from '../../parts/moment.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { TokenTile } from '../../parts/token-tile.tsx';

export function ClientTokenSection({ app }: { readonly app: Client }) {
  const path = { id: app.client_id };
  const asked = useAsk('GET /admin/v1/clients/{id}/client-token', { path });
  const make = useTell('POST /admin/v1/clients/{id}/client-token');
  const isNone = asked.error?.status === 404;
  return (
    <section className="section">
      <h2>Client token</h2>
      <div className="flow">
        <p className="page-lead muted">
          A public token that the app may ship: it says which app calls, and opens only what an API allows to
          apps. It is neither a secret nor an access token, and never opens a person’s data.
        </p>
        {isNone && (
          <EmptyState text="No client token yet.">
            <button
              type="button"
              disabled={make.isPending || app.built_in}
              onClick={() => make.mutate({ path, body: {} })}
            >
              Make a client token
            </button>
            <code>tessera app client-token reset {app.client_id}</code>
          </EmptyState>
        )}
        {make.error !== null && <ProblemBox problem={make.error} />}
        {!isNone && (
          <Asked what="the client token" asked={asked}>
            {(token) => <Existing app={app} token={token} />}
          </Asked>
        )}
      </div>
    </section>
  );
}

function Existing({ app, token }: { readonly app: Client; readonly token: ClientToken }) {
  const [asking, setAsking] = useState<'reset' | 'delete'>();
  const { client_token: value, hint, created_at: made, last_used_at: used, previous } = token;
  const close = (): void => setAsking(undefined);
  return (
    <>
      <TokenTile
        prefix="tsr_ct_"
        end={hint}
        format="opaque"
        state="live"
        facts={
          <>
            made <Moment at={made} />,{' '}
            {used === undefined ? (
              'never used'
            ) : (
              <>
                used <Moment at={used} />
              </>
            )}
          </>
        }
      />
      {previous !== undefined && (
        <p className="small">
          The one before, …{previous.hint}, ends <Moment at={previous.ends_at} />
          {previous.last_used_at !== undefined && (
            <>
              {' '}
              and was last used <Moment at={previous.last_used_at} />
            </>
          )}
          .
        </p>
      )}
      <p className="once">
        <code>{value}</code>
        <CopyButton text={value} what="client token" />
      </p>
      <CodeBlock
        caption="Use it"
        code={`curl -H 'Authorization: Bearer ${value}' https://your-api.example/`}
      />
      <div className="buttons">
        <button type="button" onClick={() => setAsking('reset')}>
          Reset
        </button>
        <button type="button" className="quiet" onClick={() => setAsking('delete')}>
          Delete
        </button>
      </div>
      {asking === 'reset' && <Reset app={app} token={token} onClose={close} />}
      {asking === 'delete' && <Delete app={app} token={token} onClose={close} />}
    </>
  );
}

interface AskProps {
  readonly app: Client;
  readonly token: ClientToken;
  readonly onClose: () => void;
}

const OVERLAPS = [
  { value: '604800', text: 'In 7 days', hint: 'Time to ship the new one.' },
  { value: '86400', text: 'In 24 hours' },
  { value: '0', text: 'Now', hint: 'Whoever still sends the old one is refused.' },
] as const;

function Reset({ app, token, onClose }: AskProps) {
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('604800');
  const reset = useTell('POST /admin/v1/clients/{id}/client-token');
  return (
    <ConfirmTell
      title="Reset the client token?"
      verb="Reset"
      tell={reset}
      given={{ path: { id: app.client_id }, body: { overlap: Number(overlap) } }}
      onClose={onClose}
    >
      <LastUse token={token} />
      <RadioField label="The old one ends" value={overlap} choices={OVERLAPS} onChoice={setOverlap} />
    </ConfirmTell>
  );
}

function Delete({ app, token, onClose }: AskProps) {
  const remove = useTell('DELETE /admin/v1/clients/{id}/client-token');
  return (
    <ConfirmTell
      title="Delete the client token?"
      verb="Delete"
      tell={remove}
      given={{ path: { id: app.client_id } }}
      onClose={onClose}
    >
      <LastUse token={token} />
      <p>It is refused from now on. The app’s own credentials and its people’s tokens stay as they are.</p>
    </ConfirmTell>
  );
}

function LastUse({ token: { last_used_at: at } }: { readonly token: ClientToken }) {
  const now = useNow(10_000);
  return (
    <p>{at === undefined ? 'It was never used.' : `The old one was last used ${relativeTime(at, now)}.`}</p>
  );
}
