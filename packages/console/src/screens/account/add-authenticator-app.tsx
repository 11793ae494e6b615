/** Sets up an authenticator app: a picture to scan or a secret to type, then a code as proof. */
import { type FormEvent, useState } from 'react';
import type { AuthenticatorAppEnrolment } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { announce } from '../../shell/live-region.ts';
import type { AddFactorProps } from './add-passkey.tsx';

export function AddAuthenticatorApp({ onCodes }: AddFactorProps) {
  const begin = useTell('POST /account/v1/second-factors/enrolments');
  return (
    <>
      {begin.error !== null && <ProblemBox problem={begin.error} />}
      <div className="buttons section-foot">
        <button type="button" className="quiet" disabled={begin.isPending} onClick={() => begin.mutate({})}>
          Set up an app
        </button>
      </div>
      {begin.data !== undefined && (
        <NewApp enrolment={begin.data} onCodes={onCodes} onClose={() => begin.reset()} />
      )}
    </>
  );
}

interface NewAppProps extends AddFactorProps {
  readonly enrolment: AuthenticatorAppEnrolment;
  readonly onClose: () => void;
}

function NewApp({ enrolment, onCodes, onClose }: NewAppProps) {
  const [code, setCode] = useState('');
  const [name, setName] = useState('Authenticator app');
  const add = useTell('POST /account/v1/second-factors');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(
      { body: { enrolment: enrolment.enrolment, code: code.replaceAll(' ', ''), name } },
      {
        onSuccess: ({ recovery_codes: codes }) => {
          onClose();
          announce('The authenticator app is set up');
          if (codes !== undefined) onCodes(codes);
        },
      },
    );
  };
  return (
    <Dialog title="Set up your authenticator app" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <QrCode {...enrolment.qr_code} />
        <p>
          Scan it with the app, or type this secret into it:{' '}
          <code className="seed">{enrolment.secret.replaceAll(/.{4}(?!$)/g, '$& ')}</code>
          <CopyButton text={enrolment.secret} what="secret" />
        </p>
        <TextField
          label="Six digits"
          hint="What the app shows now. Afterwards a password alone does not sign you in any more."
          required
          mono
          inputMode="numeric"
          maxLength={7}
          autoComplete="one-time-code"
          value={code}
          onText={setCode}
          wrong={add.error?.of('code')}
        />
        <TextField label="Name" required maxLength={100} autoComplete="off" value={name} onText={setName} />
        <FormFoot verb="Turn it on" problem={add.error} busy={add.isPending} cancel={onClose} />
      </form>
    </Dialog>
  );
}

/** Dark on light in every colour scheme: cameras want it so. */
function QrCode({ size, path }: AuthenticatorAppEnrolment['qr_code']) {
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for your authenticator app"
      shapeRendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={path} />
    </svg>
  );
}
