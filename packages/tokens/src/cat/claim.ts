/**
 * The shape that every claim has. A claim is well-formed or not, whatever the request; and where it is well-formed, the
 * request is acceptable to it or not.
 * @spec CTA-5007-B §4.5, §4.6
 */
import type { CborLabel, CborMap, CborValue } from '../cbor/index.ts';
import type { DpopProof, DpopProofVerifier } from '../dpop-proof.ts';
import type { CatClaimErrorCode } from './cat-error.ts';
import type { CatRequest } from './cat-request.ts';
import type { JsonValue } from './json-value.ts';
import type { BlockList, ReplayStore, ReuseDetector } from './stores.ts';

/** Absent: accepted. */
export type Verdict = CatClaimErrorCode | undefined;

export interface CatClaim<Value = unknown> {
  readonly name: string;
  readonly label: CborLabel;
  /** Of CTA-5007-B, where it is from there. */
  readonly section?: string;
  /** Whether every recipient must be able to check it, or may; `extension` is from elsewhere. */
  readonly support: 'must' | 'may' | 'extension';
  /** One line for people. */
  readonly says: string;
  /** @returns the value in the form the rest works with; undefined where it is not well-formed */
  read(value: CborValue): Value | undefined;
  /** Absent where a claim only informs: it is never a reason to refuse. */
  acceptable?(value: Value, context: ClaimContext): Verdict | Promise<Verdict>;
  /** What the request showed of what the claim is about, for explaining a decision. */
  presented?(context: ClaimContext, value: Value): JsonValue | undefined;
  toJson(value: Value, names: ClaimNames): JsonValue;
  /** @returns undefined for what is not a way to write this claim */
  fromJson(json: JsonValue, names: ClaimNames): CborValue | undefined;
  /** Whether the value tells so much about a person that it may only travel encrypted. */
  isPersonal?(value: Value): boolean;
}

/** Claims by name, for claims that speak about other claims. */
export interface ClaimNames {
  nameOf(label: CborLabel): string;
  labelOf(name: string): CborLabel | undefined;
  setToJson(claims: CborMap): JsonValue;
  setFromJson(json: JsonValue): CborMap | undefined;
}

/** What claims are held against. */
export interface ClaimContext {
  readonly nowMs: number;
  readonly request: CatRequest;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  /** The token string: what a DPoP proof names. */
  readonly token: string;
  /** Another claim of the same set, or of the sets around it. */
  claim(label: CborLabel): CborValue | undefined;
  readonly memory: ClaimMemory;
}

/** What claims need besides the request. A claim that needs what is absent is refused. */
export interface ClaimMemory {
  /** `catreplay`: which tokens were used. */
  readonly replays?: ReplayStore | undefined;
  /** `catreplay` 2: what is to be thought of a token that is used again; without it, such a token is refused. */
  readonly isReuseAllowed?: ReuseDetector | undefined;
  /** `catpor`: what was drawn. */
  readonly blocks?: BlockList | undefined;
  /** `catpor`: a number from 0 up to, not including, 1. */
  readonly draw?: (() => number) | undefined;
  /** `cnf`; `elsewhere` where whoever asks checks the proof, and what `catdpop` says about it, afterwards. */
  readonly proofs?: DpopProofVerifier | 'elsewhere' | undefined;
  /**
   * `catdpop`: notes a proof as used. Of parallel calls for one proof exactly one may answer true.
   */
  readonly rememberProof?: ((proof: DpopProof) => boolean | Promise<boolean>) | undefined;
}
