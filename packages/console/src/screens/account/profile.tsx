/** The name that apps and other people see. */
import { type FormEvent, useState } from 'react';
import type { Profile } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { Moment } from '../../parts/moment.tsx';
import { announce } from '../../shell/live-region.ts';

export function ProfileForm({ profile }: { readonly profile: Profile }) {
  const [name, setName] = useState(profile.display_name);
  const change = useTell('PATCH /account/v1/profile');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ body: { display_name: name } }, { onSuccess: () => announce('Saved') });
  };
  return (
    <>
      <form className="form" onSubmit={submit}>
        <TextField
          label="Name"
          hint="Apps that you allow to know who you are see it."
          required
          maxLength={100}
          autoComplete="name"
          value={name}
          onText={setName}
          wrong={change.error?.of('display_name')}
        />
        <FormFoot
          verb="Save"
          problem={change.error}
          busy={change.isPending || name === profile.display_name}
          said={change.isSuccess && name === profile.display_name && 'Saved.'}
        />
      </form>
      <dl className="facts section">
        <div>
          <dt>Account ID</dt>
          <dd>
            <code>{profile.id}</code> <CopyButton text={profile.id} what="account ID" />
          </dd>
        </div>
        <div>
          <dt>Role</dt>
          <dd>{profile.role === 'admin' ? 'Administrator of this server' : 'Member'}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>
            <Moment at={profile.created_at} />
          </dd>
        </div>
      </dl>
    </>
  );
}
