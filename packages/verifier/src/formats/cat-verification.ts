/**
 * Common Access Tokens at an API: everything that the token says about itself and about the request. The proof of a
 * key that it is bound to is checked afterwards, as for every format.
 * @spec CTA-5007-B §4; RFC 9449 §7
 */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { decodeJwt } from '@tessera/tokens';
import {
  CatError,
  catClaimsToJson,
  catDialects,
  catErrors,
  catifOutcome,
  decodeCat,
  findCats,
  recognizeDialect,
  renewCat,
  stripCats,
  textClaim,
  verifyCat,
} from '@tessera/tokens/cat';
import type {
  CatCarrier,
  CatErrorCode,
  CatPolicy,
  CatRequest,
  ClaimRules,
  RenewalOutcome,
  VerifiedCat,
} from '@tessera/tokens/cat';
import { coseKeyOf, importJwkForCose, kidBytes } from '@tessera/tokens/cose';
import type { CoseKey } from '@tessera/tokens/cose';
import type { AccessToken } from '../access-token.ts';
import { isHeaders } from '../bearer.ts';
import type { ClientFacts, PresentedRequest } from '../bearer.ts';
import { createUrlReader } from '../called-url.ts';
import type { CatOptions } from '../cat-options.ts';
import type { Clock } from '../clock.ts';
import { readConfirmation } from '../sender-constraint.ts';
import { TokenError } from '../token-error.ts';
import type { TokenErrorCode } from '../token-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

const ISS = 1;
const AUD = 3;
const EXP = 4;
/** As they stand in the header of a signed token. */
const SIGNATURE_ALGS: ReadonlyMap<unknown, 'ES256' | 'PS256'> = new Map([
  [-7, 'ES256'],
  [-37, 'PS256'],
]);

/** @throws TypeError for a key that is none */
export function createCatVerification(parts: FormatParts): Pick<TokenFormat, 'verify'> {
  return new CatVerification(parts);
}

const NO_OPTIONS: CatOptions = {};

class CatVerification {
  readonly #issuers: ReadonlyMap<unknown, TrustedIssuer>;
  readonly #clock: Clock;
  readonly #options: CatOptions;
  readonly #policy: CatPolicy;
  readonly #owners: ReadonlyMap<CoseKey, TrustedIssuer>;
  readonly #renewalKey: CoseKey | undefined;
  readonly #urlOf: (request: PresentedRequest) => string;

  constructor({ issuers, clock, options }: FormatParts) {
    const { cat = NO_OPTIONS } = options;
    this.#issuers = new Map(issuers.map((each) => [each.issuer, each]));
    this.#clock = clock;
    this.#options = cat;
    this.#owners = new Map(
      issuers.flatMap((each) => each.symmetricKeys.map((jwk) => [importSecret(jwk), each] as const)),
    );
    this.#renewalKey = cat.renewal?.signingKey && importSigningKey(cat.renewal.signingKey);
    this.#urlOf = createUrlReader(options.dpop?.publicUrl);
    this.#policy = {
      ...rulesOf(cat),
      keys: [...this.#owners.keys()],
      issuers: issuers.map((each) => each.issuer),
      audiences: issuers.map((each) => each.audience),
      clock,
      required: cat.audienceOptional === true ? [ISS, EXP] : [ISS, AUD, EXP],
      memory: { ...cat.memory, proofs: 'elsewhere' },
    };
  }

  verify(token: string, request: PresentedRequest | undefined): AccessToken | Promise<AccessToken> {
    try {
      const keys = this.#publishedKey(token);
      const verified =
        keys instanceof Promise
          ? keys.then((found) => this.#verifyWith(token, request, found))
          : this.#verifyWith(token, request, keys);
      return verified instanceof Promise ? verified.catch((error: unknown) => refuse(error)) : verified;
    } catch (error) {
      return refuse(error);
    }
  }

  /** Of a signed token; nothing for a MAC, whose keys are never published. A stranger's token makes nobody ask. */
  #publishedKey(token: string): readonly CoseKey[] | undefined | Promise<readonly CoseKey[]> {
    if (token.startsWith('2D3R') || token.startsWith('0YR')) return undefined;
    const { message, claims } = decodeCat(token);
    const alg = SIGNATURE_ALGS.get(message.alg);
    if (message.type === 'mac0' || alg === undefined) return undefined;
    const kid = message.kid === undefined ? undefined : Buffer.from(message.kid).toString('utf8');
    const { keys } = this.#issuerOf(claims.get(ISS));
    const found = keys.find(kid, alg);
    return found instanceof Promise ? found.then(asList) : asList(found);
  }

  #verifyWith(
    token: string,
    request: PresentedRequest | undefined,
    published: readonly CoseKey[] | undefined,
  ): AccessToken | Promise<AccessToken> {
    // Published keys sign other tokens too, so what they signed has to say what it is, unless this API knows better.
    const typeRequired = this.#options === NO_OPTIONS;
    const policy =
      published === undefined ? this.#policy : { ...this.#policy, keys: published, typeRequired };
    const carried = this.#carriedBy(token, request);
    const verified = verifyCat(token, carried.request, policy);
    return verified instanceof Promise
      ? verified.then((cat) => this.#conclude(cat, carried, request))
      : this.#conclude(verified, carried, request);
  }

  #carriedBy(token: string, request: PresentedRequest | undefined): Carried {
    if (request === undefined) return { carrier: { kind: 'bearer' }, request: {} };
    const { carriers } = this.#options;
    const calledUrl = this.#urlOf(request);
    const headers = isHeaders(request.headers) ? request.headers : { ...request.headers };
    const whole: CatRequest = {
      ...(this.#options.client ?? factsOf)(request),
      url: calledUrl,
      calledUrl,
      method: request.method,
      headers,
    };
    if (carriers === undefined) return { carrier: { kind: 'bearer' }, request: whole };
    const found = findCats(whole, carriers).find((each) => each.token === token);
    return {
      carrier: found?.carrier ?? { kind: 'bearer' },
      request: { ...whole, url: stripCats(whole, carriers).url },
    };
  }

  #conclude(cat: VerifiedCat, carried: Carried, request: PresentedRequest | undefined): AccessToken {
    const claims = catClaimsToJson(cat.claims, this.#policy);
    const { issuer, audience } = this.#issuerOf(claims['iss']);
    const owner = this.#owners.get(cat.key);
    // A secret of one issuer makes no tokens of another, and an audience is an audience at its own issuer only.
    if (owner !== undefined && owner.issuer !== issuer) throw new TokenError('bad_signature');
    const aud = [claims['aud'] ?? []].flat() as readonly string[];
    if (claims['aud'] !== undefined && !aud.includes(audience)) throw new TokenError('wrong_audience');
    const confirmation = readConfirmation(claims);
    requireWithinWindow(claims['catdpop'], request, this.#clock());
    const renewal = this.#renew(cat, carried);
    return {
      active: true,
      format: 'cat',
      iss: issuer,
      ...this.#identityOf(claims),
      aud,
      exp: claims['exp'] as number,
      iat: typeof claims['iat'] === 'number' ? claims['iat'] : 0,
      tokenId: tokenIdOf(cat),
      ...(confirmation === undefined ? {} : { confirmation }),
      ...(renewal === undefined ? {} : { renewal }),
      claims,
    };
  }

  /** Tokens of others name neither a client nor a scope: both are empty then. */
  #identityOf(
    claims: Readonly<Record<string, unknown>>,
  ): Pick<AccessToken, 'kind' | 'sub' | 'clientId' | 'scopes'> {
    const { scope: scopeLabel = 'scope', clientId: clientLabel = 'client_id' } = this.#options.labels ?? {};
    const sub = textOf(claims['sub']);
    const clientId = textOf(claims[clientLabel]);
    const scopes = textOf(claims[scopeLabel])
      .split(' ')
      .filter((name) => name !== '');
    return { kind: sub === clientId ? 'client' : 'user', sub, clientId, scopes };
  }

  #renew(cat: VerifiedCat, { carrier, request }: Carried): RenewalOutcome | undefined {
    const { renewal } = this.#options;
    const key = this.#renewalKey ?? (cat.key.alg === 'HS256' ? cat.key : undefined);
    if (renewal === undefined || key === undefined) return undefined;
    return renewCat(cat.claims, {
      ...rulesOf(this.#options),
      key,
      issuer: renewal.issuer ?? textOf(cat.claims.get(ISS)),
      clock: this.#clock,
      random: randomBytes,
      carrier,
      url: request.calledUrl,
      method: request.method,
    });
  }

  #issuerOf(iss: unknown): TrustedIssuer {
    const trusted = this.#issuers.get(iss);
    if (trusted === undefined)
      throw new TokenError(typeof iss === 'string' ? 'wrong_issuer' : 'invalid_claims');
    return trusted;
  }
}

interface Carried {
  readonly carrier: CatCarrier;
  /** What claims are held against. */
  readonly request: CatRequest;
}

function rulesOf({ labels, extensions = [], unknownClaims, compositeLabels }: CatOptions): ClaimRules {
  const { scope = 'scope', clientId = 'client_id' } = labels ?? {};
  return {
    unknownClaims,
    compositeLabels,
    // By the grant a token ends with its consent or its session.
    extensions: [...extensions, ...[scope, clientId, 'grant_id'].map(textClaim)],
  };
}

function asList(key: Parameters<typeof coseKeyOf>[0] | undefined): readonly CoseKey[] {
  const found = key === undefined ? undefined : coseKeyOf(key);
  return found === undefined ? [] : [found];
}

function importSecret(jwk: unknown): CoseKey {
  const key = importJwkForCose(jwk);
  if (key?.alg !== 'HS256')
    throw new TypeError('keys must be symmetric JWKs for HS256, of at least 256 bits');
  return key;
}

function importSigningKey(jwk: object): CoseKey {
  const { alg, kid } = jwk as { readonly alg?: unknown; readonly kid?: unknown };
  if ((alg !== 'ES256' && alg !== 'PS256') || typeof kid !== 'string') {
    throw new TypeError(
      'cat.renewal.signingKey must be a private JWK with kid, and ES256 or PS256 as its alg',
    );
  }
  const key = createPrivateKey({ key: jwk as Readonly<Record<string, string>>, format: 'jwk' });
  return { kid: kidBytes(kid), alg, key };
}

/** What the request itself tells; behind a proxy the address is the proxy's, so the API has to tell then. */
function factsOf({ client, socket }: PresentedRequest): ClientFacts {
  if (client !== undefined) return client;
  if (socket === undefined) return {};
  const ip = 'remoteAddress' in socket ? socket.remoteAddress : undefined;
  const alpn = 'alpnProtocol' in socket ? socket.alpnProtocol : undefined;
  return {
    ...(typeof ip === 'string' && { ip }),
    ...(typeof alpn === 'string' && { alpn }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** As the server writes it in its own rows and events. */
function tokenIdOf({ claims }: VerifiedCat): string | undefined {
  const cti = claims.get(7);
  return cti instanceof Uint8Array ? Buffer.from(cti).toString('base64url') : undefined;
}

/** The rest of the proof is checked later, and so is that it was made at that time. */
function requireWithinWindow(settings: unknown, request: PresentedRequest | undefined, nowMs: number): void {
  const window =
    typeof settings === 'object' && settings !== null && 'window' in settings ? settings.window : 0;
  if (typeof window !== 'number' || window === 0) return;
  const { headers } = request ?? {};
  const header =
    headers === undefined ? undefined : isHeaders(headers) ? headers.get('dpop') : headers['dpop'];
  const iat = typeof header === 'string' ? decodeJwt(header)?.payload['iat'] : undefined;
  if (typeof iat !== 'number' || nowMs > (iat + window) * 1000) throw new TokenError('bad_proof');
}

/** What a refused token means to whoever sent it. @throws TokenError */
function refuse(error: unknown): never {
  if (!(error instanceof CatError)) throw error;
  const answer = catifOutcome(error);
  throw new TokenError(CODE_OF_CAT_ERROR[error.code], descriptionOf(error), {
    cause: error,
    ...(answer === undefined ? {} : { answer }),
  });
}

/** Constant text: claims that are not known are not named. */
function descriptionOf({ code, claim, dialect }: CatError): string | undefined {
  if (dialect !== undefined) return isDialect(dialect) ? catDialects[dialect] : undefined;
  return claim === undefined || code === 'claim_unknown' ? undefined : `${catErrors[code]} (${claim})`;
}

function isDialect(name: string): name is Exclude<ReturnType<typeof recognizeDialect>, undefined> {
  return Object.hasOwn(catDialects, name);
}

const CODE_OF_CAT_ERROR: Readonly<Record<CatErrorCode, TokenErrorCode>> = {
  too_large: 'malformed_token',
  malformed_base64url: 'malformed_token',
  malformed_cose: 'malformed_token',
  malformed_claims: 'malformed_token',
  dialect: 'malformed_token',
  wrong_type: 'malformed_token',
  crit_unsupported: 'malformed_token',
  missing_token: 'missing_token',
  unknown_key: 'unknown_key',
  alg_mismatch: 'bad_signature',
  bad_signature: 'bad_signature',
  unavailable: 'unavailable',
  claim_malformed: 'invalid_claims',
  claim_unknown: 'invalid_claims',
  claim_missing: 'invalid_claims',
  claim_unsupported: 'invalid_claims',
  wrong_version: 'invalid_claims',
  wrong_issuer: 'wrong_issuer',
  wrong_audience: 'wrong_audience',
  expired: 'expired',
  not_yet_valid: 'not_yet_valid',
  wrong_network: 'not_acceptable',
  wrong_uri: 'not_acceptable',
  wrong_method: 'not_acceptable',
  wrong_protocol: 'not_acceptable',
  wrong_header: 'not_acceptable',
  wrong_place: 'not_acceptable',
  wrong_tls_key: 'not_acceptable',
  wrong_fingerprint: 'not_acceptable',
  wrong_scope: 'not_acceptable',
  none_accepted: 'not_acceptable',
  some_accepted: 'not_acceptable',
  some_rejected: 'not_acceptable',
  reused: 'not_acceptable',
  drawn: 'not_acceptable',
  blocked: 'not_acceptable',
  missing_proof: 'missing_proof',
  bad_proof: 'bad_proof',
  wrong_key: 'wrong_key',
  used_proof: 'used_proof',
};
