/** CBOR, strict: what one program wrote is what every program reads. @spec RFC 8949 */
export { CborTag, isCborMap } from './value.ts';
export type { CborKey, CborLabel, CborMap, CborValue } from './value.ts';
export type { CborRules } from './rules.ts';
export { CborError, cborErrorDescriptions } from './cbor-error.ts';
export type { CborErrorCode } from './cbor-error.ts';
export { decodeCbor } from './decode.ts';
export { encodeCbor } from './encode.ts';
export { diagnostic } from './diagnostic.ts';
