/** What is left of a request: a line in the log, and the counts. */
import { withoutTokens } from '@tessera/tokens';
import { TokenError } from '@tessera/verifier';
import type { Visit } from '../visit.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export function report(visit: Visit, metrics: Metrics, logger: Logger): void {
  const now = performance.now();
  const { route, outcome, status, startedAt, forwardedAt } = visit;
  const name = route?.name ?? '-';
  metrics.answered(name, outcome, status, now - startedAt);
  visit.trace?.end({ route: name, outcome, status });
  if (forwardedAt !== undefined) metrics.upstreamTook(name, now - forwardedAt);
  const level = status >= 500 ? 'error' : status >= 400 || outcome !== 'passed' ? 'info' : 'debug';
  if (!logger.isLevelEnabled(level)) return;
  const { failure } = visit;
  const cause = failure instanceof TokenError ? failure.cause : failure;
  logger[level](
    {
      requestId: visit.id,
      route: name,
      method: visit.request.method,
      // Of a target that was refused nothing is known, so nothing of it is told.
      path: visit.target === undefined ? '(refused)' : withoutTokens(visit.target.path),
      status,
      outcome,
      address: visit.caller?.peer ?? '',
      durationMs: now - startedAt,
      ...(forwardedAt === undefined ? {} : { upstreamMs: now - forwardedAt }),
      ...(cause === undefined ? {} : { error: cause }),
    },
    'answered',
  );
}
