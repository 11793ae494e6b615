/**
 * CBOR's data items as values of the language.
 * @spec RFC 8949 §2, §3
 */

/**
 * Integers within ±(2^53−1) are `number`, others `bigint`; floats are `number`; byte strings are `Uint8Array`.
 * What `decodeCbor` gives shares its bytes with what it was given.
 */
export type CborValue =
  | number
  | bigint
  | string
  | Uint8Array
  | boolean
  | null
  | undefined
  | readonly CborValue[]
  | CborMap
  | CborTag;

/** Names of members: integers and text. */
export type CborLabel = number | bigint | string;
/** A list of labels is a key only in Common Access Tokens (`catif`); look such a key up by walking the map. */
export type CborKey = CborLabel | readonly CborLabel[];

/** In the order of the bytes. */
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** A value with a tag number before it. */
export class CborTag {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

export function isCborMap(value: CborValue): value is CborMap {
  return value instanceof Map;
}
