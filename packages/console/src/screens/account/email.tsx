/** The address one signs in with. */
import { type FormEvent, useState } from 'react';
import type { Profile } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';

export function EmailSection({ profile }: { readonly profile: Profile }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const change = useTell('POST /account/v1/email');
  const verify = useTell('POST /account/v1/email/verification');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ body: { email, ...(password !== '' && { current_password: password }) } });
  };
  return (
    <section>
      <h2>Email</h2>
      <p>
        {profile.email}{' '}
        <span className="badge">{profile.email_verified ? 'confirmed' : 'not confirmed'}</span>
      </p>
      {!profile.email_verified && (
        <p>
          <button
            type="button"
            className="quiet"
            disabled={verify.isPending}
            onClick={() => verify.mutate({})}
          >
            Send a mail to confirm it
          </button>
          {verify.isSuccess && (
            <span role="status"> Sent. The link in it is good for a quarter of an hour.</span>
          )}
        </p>
      )}
      {verify.error !== null && <ProblemBox problem={verify.error} />}
      <details className="section-foot">
        <summary>Change the address</summary>
        <form className="form" onSubmit={submit}>
          <TextField
            label="New address"
            type="email"
            required
            autoComplete="email"
            value={email}
            onText={setEmail}
            wrong={change.error?.of('email')}
          />
          {profile.has_password && (
            <TextField
              label="Your password"
              type="password"
              required
              autoComplete="current-password"
              value={password}
              onText={setPassword}
              wrong={change.error?.of('current_password')}
            />
          )}
          <FormFoot verb="Send a mail to the new address" problem={change.error} busy={change.isPending} />
          {change.isSuccess && (
            <p role="status">
              Open the link in that mail: only then the address changes. The old one is told, too.
            </p>
          )}
        </form>
      </details>
    </section>
  );
}
