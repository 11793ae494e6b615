/**
 * Under which labels sets of claims are combined. None has been assigned yet, so a recipient says which it takes;
 * without any, a token that combines claims is refused for an unknown claim.
 * @spec draft-lemmons-cose-composite-claims-01 §3
 */
import type { CborLabel } from '../cbor/index.ts';

export interface CompositeLabels {
  /** Refused when all of its sets are. */
  readonly or?: CborLabel;
  /** Refused when one of its sets is accepted. */
  readonly nor?: CborLabel;
  /** Refused when one of its sets is. */
  readonly and?: CborLabel;
  /** Lists the claims that must be there and be understood; others may then be unknown. */
  readonly crit?: CborLabel;
}

/** As Akamai's module writes them. */
export const akamaiCompositeLabels: CompositeLabels = { or: 41, nor: 42, and: 43, crit: 45 };
/** As the C4M implementations of Quicr write them. */
export const c4mCompositeLabels: CompositeLabels = { or: 324, nor: 325, and: 326 };
