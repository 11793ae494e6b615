/** Every example of the COSE working group that is here: checked, or refused for a reason that a table gives. */
import { describe, expect, it } from 'vitest';
import { listPublishedVectors, readPublishedVectors } from '../../testing/published-vectors.ts';
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

/** Good messages that are refused here, and why. */
const NOT_FOR_US: Readonly<Record<string, string>> = {
  'hmac-examples/HMac-enc-02': 'HMAC with SHA-384',
  'hmac-examples/HMac-enc-03': 'HMAC with SHA-512',
  'ecdsa-examples/ecdsa-sig-02': 'P-384',
  'ecdsa-examples/ecdsa-sig-03': 'P-521',
  'ecdsa-examples/ecdsa-sig-04': 'ES512 with a P-256 key',
  'eddsa-examples/eddsa-sig-02': 'Ed448',
  'RFC8152/Appendix_C_6_1': 'AES-CBC-MAC',
  'cbc-mac-examples/cbc-mac-enc-01': 'AES-CBC-MAC',
  'cbc-mac-examples/cbc-mac-enc-02': 'AES-CBC-MAC',
  'cbc-mac-examples/cbc-mac-enc-03': 'AES-CBC-MAC',
  'cbc-mac-examples/cbc-mac-enc-04': 'AES-CBC-MAC',
};

/** Other shapes, told by how they begin: none of them may pass as a COSE_Sign1 or COSE_Mac0. */
const OTHER_SHAPES: Readonly<Record<string, string>> = {
  d860: 'encrypted for recipients (tag 96)',
  d861: 'a MAC for recipients (tag 97)',
  d862: 'several signers (tag 98)',
  d083: 'encrypted (tag 16)',
};
/** Untagged, or under tag 17 where it should be 97: a MAC for recipients has five parts. */
const FIVE_PARTS = /^(?:d1)?85/;

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

const names = listPublishedVectors('cose-examples').map((path) =>
  path.slice('cose-examples/'.length, -'.json'.length),
);
const beginningOf = (name: string) => read(name)!.output.cbor.slice(0, 4).toLowerCase();
const isOther = (name: string) =>
  OTHER_SHAPES[beginningOf(name)] !== undefined || FIVE_PARTS.test(beginningOf(name));
const others = names.filter(isOther);
const messages = names.filter((name) => !isOther(name));

const refusals: ReadonlySet<string> = new Set([
  'wrong_tag',
  'malformed_message',
  'malformed_cbor',
  'key_mismatch',
  'unknown_key',
  'bad_signature',
  'bad_signature_length',
]);

// Skipped where the published examples are not beside the repository.
describe.skipIf(names.length === 0)('examples of COSE_Sign1 and COSE_Mac0', () => {
  it('are as many as there are, and those left out are among them', () => {
    expect(messages.length).toBe(39);
    expect(messages).toEqual(expect.arrayContaining(Object.keys(NOT_FOR_US)));
  });

  it.each(messages)('%s', (name) => {
    const example = read(name)!;
    const outcome = check(example);
    const { plaintext, plaintext_hex } = example.input;
    const payload = plaintext_hex?.toLowerCase() ?? Buffer.from(plaintext ?? '').toString('hex');
    const holds = example.fail !== true && NOT_FOR_US[name] === undefined;
    expect(refusals.has(outcome) ? 'refused' : outcome).toBe(holds ? payload : 'refused');
  });
});

// Skipped where the published examples are not beside the repository.
describe.skipIf(names.length === 0)('examples of other messages are refused', () => {
  it.each(others)('%s', (name) => {
    expect(() => decodeCose(hex(read(name)!.output.cbor))).toThrow(CoseError);
  });
});
