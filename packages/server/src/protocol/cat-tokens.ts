/**
 * Common Access Tokens for APIs that take them: with a secret of the API's own, or signed like any other token. The
 * secret is made when it is first needed, kept sealed, never published, and handed out once. What makes and reads the
 * tokens is loaded with the first of them.
 * @spec CTA-5007-B §4.3, §4.6
 */
import { open, type Random, seal, type SealingKey } from '@tessera/tokens';
import type { CatClaim, CatMaker } from '@tessera/tokens/cat';
import type { CoseKey } from '@tessera/tokens/cose';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Confirmation } from '../domain/confirmation.ts';
import type { Resource } from '../domain/resource.ts';
import type { Resources } from '../ports/resources.ts';
import type { SealedSecrets } from '../ports/sealed-secrets.ts';
import { type KeyRing, WrongMasterKey } from './key-ring.ts';
import { CAT_TEXT_CLAIMS } from './loaded-key.ts';
import { OAuthError } from './oauth-error.ts';

/** What a CAT of ours says. */
export interface CatAccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  /** base64url of the `cti`. */
  readonly jti: string;
  readonly client_id: string;
  readonly scope?: string;
  readonly grant_id?: string;
  readonly cnf?: Confirmation;
}

/** The secret of an API, as its operator is given it. */
export interface CatSecretJwk {
  readonly kty: 'oct';
  readonly k: string;
  readonly kid: string;
  readonly alg: 'HS256';
}

export interface CatTokens {
  /** @throws OAuthError for a token that would have to be bound to a certificate */
  sign(resource: Resource, claims: CatAccessTokenClaims): Promise<string>;
  /** The `jti` by which the row of a token is found. Undefined for what we did not make. */
  jtiOf(token: string): Promise<string | undefined>;
  /** @returns undefined where it was handed out before */
  handOut(resourceId: string, audit: AuditEvent): Promise<CatSecretJwk | undefined>;
}

export interface CatTokensDependencies {
  readonly keyRing: KeyRing;
  readonly resources: Pick<Resources, 'find'>;
  readonly sealedSecrets: SealedSecrets;
  /** 32 bytes: what the secrets are sealed with. */
  readonly sealingKey: SealingKey;
  readonly random: Random;
}

const SECRET_BYTES = 32;
/** The tags 61 and 17, 61 and 18: our tokens are written so. */
const MAC_BEGINNING = '2D3R';
const SIGNATURE_BEGINNING = '2D3S';
/** Parts of `@tessera/tokens/cat` that are loaded when they are needed. */
const loadCat = () => import('@tessera/tokens/cat');
const loadCose = () => import('@tessera/tokens/cose');

export function createCatTokens(dependencies: CatTokensDependencies): CatTokens {
  return new StoredCatTokens(dependencies);
}

class StoredCatTokens implements CatTokens {
  readonly #dependencies: CatTokensDependencies;
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #makers = new Map<string, CatMaker>();

  constructor(dependencies: CatTokensDependencies) {
    this.#dependencies = dependencies;
  }

  async sign(resource: Resource, claims: CatAccessTokenClaims): Promise<string> {
    const map = await toCatClaims(claims, hasOurVerifier(resource));
    if (resource.signingAlg !== 'HS256') return this.#dependencies.keyRing.signCatElsewhere(map);
    const maker = this.#makers.get(resource.id) ?? (await this.#makerOf(resource.id));
    return maker.create(map);
  }

  async jtiOf(token: string): Promise<string | undefined> {
    if (!token.startsWith(MAC_BEGINNING) && !token.startsWith(SIGNATURE_BEGINNING)) return undefined;
    const { CatError, decodeCat } = await loadCat();
    const { CoseError, verifyCose } = await loadCose();
    try {
      const { message, claims } = decodeCat(token);
      if (message.typ !== undefined && message.typ !== 'CAT') return undefined;
      const kid = Buffer.from(message.kid ?? []).toString('utf8');
      verifyCose(message, message.type === 'mac0' ? await this.#keyOf(kid) : await this.#signingKey(kid));
      const cti = claims.get(7);
      return cti instanceof Uint8Array ? Buffer.from(cti).toString('base64url') : undefined;
    } catch (error) {
      if (error instanceof CatError || error instanceof CoseError) return undefined;
      throw error;
    }
  }

  async handOut(resourceId: string, audit: AuditEvent): Promise<CatSecretJwk | undefined> {
    const secret = await this.#secretOf(resourceId);
    if (!(await this.#dependencies.sealedSecrets.claim(`cat-key-read:${resourceId}`, audit)))
      return undefined;
    return { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: resourceId, alg: 'HS256' };
  }

  async #makerOf(resourceId: string): Promise<CatMaker> {
    const { createCatMaker } = await loadCat();
    const { createMacKey } = await loadCose();
    const key = createMacKey({ kid: resourceId, secret: await this.#secretOf(resourceId) });
    const maker = createCatMaker({ key, extensions: await textClaims() });
    this.#makers.set(resourceId, maker);
    return maker;
  }

  /** The secret is named by its API, whatever format that has by now; a token of no API makes no secret. */
  async #keyOf(kid: string): Promise<CoseKey | undefined> {
    if ((await this.#dependencies.resources.find(kid)) === undefined) return undefined;
    const { createMacKey } = await loadCose();
    return createMacKey({ kid, secret: await this.#secretOf(kid) });
  }

  /** A key that is not known here may be one that another node signs with already. */
  async #signingKey(kid: string): Promise<CoseKey | undefined> {
    const { keyRing } = this.#dependencies;
    if (keyRing.verificationKey(kid) === undefined) await keyRing.refresh();
    const key = keyRing.verificationKey(kid);
    const { coseKeyOf } = await loadCose();
    return key === undefined ? undefined : coseKeyOf(key);
  }

  async #secretOf(resourceId: string): Promise<Uint8Array> {
    const known = this.#secrets.get(resourceId);
    if (known !== undefined) return known;
    const { sealedSecrets, sealingKey, random } = this.#dependencies;
    const name = `cat-key:${resourceId}`;
    const candidate = seal(sealingKey, random(SECRET_BYTES), name, random);
    const secret = open(sealingKey, await sealedSecrets.ensure(name, candidate), name);
    if (secret === undefined) {
      throw new WrongMasterKey('The secrets in the database cannot be opened with this master key.');
    }
    this.#secrets.set(resourceId, secret);
    return secret;
  }
}

/**
 * Whether the API is checked by a verifier of ours: it has a client of its own here. Anybody else's verifier refuses
 * what CTA-5007 does not know.
 */
function hasOurVerifier({ resourceServers }: Resource): boolean {
  return resourceServers.length > 0;
}

/** CTA-5007 has no label for them. */
async function textClaims(): Promise<readonly CatClaim[]> {
  const { textClaim } = await loadCat();
  return CAT_TEXT_CLAIMS.map((name) => textClaim(name));
}

async function toCatClaims(claims: CatAccessTokenClaims, isOurs: boolean) {
  const { JKT } = await loadCat();
  const { iss, sub, aud, exp, iat, jti, cnf } = claims;
  if (cnf !== undefined && !('jkt' in cnf)) {
    throw new OAuthError('invalid_request', 'Tokens of this API cannot be bound to a certificate');
  }
  return new Map<string | number, string | number | Uint8Array | ReadonlyMap<number, Uint8Array>>([
    [1, iss],
    [2, sub],
    [3, aud],
    [4, exp],
    [6, iat],
    [7, bytes(jti)],
    ...(cnf === undefined ? [] : [[8, new Map([[JKT, bytes(cnf.jkt)]])] as const]),
    ...(isOurs ? textsOf(claims) : []),
  ]);
}

function textsOf(claims: CatAccessTokenClaims): readonly (readonly [string, string])[] {
  return CAT_TEXT_CLAIMS.flatMap((name) => {
    const text = claims[name];
    return text === undefined ? [] : [[name, text] as const];
  });
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'));
}
