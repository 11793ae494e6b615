/** Settings → Advanced: security, the client token among it, and the end of the app. */
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Client } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { CheckBox, TextField } from '../../parts/field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { screen } from '../../shell/address.ts';
import { ClientTokenSection } from './client-token.tsx';

export function Advanced({ app }: { readonly app: Client }) {
  return (
    <>
      <section>
        <h2>Security</h2>
        <Security app={app} />
      </section>
      <ClientTokenSection app={app} />
      <TheEnd app={app} />
    </>
  );
}

function Security({ app }: { readonly app: Client }) {
  const change = useTell('PATCH /admin/v1/clients/{id}');
  const set = (body: Parameters<typeof change.mutate>[0]['body']): void =>
    change.mutate({ path: { id: app.client_id }, body });
  const locked = change.isPending || app.built_in;
  return (
    <div className="options">
      <CheckBox
        text="Asks for PKCE"
        hint="A code that is stolen on the way is worth nothing without the verifier (RFC 7636). Public apps always do."
        checked={app.require_pkce}
        disabled={locked || app.token_endpoint_auth_method === 'none'}
        onCheck={(require_pkce) => set({ require_pkce })}
      />
      <CheckBox
        text="Takes requests only when they were pushed"
        hint="The app sends its authorization request to the server first (RFC 9126)."
        checked={app.require_pushed_authorization_requests === true}
        disabled={locked}
        onCheck={(on) => set({ require_pushed_authorization_requests: on })}
      />
      <CheckBox
        text="Its tokens are bound to its key"
        hint="A stolen token is worth nothing without the key (DPoP, RFC 9449)."
        checked={app.dpop_bound_access_tokens === true}
        disabled={locked}
        onCheck={(on) => set({ dpop_bound_access_tokens: on })}
      />
      {change.error !== null && <ProblemBox problem={change.error} />}
    </div>
  );
}

function TheEnd({ app }: { readonly app: Client }) {
  const change = useTell('PATCH /admin/v1/clients/{id}');
  const [asking, setAsking] = useState(false);
  const isOn = app.status === 'active';
  const turn = (): void =>
    change.mutate({ path: { id: app.client_id }, body: { status: isOn ? 'disabled' : 'active' } });
  if (app.built_in) return null;
  return (
    <section className="section">
      <h2>Switch off, delete</h2>
      <p className="page-lead muted">
        Switched off, the app gets no tokens, and can be switched on again. Deleted, it is gone, and its
        tokens end with it.
      </p>
      {change.error !== null && <ProblemBox problem={change.error} />}
      <div className="buttons section-foot">
        <button type="button" className="quiet" disabled={change.isPending} onClick={turn}>
          {isOn ? 'Switch off' : 'Switch on'}
        </button>
        <button type="button" className="quiet" onClick={() => setAsking(true)}>
          Delete the app
        </button>
      </div>
      {asking && <DeleteApp app={app} onClose={() => setAsking(false)} />}
    </section>
  );
}

function DeleteApp({ app, onClose }: { readonly app: Client; readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [, go] = useLocation();
  const remove = useTell('DELETE /admin/v1/clients/{id}');
  return (
    <Confirm
      title={`Delete ${app.client_name}?`}
      verb="Delete the app"
      busy={remove.isPending || typed !== app.client_id}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate({ path: { id: app.client_id } }, { onSuccess: () => go(screen('/apps')) })
      }
    >
      <p>
        Its tokens are refused from now on, and nobody can sign in with it any more. This cannot be taken
        back.
      </p>
      <TextField
        label={`Type its client ID, ${app.client_id}`}
        mono
        autoComplete="off"
        value={typed}
        onText={setTyped}
      />
    </Confirm>
  );
}
