/**
 * COSE messages with one signer or one shared key: taking them apart. Nothing in them is proven by that.
 * @spec RFC 9052 §2, §3, §4.2, §6.2; RFC 8392 §6; RFC 9596
 */
import { CborError } from '../cbor/cbor-error.ts';
import { decodeCbor } from '../cbor/decode.ts';
import type { CborRules } from '../cbor/rules.ts';
import { CborTag, isCborMap } from '../cbor/value.ts';
import type { CborKey, CborMap, CborValue } from '../cbor/value.ts';
import { CoseError } from './cose-error.ts';

export interface CoseMessage {
  /** What the tag says; undefined without one: then the key decides. */
  readonly type: 'mac0' | 'sign1' | undefined;
  /** Whether the CWT tag 61 stands in front. */
  readonly cwtTag: boolean;
  readonly protectedHeader: CborMap;
  readonly unprotectedHeader: CborMap;
  /** The protected header as it is signed: as it was sent, or nothing where it has no parameter (§4.4). */
  readonly protectedBytes: Uint8Array;
  readonly payload: Uint8Array;
  /** Signature or tag. */
  readonly signature: Uint8Array;
  /** Who named the key by a text is taken to mean its UTF-8 bytes. */
  readonly kid: Uint8Array | undefined;
  readonly alg: number | string | undefined;
  /** A media type, or the number of a CoAP content format. */
  readonly typ: number | string | undefined;
}

/** Labels of header parameters (RFC 9052 §3.1, RFC 9596 §2, RFC 9597 §2). */
export const coseHeaders = { alg: 1, crit: 2, contentType: 3, kid: 4, cwtClaims: 15, typ: 16 } as const;

export const CWT_TAG = 61;
export const MAC0_TAG = 17;
export const SIGN1_TAG = 18;

/**
 * @param rules for the message and its protected header, not for the payload, which is not read
 * @throws CoseError
 */
export function decodeCose(bytes: Uint8Array, rules?: CborRules): CoseMessage {
  const { value, cwtTag, type } = unwrapTags(read(bytes, rules));
  if (!Array.isArray(value) || value.length !== 4) throw new CoseError('malformed_message');
  const [protectedPart, unprotectedHeader, payload, signature] = value as readonly CborValue[];
  if (payload === null) throw new CoseError('detached_payload');
  if (
    !(protectedPart instanceof Uint8Array && payload instanceof Uint8Array && signature instanceof Uint8Array)
  ) {
    throw new CoseError('malformed_message');
  }
  const protectedHeader = protectedPart.length === 0 ? NO_PARAMETERS : read(protectedPart, rules);
  if (!isCborMap(protectedHeader) || !isCborMap(unprotectedHeader)) throw new CoseError('malformed_header');
  requireSingleHeaders(protectedHeader, unprotectedHeader);
  const parameter = (label: CborKey) => protectedHeader.get(label) ?? unprotectedHeader.get(label);
  return {
    type,
    cwtTag,
    protectedHeader,
    unprotectedHeader,
    protectedBytes: protectedHeader.size === 0 ? NO_BYTES : protectedPart,
    payload,
    signature,
    kid: readKid(parameter(coseHeaders.kid)),
    alg: readName(parameter(coseHeaders.alg)),
    typ: readName(parameter(coseHeaders.typ)),
  };
}

const NO_PARAMETERS: CborMap = new Map();
const NO_BYTES = new Uint8Array();

function read(bytes: Uint8Array, rules: CborRules | undefined): CborValue {
  try {
    return decodeCbor(bytes, rules);
  } catch (error) {
    if (error instanceof CborError) throw new CoseError('malformed_cbor', { cause: error });
    throw error;
  }
}

/** 61 may stand before 17 or 18, and all of them may be left out (RFC 8392 §6). */
function unwrapTags(outer: CborValue): { value: CborValue; cwtTag: boolean; type: CoseMessage['type'] } {
  const cwtTag = outer instanceof CborTag && outer.tag === CWT_TAG;
  const value = cwtTag ? outer.value : outer;
  if (!(value instanceof CborTag)) return { value, cwtTag, type: undefined };
  if (value.tag !== MAC0_TAG && value.tag !== SIGN1_TAG) throw new CoseError('wrong_tag');
  return { value: value.value, cwtTag, type: value.tag === MAC0_TAG ? 'mac0' : 'sign1' };
}

/** A parameter that stands in both headers has two meanings (§3). */
function requireSingleHeaders(protectedHeader: CborMap, unprotectedHeader: CborMap): void {
  for (const label of unprotectedHeader.keys()) {
    if (protectedHeader.has(label)) throw new CoseError('duplicate_header');
  }
}

function readKid(kid: CborValue): Uint8Array | undefined {
  if (kid === undefined || kid instanceof Uint8Array) return kid;
  if (typeof kid === 'string') return new Uint8Array(Buffer.from(kid, 'utf8'));
  throw new CoseError('malformed_header');
}

function readName(name: CborValue): number | string | undefined {
  if (name === undefined || typeof name === 'string' || typeof name === 'number') return name;
  throw new CoseError('malformed_header');
}
