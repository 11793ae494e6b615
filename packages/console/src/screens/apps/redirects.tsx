/** Where answers may go: the registered redirect URIs, judged while they are typed. */
import { type FormEvent, useState } from 'react';
import type { Client } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { FailedRedirects } from './failed-redirects.tsx';
import { objectionTo, RedirectField } from './redirect-field.tsx';

export function Redirects({ app }: { readonly app: Client }) {
  const [typed, setTyped] = useState('');
  const change = useTell('PATCH /admin/v1/clients/{id}');
  const { redirect_uris: uris, application_type: type } = app;
  const save = (redirect_uris: readonly string[], after?: () => void): void =>
    change.mutate({ path: { id: app.client_id }, body: { redirect_uris } }, { onSuccess: () => after?.() });
  const add = (event: FormEvent): void => {
    event.preventDefault();
    save([...uris, typed], () => setTyped(''));
  };
  const isGood = typed !== '' && objectionTo(typed, type) === undefined && !uris.includes(typed);
  return (
    <>
      <FailedRedirects app={app} busy={change.isPending} onAdd={(uri) => save([...uris, uri])} />
      <section>
        <h2>Registered</h2>
        <p className="page-lead muted small">
          What an app sends has to be one of these, character by character. Only a loopback URI without a port
          takes any port.
        </p>
        {uris.length === 0 ? (
          <EmptyState text="No redirect URI: nobody can sign in with this app yet. Add the address that people come back to." />
        ) : (
          <DataTable
            label="Redirect URIs"
            rows={uris}
            keyOf={(uri) => uri}
            columns={[
              { name: 'Redirect URI', cell: (uri) => <code>{uri}</code> },
              {
                name: 'Actions',
                quiet: true,
                cell: (uri) => (
                  <button
                    type="button"
                    className="plain"
                    disabled={change.isPending || app.built_in}
                    onClick={() => save(uris.filter((each) => each !== uri))}
                  >
                    Remove<span className="hidden"> {uri}</span>
                  </button>
                ),
              },
            ]}
          />
        )}
      </section>
      <form className="form section" onSubmit={add}>
        <RedirectField
          label="Add a redirect URI"
          value={typed}
          onText={setTyped}
          applicationType={type}
          told={uris.includes(typed) ? 'It is registered already.' : undefined}
        />
        <FormFoot
          verb="Add this URI"
          problem={change.error}
          busy={!isGood || change.isPending || app.built_in}
        />
      </form>
    </>
  );
}
