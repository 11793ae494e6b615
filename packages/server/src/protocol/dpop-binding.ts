/**
 * DPoP at the authorization server: which key a request proves, and that no proof serves twice.
 * @spec RFC 9449 §4.3, §5, §8, §10, §11.1
 */
import {
  createDpopProofVerifier,
  DpopProofError,
  type DpopProof,
  type DpopProofVerifier,
} from '@tessera/tokens';
import type { Client } from '../domain/client.ts';
import type { UsedIdentifiers } from '../ports/used-identifiers.ts';
import type { CalledAddress } from './called-address.ts';
import type { DpopNonces } from './dpop-nonce.ts';
import type { Form } from './form.ts';
import { isHeldToFapi2 } from './security-profile.ts';
import { OAuthError } from './oauth-error.ts';
import type { PresentedProof, RequestContext } from './request-context.ts';
import { spend, type Spending } from './spending.ts';

export interface DpopBinding {
  /**
   * The key that a request with a DPoP header proves. Costs a signature check, on another thread, and no query.
   * @throws OAuthError `invalid_dpop_proof`, `use_dpop_nonce`
   */
  provenKey(proof: PresentedProof, at: number, client: Client): Promise<ProvenKey>;
}

export interface ProvenKey {
  /** The thumbprint of the key (RFC 7638). */
  readonly jkt: string;
  /**
   * The proof is to be noted as used before anything is handed out for it, and not for whoever might be nobody: a row
   * is written for each, and kept until the proof is too old to be used. Refused as `invalid_dpop_proof`.
   */
  readonly spending: Spending;
}

export interface DpopBindingDependencies {
  readonly calledAddress: CalledAddress;
  readonly nonces: DpopNonces;
  /** Whether every proof needs a nonce; proofs of clients under the profile `fapi2` always do. */
  readonly nonceRequired: boolean;
}

export function createDpopBinding(dependencies: DpopBindingDependencies): DpopBinding {
  const { calledAddress } = dependencies;
  const verifier = createDpopProofVerifier();
  return {
    async provenKey(presented, at, client) {
      const { thumbprint, jti, nonce, freshUntil } = await checkedProof(
        presented,
        calledAddress,
        at,
        verifier,
      );
      requireNonce(nonce, client, at, dependencies);
      return {
        jkt: thumbprint,
        spending: {
          use: { use: 'dpop_proof', identifier: `${thumbprint} ${jti}`, until: freshUntil },
          refuse: refuseUsedProof,
        },
      };
    },
  };
}

async function refuseUsedProof(): Promise<never> {
  throw new OAuthError('invalid_dpop_proof', 'The DPoP proof was used before; make one for each request');
}

async function checkedProof(
  { header, method, origin, path }: PresentedProof,
  calledAddress: CalledAddress,
  at: number,
  verifier: DpopProofVerifier,
): Promise<DpopProof> {
  if (header.includes(',')) {
    throw new OAuthError('invalid_dpop_proof', 'The request has more than one DPoP header');
  }
  try {
    return await verifier.verifyElsewhere(header, { method, url: calledAddress(origin) + path, nowMs: at });
  } catch (error) {
    if (error instanceof DpopProofError) throw new OAuthError('invalid_dpop_proof', error.message);
    throw error;
  }
}

/** A nonce that nobody asked for must be good all the same (§4.3 10). */
function requireNonce(
  nonce: string | undefined,
  { metadata }: Client,
  at: number,
  { nonces, nonceRequired }: DpopBindingDependencies,
): void {
  const required = nonceRequired || isHeldToFapi2({ metadata });
  if (nonce === undefined ? !required : nonces.isGood(nonce, at)) return;
  throw new OAuthError(
    'use_dpop_nonce',
    'The DPoP proof needs the nonce of the DPoP-Nonce header of this answer; make another with it',
    { dpopNonce: nonces.current(at) },
  );
}

const THUMBPRINT = /^[\w-]{43}$/;

/**
 * The parameter `dpop_jkt`: the key that alone may redeem the code (§10).
 * @throws OAuthError `invalid_request` when it is no thumbprint
 */
export function readDpopJkt(form: Form): string | undefined {
  const jkt = form.get('dpop_jkt');
  if (jkt === undefined || THUMBPRINT.test(jkt)) return jkt;
  throw new OAuthError('invalid_request', 'The parameter dpop_jkt is not a base64url SHA-256');
}

/**
 * The key that a pushed authorization request names, by `dpop_jkt`, by a proof, or by both alike (§10.1). The client
 * is authenticated by then. The proof is spent.
 * @throws OAuthError `invalid_request`, `invalid_dpop_proof`, `use_dpop_nonce`
 */
export async function pushedDpopJkt(
  form: Form,
  context: RequestContext,
  client: Client,
  { dpop, usedIdentifiers }: { readonly dpop: DpopBinding; readonly usedIdentifiers: UsedIdentifiers },
): Promise<string | undefined> {
  const named = readDpopJkt(form);
  if (context.dpop === undefined) return named;
  const proven = await dpop.provenKey(context.dpop, context.at, client);
  if (named !== undefined && named !== proven.jkt) {
    throw new OAuthError('invalid_request', 'The parameter dpop_jkt names another key than the DPoP proof');
  }
  await spend([proven.spending], usedIdentifiers, context.at);
  return proven.jkt;
}
