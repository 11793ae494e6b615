/** Codes for when everything else is lost. Each works once; they are shown once. */
import { useState } from 'react';
import { useTell } from '../../api/use-api.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { CheckBox } from '../../parts/field.tsx';
import type { AddFactorProps } from './add-passkey.tsx';

export function RecoveryCodes({ left, onCodes }: AddFactorProps & { readonly left: number }) {
  const [asking, setAsking] = useState(false);
  const renew = useTell('POST /account/v1/second-factors/recovery-codes');
  const close = (): void => {
    setAsking(false);
    renew.reset();
  };
  return (
    <section className="section">
      <h2>Recovery codes</h2>
      <p className="page-lead">
        {left === 0 ? 'None is left.' : `${left} left.`} Each signs you in once, in place of a second factor
        that you have lost.
      </p>
      <div className="buttons section-foot">
        <button type="button" className="quiet" onClick={() => setAsking(true)}>
          Make new codes
        </button>
      </div>
      {asking && (
        <Confirm
          title="Make new recovery codes?"
          verb="Make new codes"
          busy={renew.isPending}
          problem={renew.error}
          onClose={close}
          onConfirm={() =>
            renew.mutate(
              {},
              {
                onSuccess: ({ recovery_codes: codes }) => {
                  close();
                  onCodes(codes);
                },
              },
            )
          }
        >
          <p>The old ones are no good any more, wherever you keep them.</p>
        </Confirm>
      )}
    </section>
  );
}

export interface CodesShownProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

export function CodesShown({ codes, onDone }: CodesShownProps) {
  const [stored, setStored] = useState(false);
  return (
    <Dialog title="Your recovery codes" onClose={onDone} mustAnswer wide>
      <div className="flow">
        <p>
          This is the only time they are shown. Each signs you in once, when your device is lost:{' '}
          <strong>keep them somewhere else than on it.</strong>
        </p>
        <ol className="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ol>
        <CopyButton text={codes.join('\n')} what="recovery codes" primary />
        <CheckBox text="I have stored them" checked={stored} onCheck={setStored} />
        <div className="buttons">
          <button type="button" disabled={!stored} onClick={onDone}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}
