/** Tokens to try it with. The JWT is made in this page, with a key made in this page, so that it can be checked too. */
import type { PublicKey } from './verify-signature.ts';

export interface Sample {
  readonly token: string;
  readonly issuer: string;
  readonly keys: readonly PublicKey[];
  readonly audience: string;
}

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'https://music.example/';

/** Nobody issued it; its checksum holds. */
const OPAQUE = 'tsr_at_07ELSZgnu18FMTahov29GNUbipw3AHOVcjqx4BIPWdk0zetLP';
/** Made with `tessera cat create`; it ended on 1 January 2026. */
const EXPIRED_CAT =
  '2D3RhEOhAQWhBEtzYW1wbGUtMjAyNlhoqAF2aHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZQN1aHR0cHM6Ly92aWRlby5leGFtcGxlBBppVbkABhppVarwB1C3Rzy_HUt3LXOEldlt58ySGQE2ARkBOKEDoQFmL2xpdmUvGQE5gWNHRVRYIMPZHdPe0OBWkSxTaqj0S01orQLes383qhdmET0DNqK-';

export const SAMPLES: readonly {
  readonly name: string;
  readonly make: (issuer: string) => Promise<Sample>;
}[] = [
  { name: 'A valid JWT', make: validJwt },
  {
    name: 'An expired Common Access Token',
    make: () =>
      Promise.resolve({ token: EXPIRED_CAT, issuer: ISSUER, keys: [], audience: 'https://video.example' }),
  },
  {
    name: 'An opaque token',
    make: (issuer) => Promise.resolve({ token: OPAQUE, issuer, keys: [], audience: '' }),
  },
];

async function validJwt(): Promise<Sample> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const kid = 'made-in-this-page';
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'ES256', typ: 'at+jwt', kid };
  const claims = {
    iss: ISSUER,
    sub: 'usr_ada',
    aud: AUDIENCE,
    exp: now + 3600,
    iat: now,
    jti: crypto.randomUUID(),
    client_id: 'web-player',
    scope: 'playlist-read-private user-read-private',
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    pair.privateKey,
    new TextEncoder().encode(signed),
  );
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
  return {
    token: `${signed}.${Buffer.from(new Uint8Array(signature)).toString('base64url')}`,
    issuer: ISSUER,
    keys: [{ ...jwk, kid }],
    audience: AUDIENCE,
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
