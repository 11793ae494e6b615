/** The password; changing it signs out everywhere else. */
import { type FormEvent, useState } from 'react';
import type { Profile } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { CheckBox, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { announce } from '../../shell/live-region.ts';

export function PasswordSection({ profile }: { readonly profile: Profile }) {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [endsTokens, setEndsTokens] = useState(false);
  const change = useTell('POST /account/v1/password');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate(
      {
        body: {
          new_password: wanted,
          end_personal_access_tokens: endsTokens,
          ...(current !== '' && { current_password: current }),
        },
      },
      {
        onSuccess: () => {
          setCurrent('');
          setWanted('');
          announce('The password is changed');
        },
      },
    );
  };
  return (
    <section className="section">
      <h2>Password</h2>
      <form className="form" onSubmit={submit}>
        {profile.has_password && (
          <TextField
            label="Current password"
            type="password"
            required
            autoComplete="current-password"
            value={current}
            onText={setCurrent}
            wrong={change.error?.of('current_password')}
          />
        )}
        <TextField
          label="New password"
          hint="A few words are long enough, and easy to remember."
          type="password"
          required
          autoComplete="new-password"
          value={wanted}
          onText={setWanted}
          wrong={change.error?.of('new_password')}
        />
        <CheckBox
          text="End my personal access tokens, too"
          hint="Scripts that use them stop. For when somebody else may have been in your account."
          checked={endsTokens}
          onCheck={setEndsTokens}
        />
        <FormFoot
          verb={profile.has_password ? 'Change the password' : 'Set a password'}
          problem={change.error}
          busy={change.isPending}
          said={change.isSuccess && 'Changed. Your other sessions have ended.'}
        />
      </form>
    </section>
  );
}
