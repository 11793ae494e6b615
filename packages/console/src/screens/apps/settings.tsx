/** What people read of an app, and what it may ask for. */
import { type FormEvent, useState } from 'react';
import type { Client } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { announce } from '../../shell/live-region.ts';

export function Settings({ app }: { readonly app: Client }) {
  const [name, setName] = useState(app.client_name);
  const [homepage, setHomepage] = useState(app.client_uri ?? '');
  const [scope, setScope] = useState(app.scope ?? '');
  const [saved, setSaved] = useState(false);
  const change = useTell('PATCH /admin/v1/clients/{id}');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSaved(false);
    const body = { client_name: name, client_uri: orNull(homepage), scope: orNull(scope) };
    change.mutate(
      { path: { id: app.client_id }, body },
      {
        onSuccess: () => {
          setSaved(true);
          announce('Saved');
        },
      },
    );
  };
  const problem = change.error;
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label="Name"
        hint="People read it when they are asked to allow the app."
        required
        maxLength={100}
        value={name}
        onText={setName}
        wrong={problem?.of('client_name')}
      />
      <TextField
        label="Homepage"
        type="url"
        value={homepage}
        onText={setHomepage}
        wrong={problem?.of('client_uri')}
      />
      <TextField
        label="Scopes it may ask for"
        hint="With spaces between. Empty: whatever the API has, except what only this server grants."
        mono
        value={scope}
        onText={setScope}
        wrong={problem?.of('scope')}
      />
      <FormFoot
        verb="Save"
        problem={problem}
        busy={change.isPending || app.built_in}
        said={saved && 'Saved.'}
      />
      {app.built_in && <p className="small muted">It is a part of Tessera and stays as it is.</p>}
    </form>
  );
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
