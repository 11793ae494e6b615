/**
 * Checks a COSE message against one key. The algorithm is the key's; the header can only agree with it.
 * @spec RFC 9052 §3.1 (crit), §4.4, §6.3; RFC 8725 §3.1
 */
import type { CborKey, CborValue } from '../cbor/value.ts';
import { coseAlgNumbers, isMacAlg, verifyMessage } from './algorithm.ts';
import type { CoseAlg } from './algorithm.ts';
import { CoseError } from './cose-error.ts';
import type { CoseKey } from './key.ts';
import { coseHeaders } from './message.ts';
import type { CoseMessage } from './message.ts';
import { toBeSigned } from './to-be-signed.ts';

export interface CoseExpectations {
  /** What both sides know without sending it; none by default. */
  readonly externalAad?: Uint8Array;
  /** Labels that a caller will look at itself, beyond `alg`, `kid` and `typ`; others in `crit` are refused. */
  readonly understood?: readonly CborKey[];
}

/**
 * @param found what the caller found for the message's `kid`
 * @throws CoseError
 */
export function verifyCose(
  message: CoseMessage,
  found: CoseKey | undefined,
  expectations?: CoseExpectations,
): void {
  validateCrit(message, expectations?.understood);
  const { alg, key } = fittingKey(message, found);
  const input = toBeSigned(alg, message.protectedBytes, message.payload, expectations?.externalAad);
  if (!verifyMessage(alg, key, input, message.signature)) throw new CoseError('bad_signature');
}

function fittingKey(message: CoseMessage, key: CoseKey | undefined): CoseKey {
  if (key === undefined) throw new CoseError('unknown_key');
  const { alg } = key;
  if (message.alg !== undefined && message.alg !== coseAlgNumbers[alg]) throw new CoseError('key_mismatch');
  const type = isMacAlg(alg) ? 'mac0' : 'sign1';
  if (message.type !== undefined && message.type !== type) throw new CoseError('key_mismatch');
  if (message.signature.length !== signatureLength(key)) throw new CoseError('bad_signature_length');
  return key;
}

const signatureLengths: Readonly<Record<Exclude<CoseAlg, 'PS256'>, number>> = {
  HS256: 32,
  'HS256/64': 8,
  ES256: 64,
  EdDSA: 64,
};

function signatureLength({ alg, key }: CoseKey): number {
  if (alg !== 'PS256') return signatureLengths[alg];
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** Must be protected, name something, and name only what is there and understood. */
function validateCrit(message: CoseMessage, understood: readonly CborKey[] = []): void {
  if (message.unprotectedHeader.has(coseHeaders.crit)) throw new CoseError('malformed_header');
  const crit = message.protectedHeader.get(coseHeaders.crit);
  if (crit === undefined && !message.protectedHeader.has(coseHeaders.crit)) return;
  if (!Array.isArray(crit) || crit.length === 0) throw new CoseError('malformed_header');
  for (const label of crit as readonly CborValue[]) {
    if (typeof label !== 'number' && typeof label !== 'string') throw new CoseError('malformed_header');
    if (!message.protectedHeader.has(label)) throw new CoseError('malformed_header');
    if (!ALWAYS_UNDERSTOOD.has(label) && !understood.includes(label)) {
      throw new CoseError('crit_unsupported');
    }
  }
}

const ALWAYS_UNDERSTOOD: ReadonlySet<CborKey> = new Set([coseHeaders.alg, coseHeaders.kid]);
