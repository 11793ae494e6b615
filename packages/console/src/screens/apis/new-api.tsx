/** Register an API: its identifier, its name, its permissions. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Resource } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { OwnerField, ownerFlag, useOwner } from '../../shell/owner-field.tsx';
import { readScopes, SCOPES_HINT } from './scope-lines.ts';

export const FORMAT_CHOICES: readonly { value: Resource['token_format']; text: string }[] = [
  { value: 'jwt', text: 'JWT: the API checks it by itself' },
  { value: 'opaque', text: 'Opaque: the API asks this server about it' },
  { value: 'cwt', text: 'CWT: as a JWT, in fewer bytes' },
  { value: 'cat', text: 'Common Access Token (CAT): for content delivery' },
];

export function NewApi() {
  const [identifier, setIdentifier] = useState('');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState('');
  const [format, setFormat] = useState<Resource['token_format']>('jwt');
  const [, go] = useLocation();
  const register = useTell('POST /admin/v1/resources');
  const owning = useOwner('resource.manage');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = {
      identifier,
      name,
      token_format: format,
      scopes: readScopes(scopes),
      ...(owning.owner !== undefined && { organization_id: owning.owner.id }),
    };
    register.mutate({ body }, { onSuccess: ({ id }) => go(`/${encodeURIComponent(id)}`) });
  };
  const problem = register.error;
  return (
    <>
      <PageHeader
        title="Register an API"
        above={<Link to="/">APIs</Link>}
        lead="The identifier stays: it is the audience of every token for this API."
        command={`api create --identifier https://notes.example/ --name Notes --scope 'notes-read=Read your notes'${ownerFlag(owning)}`}
      />
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          hint="People read it when they are asked to allow an app."
          required
          maxLength={200}
          autoComplete="off"
          value={name}
          onText={setName}
          wrong={problem?.of('name')}
        />
        <TextField
          label="Identifier"
          hint="An absolute URI, such as https://notes.example/. It need not lead anywhere."
          required
          mono
          maxLength={2048}
          autoComplete="off"
          value={identifier}
          onText={setIdentifier}
          wrong={problem?.of('identifier')}
        />
        <OwnerField {...owning} />
        <SelectField
          label="Format of its tokens"
          value={format}
          choices={FORMAT_CHOICES}
          onChoice={(choice) =>
            setFormat(FORMAT_CHOICES.find(({ value }) => value === choice)?.value ?? 'jwt')
          }
        />
        <TextArea
          label="Permissions"
          hint={SCOPES_HINT}
          value={scopes}
          onText={setScopes}
          wrong={problem?.of('scopes')}
        />
        <FormFoot verb="Register" problem={problem} busy={register.isPending} cancel="/" />
      </form>
    </>
  );
}
