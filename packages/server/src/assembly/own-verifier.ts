/** The verifier of the server's own APIs. */
import {
  type RevocationSource,
  TokenError,
  type Verifier,
  createVerifier,
  tokenIdHash,
} from '@tessera/verifier';
import type { AccessTokens } from '../ports/access-tokens.ts';
import { createCalledAddress } from '../protocol/called-address.ts';
import { createOwnIntrospection } from '../protocol/own-introspection.ts';
import { certificateAddress } from './certificate-address.ts';
import type { Foundation } from './foundation.ts';

/** Checks tokens for the server's own APIs: the same verifier that APIs install, asking the store directly. */
export function ownVerifier(
  audience: string,
  { parts, clock, keyRing, findToken, subjectOf, dpopNonces }: Foundation,
): Verifier {
  const { issuer, store, config } = parts;
  const calledAddress = createCalledAddress(issuer, certificateAddress(parts));
  return createVerifier({
    issuer,
    audience,
    clock,
    introspect: createOwnIntrospection(findToken, clock, {
      issuer,
      subjectOf,
      clients: store.clients,
      resources: store.resources,
    }),
    jwks: () => keyRing.jwks(),
    // No lists and no events: the rows are at hand.
    issuerRevocation: 'off',
    revocation: [endedInStore(store.accessTokens)],
    ...(config.client_cert_header ? { mutualTls: { clientCertHeaderFrom: config.trusted_proxies } } : {}),
    dpop: {
      publicUrl: ({ origin, url = '' }) => calledAddress(origin?.()) + url.split('?', 1)[0],
      remember: (proof, until) => store.usedIdentifiers.remember('dpop_proof', proof, until, clock()),
      nonces: {
        current: () => dpopNonces.current(clock()),
        isGood: (nonce) => dpopNonces.isGood(nonce, clock()),
        required: config.dpop_nonce === 'required',
      },
    },
  });
}

/** A token that is checked by its signature is looked up too; an opaque one has just been. */
function endedInStore(accessTokens: AccessTokens): RevocationSource {
  return {
    async check(verified) {
      if (verified.accessToken.format === 'opaque') return;
      const id = tokenIdHash(verified);
      const state = id === undefined ? undefined : await accessTokens.find(id);
      if (state === undefined) throw new TokenError('unknown_token');
      if (state.endedAt !== undefined) throw new TokenError('revoked');
    },
  };
}
