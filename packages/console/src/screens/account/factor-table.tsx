/** Passkeys or authenticator apps that there are; each can be renamed and removed. */
import { useState } from 'react';
import type { SecondFactors } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { TextField } from '../../parts/field.tsx';
import { Moment } from '../../parts/moment.tsx';

type Factor = SecondFactors['items'][number];

export interface FactorTableProps {
  readonly label: string;
  readonly factors: readonly Factor[];
  /** Whether there is no other factor of any kind. */
  readonly isOnly: boolean;
  /** Whether everybody needs one. */
  readonly required: boolean;
  readonly empty: string;
}

interface Change {
  readonly factor: Factor;
  readonly verb: 'Rename' | 'Remove';
}

export function FactorTable({ label, factors, isOnly, required, empty }: FactorTableProps) {
  const [change, setChange] = useState<Change>();
  const verbs = isOnly && required ? (['Rename'] as const) : (['Rename', 'Remove'] as const);
  const close = (): void => setChange(undefined);
  if (factors.length === 0) return <EmptyState text={empty} />;
  return (
    <>
      <DataTable
        label={label}
        rows={factors}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: (factor) => <Name factor={factor} /> },
          { name: 'Added', cell: ({ created_at: at }) => <Moment at={at} /> },
          {
            name: 'Last used',
            cell: ({ last_used_at: at }) => (at === undefined ? 'never' : <Moment at={at} />),
          },
          {
            name: 'What can be done',
            quiet: true,
            cell: (factor) =>
              verbs.map((verb) => (
                <button
                  key={verb}
                  type="button"
                  className="plain"
                  onClick={() => setChange({ factor, verb })}
                >
                  {verb}
                  <span className="hidden"> {factor.name}</span>
                </button>
              )),
          },
        ]}
      />
      {change?.verb === 'Rename' && <Rename factor={change.factor} onClose={close} />}
      {change?.verb === 'Remove' && <Remove factor={change.factor} isOnly={isOnly} onClose={close} />}
    </>
  );
}

function Name({ factor }: { readonly factor: Factor }) {
  return (
    <>
      {factor.name}
      {factor.type === 'passkey' && (
        <span className="badge">{factor.synced ? 'on all your devices' : 'on one device'}</span>
      )}
    </>
  );
}

interface ChangeProps {
  readonly factor: Factor;
  readonly onClose: () => void;
}

function Rename({ factor: { id, name }, onClose }: ChangeProps) {
  const [wanted, setWanted] = useState(name);
  const rename = useTell('PATCH /account/v1/second-factors/{id}');
  return (
    <Confirm
      title={`Rename ${name}`}
      verb="Rename"
      busy={rename.isPending || wanted.trim() === ''}
      problem={rename.error}
      onClose={onClose}
      onConfirm={() => rename.mutate({ path: { id }, body: { name: wanted } }, { onSuccess: onClose })}
    >
      <TextField
        label="Name"
        required
        maxLength={100}
        autoComplete="off"
        value={wanted}
        onText={setWanted}
        wrong={rename.error?.of('name')}
      />
    </Confirm>
  );
}

function Remove({ factor: { id, name, type }, isOnly, onClose }: ChangeProps & { readonly isOnly: boolean }) {
  const remove = useTell('DELETE /account/v1/second-factors/{id}');
  return (
    <ConfirmTell
      title={`Remove ${name}?`}
      verb="Remove"
      tell={remove}
      given={{ path: { id } }}
      onClose={onClose}
    >
      <p>
        {isOnly
          ? 'It is your only second factor: afterwards your password alone signs you in, and the recovery codes are no good any more.'
          : 'It does not sign you in any more. Where you are signed in, you stay so.'}
      </p>
      <p className="small muted">
        {type === 'passkey'
          ? 'Your device keeps its half; delete it there, too.'
          : 'Delete its entry in the app, too.'}
      </p>
    </ConfirmTell>
  );
}
