/** A secret that nobody will see again: it is shown, it can be copied, and the dialog goes only when it is stored. */
import { useState } from 'react';
import { CopyButton } from './copy-button.tsx';
import { Dialog } from './dialog.tsx';
import { CheckBox } from './field.tsx';
import type { ReactNode } from 'react';

export interface ShownOnceProps {
  readonly title: string;
  /** What it is, such as `secret`. */
  readonly what: string;
  readonly value: string;
  readonly onDone: () => void;
  /** What to do with it: a command, a line of a file. */
  readonly children?: ReactNode;
}

export function ShownOnce({ title, what, value, onDone, children }: ShownOnceProps) {
  const [stored, setStored] = useState(false);
  return (
    <Dialog title={title} onClose={onDone} mustAnswer wide>
      <div className="flow">
        <p>
          This is the only time it is shown. Only its hash is kept, so nobody can look it up:{' '}
          <strong>copy it now.</strong>
        </p>
        <div className="once">
          <code>{value}</code>
          <CopyButton text={value} what={what} primary />
        </div>
        {children}
        <CheckBox text="I have stored it" checked={stored} onCheck={setStored} />
        <div className="buttons">
          <button type="button" disabled={!stored} onClick={onDone}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}
