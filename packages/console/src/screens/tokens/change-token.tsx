/** What can be done to a token: its name changed, another put in its place, its end. */
import { type FormEvent, useState } from 'react';
import type { CreatedPersonalAccessToken, PersonalAccessToken } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { RadioField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { relativeTime, useNow } from '../../parts/moment.tsx';
import { TokenShown } from './token-shown.tsx';

export interface ChangeTokenProps {
  readonly token: PersonalAccessToken;
  readonly onClose: () => void;
}

export function EditToken({ token, onClose }: ChangeTokenProps) {
  const [name, setName] = useState(token.name);
  const [description, setDescription] = useState(token.description ?? '');
  const change = useTell('PATCH /account/v1/personal-access-tokens/{id}');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ path: { id: token.id }, body: { name, description } }, { onSuccess: onClose });
  };
  return (
    <Dialog title={`Edit ${token.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField
          label="Name"
          required
          maxLength={100}
          value={name}
          onText={setName}
          wrong={change.error?.of('name')}
        />
        <TextField label="Description" maxLength={500} value={description} onText={setDescription} />
        <FormFoot verb="Save" problem={change.error} busy={change.isPending} cancel={onClose} />
      </form>
    </Dialog>
  );
}

const OVERLAPS = [
  { value: '86400', text: 'In 24 hours', hint: 'Time to put the new one in its place.' },
  { value: '604800', text: 'In 7 days' },
  { value: '0', text: 'Now', hint: 'Whatever still uses the old one is refused.' },
] as const;

export function RegenerateToken({ token, onClose }: ChangeTokenProps) {
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]['value']>('86400');
  const [fresh, setFresh] = useState<CreatedPersonalAccessToken>();
  const regenerate = useTell('POST /account/v1/personal-access-tokens/{id}/regenerate');
  if (fresh !== undefined) return <TokenShown token={fresh} onDone={onClose} />;
  return (
    <Confirm
      title={`Regenerate ${token.name}?`}
      verb="Regenerate"
      busy={regenerate.isPending}
      problem={regenerate.error}
      onClose={onClose}
      onConfirm={() =>
        regenerate.mutate(
          { path: { id: token.id }, body: token.status === 'active' ? { overlap: Number(overlap) } : {} },
          { onSuccess: setFresh },
        )
      }
    >
      <LastUse token={token} />
      <p>Another token takes its place, with the same permissions.</p>
      {token.status === 'active' && (
        <RadioField label="The old one ends" value={overlap} choices={OVERLAPS} onChoice={setOverlap} />
      )}
    </Confirm>
  );
}

export function RevokeToken({ token, onClose }: ChangeTokenProps) {
  const revoke = useTell('POST /account/v1/personal-access-tokens/{id}/revoke');
  return (
    <ConfirmTell
      title={`Revoke ${token.name}?`}
      verb="Revoke"
      tell={revoke}
      given={{ path: { id: token.id } }}
      onClose={onClose}
    >
      <LastUse token={token} />
      <p>It is refused from now on, everywhere, and stays so.</p>
    </ConfirmTell>
  );
}

function LastUse({ token: { last_used: use } }: Pick<ChangeTokenProps, 'token'>) {
  const now = useNow(10_000);
  if (use === undefined) return <p>It was never used.</p>;
  return (
    <p>
      It was last used {relativeTime(use.at, now)}
      {use.address === undefined ? '' : ` from ${use.address}`}.
    </p>
  );
}
