/** What was decided about each claim, for whoever asks why. */
import type { CborLabel } from '../cbor/index.ts';
import type { CatClaimErrorCode } from './cat-error.ts';
import type { CatClaim, ClaimContext, ClaimNames } from './claim.ts';
import type { JsonValue } from './json-value.ts';

export interface Decision {
  readonly claim: string;
  readonly label: CborLabel;
  /** `informs`: the claim is never a reason to refuse. */
  readonly outcome: 'accepted' | 'refused' | 'informs' | 'ignored';
  readonly code?: CatClaimErrorCode;
  /** What the token says. */
  readonly expected?: JsonValue;
  /** What the request showed; absent where it showed nothing. */
  readonly got?: JsonValue;
}

export interface DecisionLog {
  add(claim: CatClaim, value: unknown, code: CatClaimErrorCode | undefined, context: ClaimContext): void;
  readonly decisions: readonly Decision[];
}

export function createDecisionLog(names: ClaimNames): DecisionLog {
  const decisions: Decision[] = [];
  return {
    decisions,
    add(claim, value, code, context) {
      const got = claim.presented?.(context, value);
      decisions.push({
        claim: claim.name,
        label: claim.label,
        outcome: code !== undefined ? 'refused' : claim.acceptable === undefined ? 'informs' : 'accepted',
        ...(code === undefined ? {} : { code }),
        expected: claim.toJson(value, names),
        ...(got === undefined ? {} : { got }),
      });
    },
  };
}
