/**
 * DPoP proofs for a load: made ahead, by several keys, so that neither their making nor a cache of one key is measured.
 * @spec RFC 9449 §4.2
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { derToRaw } from '@tessera/tokens';

const KEYS = 32;

export interface Proofs {
  /** A proof that was not used yet. */
  next(): string;
}

interface Prover {
  /** The first part of its proofs: every one names the same key. */
  readonly header: string;
  readonly privateKey: KeyObject;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const provers = Array.from({ length: KEYS }, (): Prover => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  return { header: encode({ typ: 'dpop+jwt', alg: 'ES256', jwk }), privateKey };
});
let count = 0;

export function makeProofs(url: string, ahead: number): Proofs {
  const made = Array.from({ length: ahead }, () => makeProof(url));
  return { next: () => made.pop() ?? makeProof(url) };
}

function makeProof(htu: string): string {
  const prover = provers[count++ % KEYS];
  if (prover === undefined) throw new Error('no key');
  const claims = {
    jti: `proof-${process.pid}-${count}`,
    htm: 'POST',
    htu,
    iat: Math.floor(Date.now() / 1000),
  };
  const input = `${prover.header}.${encode(claims)}`;
  const signature = derToRaw(sign('sha256', Buffer.from(input), prover.privateKey));
  if (signature === undefined) throw new Error('no signature');
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}
