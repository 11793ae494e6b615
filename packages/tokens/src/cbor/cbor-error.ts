/** Every way in which bytes can be refused as CBOR: a closed table from code to what a person may read. */

export const cborErrorDescriptions = {
  too_large: 'the data is larger than allowed',
  too_deep: 'the data is nested deeper than allowed',
  too_many_items: 'the data has more items than allowed',
  truncated: 'the data ends in the middle of an item',
  trailing_bytes: 'bytes follow the end of the data',
  malformed_head: 'an item begins with a reserved byte',
  indefinite_length: 'an item does not say its length at the start',
  not_shortest: 'a number, a length or a tag has a shorter form',
  malformed_utf8: 'a text is not UTF-8',
  unsupported_simple: 'a simple value other than false, true, null and undefined',
  unsupported_tag: 'a tag number is larger than 2^53 - 1',
  unsupported_key: 'a map has a key that is neither an integer nor text',
  duplicate_key: 'a map has a key twice',
  unsorted_keys: 'the keys of a map are not in order',
  float_refused: 'a floating-point number that is not allowed here',
} as const;

export type CborErrorCode = keyof typeof cborErrorDescriptions;

/** Refused bytes. The message is constant text for the code and never holds anything of the data. */
export class CborError extends Error {
  readonly code: CborErrorCode;

  constructor(code: CborErrorCode) {
    super(cborErrorDescriptions[code]);
    this.name = 'CborError';
    this.code = code;
  }
}
