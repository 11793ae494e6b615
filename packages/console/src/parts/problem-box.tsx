/** What went wrong, why, and what to do: in ink, a shape and words. Colour is for tokens. */
import type { ApiProblem } from '../api/problem.ts';
import { PREFIX, signInAddress } from '../shell/address.ts';
import { keepDrafts } from '../shell/draft.ts';

export interface ProblemBoxProps {
  readonly problem: ApiProblem;
  /** Offered where another try may help. */
  readonly retry?: () => void;
}

export function ProblemBox({ problem, retry }: ProblemBoxProps) {
  const mayPass = problem.status === 0 || problem.status >= 500;
  const { errors, help, requestId, code } = problem;
  return (
    <div className="problem" role="alert">
      <strong>{problem.message}</strong>
      <span>{problem.detail.replace(/\.$/, '')}.</span>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <code>{pointer.replace(/^\//, '')}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      <span className="problem-ways small">
        {code === 'not_signed_in' || code === 'recent_sign_in_required' ? (
          <a href={signInAddress()} onClick={keepDrafts}>
            Sign in
          </a>
        ) : null}
        {mayPass && retry !== undefined && (
          <button type="button" className="plain" onClick={retry}>
            Try again
          </button>
        )}
        {help !== undefined && <a href={`${PREFIX}${help}`}>What this means</a>}
        {requestId !== undefined && (
          <span className="muted">
            <code>tessera why {requestId}</code>
          </span>
        )}
      </span>
    </div>
  );
}
