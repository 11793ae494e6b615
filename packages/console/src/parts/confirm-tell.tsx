/** Asks before what cannot be taken back, tells the server, and closes once that is done. */
import type { ReactNode } from 'react';
import type { ApiProblem } from '../api/problem.ts';
import { Confirm } from './dialog.tsx';

/** What `useTell` gives. */
interface Tell<Given> {
  readonly isPending: boolean;
  readonly error: ApiProblem | null;
  readonly mutate: (given: Given, options: { readonly onSuccess: () => void }) => void;
}

export interface ConfirmTellProps<Given> {
  readonly title: string;
  /** What will have happened. */
  readonly children: ReactNode;
  /** The verb, as on the button that led here. */
  readonly verb: string;
  readonly tell: Tell<Given>;
  readonly given: NoInfer<Given>;
  readonly onClose: () => void;
}

export function ConfirmTell<Given>({ tell, given, onClose, ...shown }: ConfirmTellProps<Given>) {
  return (
    <Confirm
      {...shown}
      busy={tell.isPending}
      problem={tell.error}
      onClose={onClose}
      onConfirm={() => tell.mutate(given, { onSuccess: onClose })}
    />
  );
}
