/** Register an app: what people read of it, what kind it is, and where answers may go. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { NewClient } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { RadioField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { OwnerField, ownerFlag, useOwner } from '../../shell/owner-field.tsx';
import { APP_KINDS, kindById, type KindId } from './app-kinds.ts';
import { keepFreshSecret } from './fresh-secret.ts';
import { RedirectField } from './redirect-field.tsx';

export function NewApp() {
  const [name, setName] = useState('');
  const [kindId, setKindId] = useState<KindId>('web');
  const [redirect, setRedirect] = useState('');
  const [homepage, setHomepage] = useState('');
  const [, go] = useLocation();
  const register = useTell('POST /admin/v1/clients');
  const owning = useOwner('client.manage');
  const kind = kindById(kindId);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body: NewClient = {
      client_name: name,
      ...(owning.owner !== undefined && { organization_id: owning.owner.id }),
      ...kind.metadata,
      ...(kind.redirectExample !== undefined && redirect !== '' && { redirect_uris: [redirect] }),
      ...(homepage !== '' && { client_uri: homepage }),
    };
    register.mutate(
      { body },
      {
        onSuccess: (created) => {
          if (created.client_secret !== undefined) keepFreshSecret(created.client_id, created.client_secret);
          go(`/${encodeURIComponent(created.client_id)}`);
        },
      },
    );
  };
  const problem = register.error;
  return (
    <>
      <PageHeader
        title="Register an app"
        above={<Link to="/">Apps</Link>}
        lead="The next screen has its credentials, and a command that gets its first token."
        command={`app create --name ${quoted(name === '' ? 'My app' : name)}${flagsOf(kindId)}${ownerFlag(owning)}`}
      />
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          hint="People read it when they are asked to allow the app."
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onText={setName}
          wrong={problem?.of('client_name')}
        />
        <OwnerField {...owning} />
        <RadioField label="Kind" value={kindId} choices={choices} onChoice={setKindId} />
        {kind.redirectExample !== undefined && (
          <RedirectField
            label="Redirect URI"
            hint={`Where people come back to, such as ${kind.redirectExample}. More can be added later.`}
            value={redirect}
            onText={setRedirect}
            applicationType={kind.id === 'native' ? 'native' : 'web'}
            told={problem?.of('redirect_uris')}
            required
          />
        )}
        <TextField
          label="Homepage (optional)"
          type="url"
          autoComplete="off"
          value={homepage}
          onText={setHomepage}
          wrong={problem?.of('client_uri')}
        />
        <FormFoot verb="Register" problem={problem} busy={register.isPending} cancel="/" />
      </form>
      <p className="note small section">
        MCP clients and agents that bring a client ID metadata document, or register themselves, need nothing
        here: they appear under Connected apps once somebody has let them in.
      </p>
    </>
  );
}

const choices = APP_KINDS.map(({ id, name, hint }) => ({ value: id, text: name, hint }));

function flagsOf(kind: KindId): string {
  switch (kind) {
    case 'single-page':
      return ' --public --redirect-uri http://127.0.0.1:5173/callback';
    case 'native':
      return ' --public --type native --redirect-uri http://127.0.0.1/callback';
    case 'machine':
      return ' --grant-type client_credentials';
    default:
      return ' --redirect-uri https://app.example.com/callback';
  }
}

/** As a shell takes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
