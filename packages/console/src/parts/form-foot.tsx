/** The end of a form: what was wrong with it, the button that sends it, and the way out. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ApiProblem } from '../api/problem.ts';
import { ProblemBox } from './problem-box.tsx';

export interface FormFootProps {
  /** On the button. */
  readonly verb: string;
  readonly problem: ApiProblem | null;
  /** It is being sent, or cannot be. */
  readonly busy: boolean;
  /** Where a person goes who wants none of it, or what happens then. */
  readonly cancel?: string | (() => void);
  /** What has happened, once it has. */
  readonly said?: string | false;
  /** Further buttons. */
  readonly children?: ReactNode;
}

export function FormFoot({ verb, problem, busy, cancel, said = false, children }: FormFootProps) {
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} />}
      <div className="buttons">
        <button type="submit" disabled={busy}>
          {verb}
        </button>
        <Cancel by={cancel} />
        {children}
        {said !== false && <span className="said">{said}</span>}
      </div>
    </>
  );
}

function Cancel({ by }: { readonly by: FormFootProps['cancel'] }) {
  if (by === undefined) return null;
  if (typeof by === 'string') {
    return (
      <Link to={by} className="button quiet">
        Cancel
      </Link>
    );
  }
  return (
    <button type="button" className="quiet" onClick={by}>
      Cancel
    </button>
  );
}
