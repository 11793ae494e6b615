/** A question in front of everything else. Esc and the button in its head close it; the focus goes back where it was. */
import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import type { ApiProblem } from '../api/problem.ts';
import { FormFoot } from './form-foot.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** It closes only by what its own buttons do: what it shows is not shown again. */
  readonly mustAnswer?: boolean;
  readonly wide?: boolean;
}

/** What a person came to fill in. */
const FIRST = '.dialog-body :is(input, select, textarea)';

export function Dialog({ title, onClose, children, mustAnswer = false, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const { current } = dialog;
    const before = document.activeElement;
    current?.showModal();
    // Left alone, the browser would choose the button that closes it.
    (current?.querySelector<HTMLElement>(FIRST) ?? current?.querySelector('h2'))?.focus();
    return () => {
      current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'wide' : ''}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (!mustAnswer) onClose();
      }}
      onKeyDown={(event) => {
        // The browser closes at the second Esc, whatever is said at the first.
        if (mustAnswer && event.key === 'Escape') event.preventDefault();
      }}
    >
      <header>
        <h2 id={heading} tabIndex={-1}>
          {title}
        </h2>
        {!mustAnswer && (
          <button type="button" className="plain" onClick={onClose}>
            Close
          </button>
        )}
      </header>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}

export interface ConfirmProps {
  readonly title: string;
  /** What will have happened. */
  readonly children: ReactNode;
  /** The verb, as on the button that led here. */
  readonly verb: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly busy: boolean;
  readonly problem: ApiProblem | null;
}

/** Asks before what cannot be taken back. */
export function Confirm({ title, children, verb, onConfirm, onClose, busy, problem }: ConfirmProps) {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="flow">{children}</div>
        <FormFoot verb={verb} problem={problem} busy={busy} cancel={onClose} />
      </form>
    </Dialog>
  );
}
