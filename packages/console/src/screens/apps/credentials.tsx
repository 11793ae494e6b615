/** The credentials of an app: its id, and its secrets as a list, so that rotating one leaves no gap. */
import { useState } from 'react';
import type { Client, ClientSecret, CreatedClientSecret } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Moment, relativeTime, useNow } from '../../parts/moment.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { hasSecrets } from './app-kinds.ts';
import { NewSecretShown } from './new-secret-shown.tsx';

export function Credentials({ app }: { readonly app: Client }) {
  return (
    <>
      <dl className="facts">
        <div>
          <dt>Client ID</dt>
          <dd>
            <code>{app.client_id}</code> <CopyButton text={app.client_id} what="client ID" />
          </dd>
        </div>
        <div>
          <dt>Proves itself by</dt>
          <dd>{METHODS[app.token_endpoint_auth_method]}</dd>
        </div>
      </dl>
      {hasSecrets(app) && <Secrets app={app} />}
    </>
  );
}

const METHODS: Readonly<Record<Client['token_endpoint_auth_method'], string>> = {
  client_secret_basic: 'a secret, in the header (HTTP Basic)',
  client_secret_post: 'a secret, in the form',
  private_key_jwt: 'a JWT, signed with its own key',
  tls_client_auth: 'a certificate of an authority that is trusted',
  self_signed_tls_client_auth: 'a certificate of its own',
  none: 'nothing: it is public, and keeps no secret',
};

function Secrets({ app }: { readonly app: Client }) {
  const path = { id: app.client_id };
  const asked = useAsk('GET /admin/v1/clients/{id}/secrets', { path });
  const add = useTell('POST /admin/v1/clients/{id}/secrets');
  const [shown, setShown] = useState<CreatedClientSecret>();
  const [leaving, setLeaving] = useState<ClientSecret>();
  return (
    <section className="section">
      <div className="section-head">
        <h2>Client secrets</h2>
        <button
          type="button"
          disabled={add.isPending || app.built_in}
          onClick={() => add.mutate({ path, body: {} }, { onSuccess: setShown })}
        >
          Add a secret
        </button>
      </div>
      <p className="page-lead muted small">
        To rotate: add one, deploy it, wait until the old one is used no more, then delete the old one. Both
        are good meanwhile. <code>tessera app secret create {app.client_id}</code>
      </p>
      {add.error !== null && <ProblemBox problem={add.error} />}
      <Asked what="secrets" asked={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState text="No secret: the app cannot get tokens by itself. Add one." />
          ) : (
            <SecretTable secrets={items} onDelete={setLeaving} />
          )
        }
      </Asked>
      {shown !== undefined && (
        <NewSecretShown app={app} secret={shown.client_secret} onDone={() => setShown(undefined)} />
      )}
      {leaving !== undefined && (
        <DeleteSecret app={app} secret={leaving} onClose={() => setLeaving(undefined)} />
      )}
    </section>
  );
}

interface SecretTableProps {
  readonly secrets: readonly ClientSecret[];
  readonly onDelete: (secret: ClientSecret) => void;
}

function SecretTable({ secrets, onDelete }: SecretTableProps) {
  return (
    <DataTable
      label="Client secrets"
      rows={secrets}
      keyOf={(secret) => secret.id}
      columns={[
        { name: 'Secret', cell: ({ hint }) => <code>tsr_cs_…{hint}</code> },
        { name: 'State', cell: (secret) => <SecretState secret={secret} /> },
        { name: 'Created', cell: (secret) => <Moment at={secret.created_at} /> },
        {
          name: 'Last used',
          cell: ({ last_used_at: at, last_used_from: from }) =>
            at === undefined ? (
              'never'
            ) : (
              <>
                <Moment at={at} />
                {from !== undefined && ` from ${from}`}
              </>
            ),
        },
        {
          name: 'Ends',
          cell: ({ expires_at: at }) => (at === undefined ? 'not by itself' : <Moment at={at} />),
        },
        {
          name: 'Actions',
          quiet: true,
          cell: (secret) => (
            <button type="button" className="plain" onClick={() => onDelete(secret)}>
              Delete<span className="hidden"> the secret ending in {secret.hint}</span>
            </button>
          ),
        },
      ]}
    />
  );
}

function SecretState({ secret: { expires_at: at } }: { readonly secret: ClientSecret }) {
  const now = useNow(1000);
  return at !== undefined && at * 1000 <= now ? <StateMark state="ended" /> : <StateMark state="live" />;
}

function DeleteSecret({
  app,
  secret,
  onClose,
}: {
  readonly app: Client;
  readonly secret: ClientSecret;
  readonly onClose: () => void;
}) {
  const remove = useTell('DELETE /admin/v1/clients/{id}/secrets/{secret_id}');
  const now = useNow(10_000);
  const { hint, last_used_at: usedAt, last_used_from: from } = secret;
  return (
    <ConfirmTell
      title={`Delete the secret …${hint}?`}
      verb="Delete the secret"
      tell={remove}
      given={{ path: { id: app.client_id, secret_id: secret.id } }}
      onClose={onClose}
    >
      <p>
        {usedAt === undefined
          ? 'It was never used.'
          : `It was last used ${relativeTime(usedAt, now)}${from === undefined ? '' : ` from ${from}`}.`}
      </p>
      <p>It is refused from now on. Tokens that were got with it stay good until they end.</p>
    </ConfirmTell>
  );
}
