/** What a reader of CBOR insists on beyond well-formedness, and how much it takes. */

export interface CborRules {
  /**
   * Refuse numbers, lengths and tags that have a shorter form (RFC 8949 §4.2.1). Default true.
   * With false one value has many spellings: only for bytes that nobody compares.
   */
  readonly shortest?: boolean;
  /** Refuse maps whose keys are not in the order of their bytes (RFC 8949 §4.2.1). Default false. */
  readonly sorted?: boolean;
  /**
   * Which floats may stand: `fractions`, those that are no integer, so that each number has one form and an integer
   * in the value was one in the bytes (default); `finite`, integers too, but neither NaN nor the infinities nor −0;
   * `any`; or `none`.
   */
  readonly floats?: 'none' | 'fractions' | 'finite' | 'any';
  /** Take lists of integers and texts as keys of maps. Default false. */
  readonly listKeys?: boolean;
  /** Default 16 384. */
  readonly maximumBytes?: number;
  /** How many arrays, maps and tags may stand in each other. Default 32. */
  readonly maximumDepth?: number;
  /** Items of every kind, keys included. Default 4 096. */
  readonly maximumItems?: number;
}

export const defaultCborRules: Required<CborRules> = {
  shortest: true,
  sorted: false,
  floats: 'fractions',
  listKeys: false,
  maximumBytes: 16_384,
  maximumDepth: 32,
  maximumItems: 4096,
};
