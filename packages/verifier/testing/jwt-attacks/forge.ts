/** A good token, and what makes others that look like it. */
import { createHmac, sign } from 'node:crypto';
import { derToRaw, importSigningKey } from '@tessera/tokens';
import type { GeneratedSigningKey } from '@tessera/tokens';

export interface AttackMaterial {
  /** ES256, published, and the key of good tokens. */
  readonly key: GeneratedSigningKey;
  /** RS256 and published. */
  readonly rsaKey: GeneratedSigningKey;
  /** Those of a good token. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Where nobody may ever ask: counts who does. */
  readonly canary: string;
}

export type Attack = readonly [family: string, what: string, token: string];

export const b64 = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');
export const times = <Value>(values: readonly Value[], make: (value: Value) => Attack): Attack[] =>
  values.map(make);

export interface Forge {
  readonly good: string;
  readonly parts: readonly [header: string, payload: string, signature: string];
  readonly header: (change?: object) => string;
  /** Signed by the good key, whatever the texts are. */
  readonly signed: (header: string | Uint8Array, payload?: string | Uint8Array) => string;
  /** A good header over these claims. */
  readonly claiming: (change: object) => string;
  readonly hmac: (alg: string, secret: string | Uint8Array) => string;
}

export function createForge({ key, claims }: AttackMaterial): Forge {
  const { privateKey } = importSigningKey(key);
  const body = JSON.stringify(claims);
  const header = (change: object = {}) =>
    JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...change });
  const signed: Forge['signed'] = (head, payload = body) => {
    const input = `${b64(head)}.${b64(payload)}`;
    return `${input}.${b64(derToRaw(sign('sha256', Buffer.from(input), privateKey)) ?? '')}`;
  };
  const good = signed(header());
  const [head = '', payload = '', signature = ''] = good.split('.');
  return {
    good,
    parts: [head, payload, signature],
    header,
    signed,
    claiming: (change) => signed(header(), JSON.stringify({ ...claims, ...change })),
    hmac(alg, secret) {
      const input = `${b64(header({ alg }))}.${payload}`;
      const hash = alg.replace('HS', 'sha');
      return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
    },
  };
}
