/** One API: what it is called, how its tokens are made, and what they open. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Resource } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { CodeBlock } from '../../parts/code-block.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ISSUER, screen } from '../../shell/address.ts';
import { NotHere } from '../../shell/not-here.tsx';
import { lifetimeText } from './lifetime-text.ts';
import { FORMAT_CHOICES } from './new-api.tsx';
import { readScopes, SCOPES_HINT, writeScopes } from './scope-lines.ts';

export function ApiPage({ id }: { readonly id: string }) {
  const asked = useAsk('GET /admin/v1/resources/{id}', { path: { id } });
  return (
    <Asked what="the API" asked={asked} absent={<NotHere />}>
      {(api) => <Api api={api} />}
    </Asked>
  );
}

function Api({ api }: { readonly api: Resource }) {
  return (
    <>
      <PageHeader
        title={api.name}
        above={<Link to={screen('/apis')}>APIs</Link>}
        command={`api get ${api.identifier}`}
      />
      <dl className="facts">
        <div>
          <dt>Identifier</dt>
          <dd>
            <code>{api.identifier}</code> <CopyButton text={api.identifier} what="identifier" />
          </dd>
        </div>
        <div>
          <dt>Tokens live for</dt>
          <dd>{lifetimeText(api.access_token_lifetime)}</dd>
        </div>
        <div>
          <dt>Signed with</dt>
          <dd>{api.token_format === 'opaque' ? 'nothing: opaque tokens are looked up' : api.signing_alg}</dd>
        </div>
      </dl>
      <section className="section">
        <h2>Protect it</h2>
        <CodeBlock caption="With Fastify; other ways are in the docs" code={protection(api)} />
      </section>
      {api.built_in ? (
        <p className="note small section">This is Tessera's own API. It stays as it is.</p>
      ) : (
        <Changing api={api} />
      )}
    </>
  );
}

function protection({ identifier }: Resource): string {
  return `import { createVerifier } from '@tessera/verifier';
import { protect } from '@tessera/verifier/fastify';

const verifier = createVerifier({ issuer: '${ISSUER}', audience: '${identifier}' });
app.register(protect, { verifier });`;
}

function Changing({ api }: { readonly api: Resource }) {
  const [name, setName] = useState(api.name);
  const [format, setFormat] = useState(api.token_format);
  const [scopes, setScopes] = useState(() => writeScopes(api.scopes));
  const [lifetime, setLifetime] = useState(() =>
    typeof api.access_token_lifetime === 'number' ? String(api.access_token_lifetime) : '',
  );
  const [deleting, setDeleting] = useState(false);
  const change = useTell('PATCH /admin/v1/resources/{id}');
  const isRange = typeof api.access_token_lifetime === 'object';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const kept = readScopes(scopes);
    const names = new Set(kept.map((scope) => scope.name));
    change.mutate({
      path: { id: api.id },
      body: {
        name,
        token_format: format,
        scopes: kept,
        default_scopes: api.default_scopes.filter((scope) => names.has(scope)),
        ...(lifetime !== '' && { access_token_lifetime: Number(lifetime) }),
        ...(lifetime === '' && !isRange && { access_token_lifetime: null }),
      },
    });
  };
  const problem = change.error;
  return (
    <section className="section">
      <h2>Settings</h2>
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={200}
          value={name}
          onText={setName}
          wrong={problem?.of('name')}
        />
        <SelectField
          label="Format of its tokens"
          hint="Tokens that are out there stay as they are."
          value={format}
          choices={FORMAT_CHOICES}
          onChoice={(choice) =>
            setFormat(FORMAT_CHOICES.find(({ value }) => value === choice)?.value ?? format)
          }
        />
        <TextField
          label="Tokens live for (seconds)"
          hint={
            isRange
              ? `Drawn at random, ${lifetimeText(api.access_token_lifetime)}. A number here takes its place.`
              : 'From 1 to 86400. Empty: as the organization of the app, or the server, says.'
          }
          type="number"
          min={1}
          max={86_400}
          value={lifetime}
          onText={setLifetime}
          wrong={problem?.of('access_token_lifetime')}
        />
        <TextArea
          label="Permissions"
          hint={SCOPES_HINT}
          value={scopes}
          onText={setScopes}
          wrong={problem?.of('scopes')}
        />
        <FormFoot verb="Save" problem={problem} busy={change.isPending} said={change.isSuccess && 'Saved.'}>
          <button type="button" className="quiet" onClick={() => setDeleting(true)}>
            Delete this API
          </button>
        </FormFoot>
      </form>
      {deleting && <DeleteApi api={api} onClose={() => setDeleting(false)} />}
    </section>
  );
}

function DeleteApi({ api, onClose }: { readonly api: Resource; readonly onClose: () => void }) {
  const remove = useTell('DELETE /admin/v1/resources/{id}');
  const [, go] = useLocation();
  return (
    <Confirm
      title={`Delete ${api.name}?`}
      verb="Delete"
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ path: { id: api.id } }, { onSuccess: () => go('/') })}
    >
      <p>Every token for it ends at once, and what people allowed apps to do there is forgotten.</p>
    </Confirm>
  );
}
