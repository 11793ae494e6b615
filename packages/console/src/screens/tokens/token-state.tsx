import type { PersonalAccessToken } from '../../api/described.ts';
import { useNow } from '../../parts/moment.tsx';
import { StateMark, type TokenState } from '../../parts/state-mark.tsx';

/** "Soon" is a week: that is when its owner is told by mail, too. */
const SOON_SECONDS = 7 * 86_400;

/** The state of a personal access token; rules that came later may refuse one that has not ended. */
export function TokenStateMark({ token }: { readonly token: PersonalAccessToken }) {
  const now = useNow(10_000);
  if ((token.refused_by?.length ?? 0) > 0) return <StateMark state="refused" word="refused by the rules" />;
  return <StateMark state={stateOf(token, now / 1000)} {...wordOf(token)} />;
}

function stateOf(
  { status, expires_at: ends, created_at: made }: PersonalAccessToken,
  now: number,
): TokenState {
  if (status === 'pending') return 'waiting';
  if (status !== 'active') return status === 'expired' ? 'ended' : 'revoked';
  if (ends === undefined) return 'live';
  // One that was made for a week does not end soon from the start.
  return ends - now < Math.min(SOON_SECONDS, (ends - made) / 4) ? 'ends-soon' : 'live';
}

function wordOf({ status }: PersonalAccessToken): { readonly word?: string } {
  return status === 'pending' ? { word: 'waits for approval' } : {};
}
