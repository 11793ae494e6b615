/** The end of an account, and of everything that hangs from it. */
import { useState } from 'react';
import type { Profile } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { Confirm } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { PREFIX } from '../../shell/address.ts';

export function DeleteAccount({ profile }: { readonly profile: Profile }) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const remove = useTell('POST /account/v1/deletion');
  return (
    <section className="section">
      <h2>Delete the account</h2>
      <p className="page-lead muted">
        Your tokens, your apps and what you allowed to others end with it, at once.
      </p>
      <div className="buttons section-foot">
        <button type="button" className="quiet" onClick={() => setAsking(true)}>
          Delete my account
        </button>
      </div>
      {asking && (
        <Confirm
          title="Delete your account?"
          verb="Delete my account"
          busy={remove.isPending || typed !== profile.email}
          problem={remove.error}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            remove.mutate(
              { body: password === '' ? {} : { current_password: password } },
              { onSuccess: () => location.assign(`${PREFIX}/login`) },
            )
          }
        >
          <p>This cannot be taken back. Everything that acts for you is refused from now on.</p>
          <TextField label={`Type ${profile.email}`} autoComplete="off" value={typed} onText={setTyped} />
          {profile.has_password && (
            <TextField
              label="Your password"
              type="password"
              required
              autoComplete="current-password"
              value={password}
              onText={setPassword}
              wrong={remove.error?.of('current_password')}
            />
          )}
        </Confirm>
      )}
    </section>
  );
}
