/** Adds a passkey: the server says what for, the browser makes it, the server keeps its public half. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../../api/call.ts';
import type { AddedFactor } from '../../api/described.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { announce } from '../../shell/live-region.ts';
import { browserOf } from './browser-name.ts';
import { makePasskey, makesPasskeys, NoPasskey } from './make-passkey.ts';

export interface AddFactorProps {
  /** Told the recovery codes, where the first factor brings some. */
  readonly onCodes: (codes: readonly string[]) => void;
}

export function AddPasskey({ onCodes }: AddFactorProps) {
  const [asking, setAsking] = useState(false);
  if (!makesPasskeys()) {
    return (
      <p className="small muted section-foot">
        This browser makes no passkeys here. They need https, or localhost, and a browser of the last years.
      </p>
    );
  }
  return (
    <div className="buttons section-foot">
      <button type="button" className="quiet" onClick={() => setAsking(true)}>
        Add a passkey
      </button>
      {asking && <NewPasskey onCodes={onCodes} onClose={() => setAsking(false)} />}
    </div>
  );
}

function NewPasskey({ onCodes, onClose }: AddFactorProps & { readonly onClose: () => void }) {
  const [name, setName] = useState(browserOf(navigator.userAgent));
  const add = useAddPasskey();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(name, {
      onSuccess: ({ recovery_codes: codes }) => {
        onClose();
        announce('The passkey is added');
        if (codes !== undefined) onCodes(codes);
      },
    });
  };
  return (
    <Dialog title="Add a passkey" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>
          Your browser asks for your finger, your face, a PIN or a security key. Afterwards a password alone
          does not sign you in any more.
        </p>
        <TextField
          label="Name"
          hint="To tell it from others later."
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onText={setName}
        />
        {add.error !== null && <NotAdded problem={add.error} />}
        <div className="buttons">
          <button type="submit" disabled={add.isPending}>
            Go on
          </button>
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function NotAdded({ problem }: { readonly problem: ApiProblem | NoPasskey }) {
  return problem instanceof NoPasskey ? (
    <p className="wrong small" role="alert">
      {problem.message}
    </p>
  ) : (
    <ProblemBox problem={problem} />
  );
}

/** All three steps in one, as browsers want the second soon after the press of the button. */
function useAddPasskey() {
  const queries = useQueryClient();
  return useMutation<AddedFactor, ApiProblem | NoPasskey, string>({
    mutationFn: async (name) => {
      const begun = await call('POST /account/v1/passkeys/enrolments', {});
      const credential = await makePasskey(begun.public_key);
      return call('POST /account/v1/passkeys', { body: { enrolment: begun.enrolment, credential, name } });
    },
    onSuccess: async () => queries.invalidateQueries(),
  });
}
