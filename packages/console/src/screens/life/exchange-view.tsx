/** Requests and answers, as they were. */
import { StateMark } from '../../parts/state-mark.tsx';
import type { Exchange } from './walk.ts';

export function ExchangeView({
  exchange,
  open = false,
}: {
  readonly exchange: Exchange;
  readonly open?: boolean;
}) {
  const { title, request, status, challenge, answer, tookMs } = exchange;
  const isGood = status < 400;
  return (
    <details className={`answer ${isGood ? 'live' : 'refused'}`} open={open}>
      <summary>
        <strong>{title}</strong> <StateMark state={isGood ? 'live' : 'refused'} word={String(status)} />{' '}
        <span className="small muted">{tookMs} ms</span>
      </summary>
      <pre tabIndex={0}>
        <code>{request}</code>
      </pre>
      <pre tabIndex={0}>
        <code>
          {status}
          {challenge === undefined ? '' : `\nWWW-Authenticate: ${challenge}`}
          {answer === '' ? '' : `\n\n${answer}`}
        </code>
      </pre>
    </details>
  );
}
