/** Checks of a token, one below the other: what was expected, what came, and what to do where they differ. */
import type { Check } from '@tessera/tokens/explain';

type Shown = Pick<Check, 'check' | 'result'> & {
  readonly expected?: string | undefined;
  readonly got?: string | undefined;
  readonly fix?: string | undefined;
};

export function CheckList({ label, checks }: { readonly label: string; readonly checks: readonly Shown[] }) {
  return (
    <ul className="checks" aria-label={label}>
      {checks.map((check) => (
        <li key={check.check} className={check.result}>
          <CheckMark result={check.result} />
          <span className="check-name">{check.check.replaceAll('_', ' ')}</span>
          <span className="check-seen">
            <Seen check={check} />
          </span>
          {check.fix !== undefined && <span className="check-fix">{check.fix}</span>}
        </li>
      ))}
    </ul>
  );
}

const MARKS = {
  passed: ['✓', 'passed', 'live'],
  failed: ['✕', 'failed', 'refused'],
  skipped: ['–', 'not checked', 'ended'],
} as const;

function CheckMark({ result }: Pick<Shown, 'result'>) {
  const [shape, word, state] = MARKS[result];
  return (
    <strong className={`state ${state}`}>
      <span aria-hidden="true">{shape}</span>
      <span className="hidden">{word}</span>
    </strong>
  );
}

function Seen({ check: { result, expected, got } }: { readonly check: Shown }) {
  if (result === 'failed') {
    return (
      <>
        {expected !== undefined && (
          <>
            expected <code>{expected}</code>,{' '}
          </>
        )}
        {got !== undefined && (
          <>
            got <code>{got}</code>
          </>
        )}
      </>
    );
  }
  return <span className={result === 'skipped' ? 'muted' : ''}>{got ?? expected}</span>;
}
