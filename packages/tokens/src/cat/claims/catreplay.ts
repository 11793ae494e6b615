/** Whether the token may be used more than once. @spec CTA-5007-B §4.6.6 */
import type { CatClaim, ClaimContext, Verdict } from '../claim.ts';
import { numberFromJson, readSeconds } from '../read-value.ts';
import type { ReplayAnswer, ReplayStore } from '../stores.ts';
import { CTI, readCti } from './cti.ts';

const PERMITTED = 0;
const PROHIBITED = 1;
const REUSE_DETECTION = 2;
const ISS = 1;
const EXP = 4;

export const catreplay: CatClaim<number> = {
  name: 'catreplay',
  label: 308,
  section: '4.6.6',
  support: 'may',
  says: 'Whether the token may be used again: 0 yes, 1 no, 2 unless it looks stolen',
  read: (value) =>
    value === PERMITTED || value === PROHIBITED || value === REUSE_DETECTION ? value : undefined,
  acceptable: (mode, context) => {
    if (mode === PERMITTED) return undefined;
    const { replays } = context.memory;
    return replays === undefined ? 'claim_unsupported' : remember(mode, replays, context);
  },
  toJson: (mode) => mode,
  fromJson: numberFromJson,
};

/** A use can only be told from another by `cti`, and forgotten when the token has ended. */
function remember(mode: number, replays: ReplayStore, context: ClaimContext): Verdict | Promise<Verdict> {
  const cti = readCti(context.claim(CTI));
  const exp = readSeconds(context.claim(EXP));
  if (cti === undefined || exp === undefined) return 'claim_missing';
  const iss = context.claim(ISS);
  const issuer = typeof iss === 'string' ? iss : '';
  const answer = replays.remember(issuer, cti, exp * 1000);
  const judge = (use: ReplayAnswer): Verdict | Promise<Verdict> => {
    if (use !== 'first' && use !== 'again') return 'unavailable';
    if (mode === PROHIBITED) return use === 'first' ? undefined : 'reused';
    return judgeReuse({ issuer, cti, isFirst: use === 'first' }, context);
  };
  return answer instanceof Promise ? answer.then(judge) : judge(answer);
}

function judgeReuse(
  use: { readonly issuer: string; readonly cti: Uint8Array; readonly isFirst: boolean },
  { memory: { isReuseAllowed } }: ClaimContext,
): Verdict | Promise<Verdict> {
  // Absent means no: without anybody who tells reuse from theft, all reuse is theft.
  const allowed = isReuseAllowed === undefined ? use.isFirst : isReuseAllowed(use);
  return allowed instanceof Promise ? allowed.then(judgeAnswer) : judgeAnswer(allowed);
}

function judgeAnswer(isAllowed: unknown): Verdict {
  return isAllowed === true ? undefined : 'reused';
}
