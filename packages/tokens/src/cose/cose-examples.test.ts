/** The examples of the COSE working group, each of which is either checked or stands in the table of those left out. */
import { describe, expect, it } from 'vitest';
import { readPublishedVectors } from '../../testing/published-vectors.ts';
import { CoseError } from './cose-error.ts';
import { createMacKey, importJwkForCose } from './key.ts';
import type { CoseKey } from './key.ts';
import { decodeCose } from './message.ts';
import { verifyCose } from './verify.ts';

interface JsonKey {
  readonly kty: string;
  readonly [member: string]: string;
}
interface Signer {
  readonly alg?: string;
  readonly key?: JsonKey;
  readonly external?: string;
  readonly recipients?: readonly { readonly key: JsonKey }[];
}
interface Example {
  readonly title: string;
  readonly fail?: boolean;
  readonly input: {
    readonly plaintext?: string;
    readonly plaintext_hex?: string;
    readonly sign0?: Signer;
    readonly mac0?: Signer;
  };
  readonly output: { readonly cbor: string };
}

const MESSAGES = [
  'CWT/A_3',
  'CWT/A_4',
  'CWT/A_7',
  ...['HMac-01', 'mac-pass-01', 'mac-pass-02', 'mac-pass-03'].map((name) => `mac0-tests/${name}`),
  ...['01', '02', '03', '04', '06', '07'].map((name) => `mac0-tests/mac-fail-${name}`),
  ...['01', '02', '03', '04', '05'].map((name) => `hmac-examples/HMac-enc-${name}`),
  ...['pass-01', 'pass-02', 'pass-03'].map((name) => `sign1-tests/sign-${name}`),
  ...['01', '02', '03', '04', '06', '07'].map((name) => `sign1-tests/sign-fail-${name}`),
  ...['01', '02', '03', '04'].map((name) => `ecdsa-examples/ecdsa-sig-${name}`),
  ...['eddsa-sig-01', 'eddsa-sig-02'].map((name) => `eddsa-examples/${name}`),
  'RFC8152/Appendix_C_2_1',
  'RFC8152/Appendix_C_6_1',
];

/** Good messages that are refused here, and why. */
const NOT_FOR_US: Readonly<Record<string, string>> = {
  'hmac-examples/HMac-enc-02': 'HMAC with SHA-384',
  'hmac-examples/HMac-enc-03': 'HMAC with SHA-512',
  'ecdsa-examples/ecdsa-sig-02': 'P-384',
  'ecdsa-examples/ecdsa-sig-03': 'P-521',
  'ecdsa-examples/ecdsa-sig-04': 'ES512 with a P-256 key',
  'eddsa-examples/eddsa-sig-02': 'Ed448',
  'RFC8152/Appendix_C_6_1': 'AES-CBC-MAC',
};

/** Examples of other shapes: none of them may pass as a COSE_Sign1 or COSE_Mac0. */
const OTHER_SHAPES: Readonly<Record<string, string>> = {
  'CWT/A_5': 'encrypted (tag 16)',
  'CWT/A_6': 'signed, then encrypted (tag 16)',
  'RFC8152/Appendix_C_1_1': 'several signers (tag 98)',
  'RFC8152/Appendix_C_1_2': 'several signers (tag 98)',
  'RFC8152/Appendix_C_1_3': 'several signers (tag 98)',
  'RFC8152/Appendix_C_1_4': 'several signers (tag 98)',
  'RFC8152/Appendix_C_3_1': 'encrypted for recipients (tag 96)',
  'RFC8152/Appendix_C_4_1': 'encrypted (tag 16)',
  'RFC8152/Appendix_C_5_1': 'recipients of a MAC (tag 97)',
  'RFC8152/Appendix_C_5_2': 'recipients of a MAC (tag 97)',
  'hmac-examples/HMac-01': 'recipients of a MAC (tag 97)',
  'ecdsa-examples/ecdsa-01': 'several signers (tag 98)',
  'eddsa-examples/eddsa-01': 'several signers (tag 98)',
  'rsa-pss-examples/rsa-pss-01': 'several signers (tag 98)',
  'rsa-pss-examples/rsa-pss-02': 'several signers (tag 98), SHA-384',
  'rsa-pss-examples/rsa-pss-03': 'several signers (tag 98), SHA-512',
  'mac-tests/HMac-01': 'recipients of a MAC (tag 97)',
};

const read = (name: string): Example | undefined => readPublishedVectors(`cose-examples/${name}.json`);
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

/** Members that end in `_hex` become what a JWK has. */
function keyOf(key: JsonKey | undefined, alg: string | undefined): CoseKey | undefined {
  const jwk: Record<string, string> = {};
  for (const [name, value] of Object.entries(key ?? {})) {
    if (['kty', 'crv', 'kid'].includes(name)) jwk[name] = value;
    if (['x', 'y', 'k'].includes(name)) jwk[name] = value;
    if (['x_hex', 'y_hex', 'k_hex'].includes(name)) {
      jwk[name.slice(0, -4)] = Buffer.from(value, 'hex').toString('base64url');
    }
  }
  if (alg === 'HS256/64') {
    return createMacKey({ secret: Buffer.from(jwk['k'] ?? '', 'base64url'), alg: 'HS256/64' });
  }
  return importJwkForCose(jwk);
}

/** The payload when the message holds, else the code of the refusal. */
function check({ input, output }: Example) {
  const signer = input.sign0 ?? input.mac0;
  const key = keyOf(signer?.key ?? signer?.recipients?.[0]?.key, signer?.alg);
  try {
    const message = decodeCose(hex(output.cbor));
    verifyCose(message, key, { externalAad: hex(signer?.external ?? '') });
    return Buffer.from(message.payload).toString('hex');
  } catch (error) {
    if (error instanceof CoseError) return error.code;
    throw error;
  }
}

const areThere = read('CWT/A_3') !== undefined;

// Skipped where the published examples are not beside the repository.
describe.skipIf(!areThere)('examples of COSE_Sign1 and COSE_Mac0', () => {
  it.each(MESSAGES)('%s', (name) => {
    const example = read(name)!;
    const outcome = check(example);
    const { plaintext, plaintext_hex } = example.input;
    const payload = plaintext_hex?.toLowerCase() ?? Buffer.from(plaintext ?? '').toString('hex');
    const holds = example.fail !== true && NOT_FOR_US[name] === undefined;
    if (holds) expect(outcome).toBe(payload);
    else expect(Object.keys(refusals)).toContain(outcome);
  });
});

const refusals = {
  wrong_tag: true,
  malformed_message: true,
  malformed_cbor: true,
  key_mismatch: true,
  unknown_key: true,
  bad_signature: true,
  bad_signature_length: true,
};

// Skipped where the published examples are not beside the repository.
describe.skipIf(!areThere)('examples of other messages are refused', () => {
  it.each(Object.entries(OTHER_SHAPES))('%s: %s', (name) => {
    expect(() => decodeCose(hex(read(name)!.output.cbor))).toThrow(CoseError);
  });
});
