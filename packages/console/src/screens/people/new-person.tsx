/** Add a person: who they are, and what they sign in with for the first time. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTell } from '../../api/use-api.ts';
import { TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';

export function NewPerson() {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [, go] = useLocation();
  const add = useTell('POST /admin/v1/users');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { email, display_name: name, ...(password !== '' && { password }) };
    add.mutate({ body }, { onSuccess: ({ id }) => go(`/${encodeURIComponent(id)}`) });
  };
  const problem = add.error;
  return (
    <>
      <PageHeader
        title="Add a person"
        above={<Link to="/">People</Link>}
        lead="Where this server sends mail, a person without a password is sent a link to choose one."
        command="user create --email grace@example.com --name 'Grace Hopper'"
      />
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={200}
          autoComplete="off"
          value={name}
          onText={setName}
          wrong={problem?.of('display_name')}
        />
        <TextField
          label="Email"
          type="email"
          required
          autoComplete="off"
          value={email}
          onText={setEmail}
          wrong={problem?.of('email')}
        />
        <TextField
          label="Password (optional)"
          hint="For them to change after the first sign-in."
          type="password"
          autoComplete="new-password"
          value={password}
          onText={setPassword}
          wrong={problem?.of('password')}
        />
        <FormFoot verb="Add" problem={problem} busy={add.isPending} cancel="/" />
      </form>
    </>
  );
}
