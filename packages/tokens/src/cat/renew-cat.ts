/**
 * Renews a token that is being used: what to hand to the client, as data for whoever answers.
 * @spec CTA-5007-B §4.9.2
 */
import type { CborKey, CborMap, CborValue } from '../cbor/index.ts';
import type { CatCarrier } from './carriers.ts';
import { withTokenReplaced } from './carriers.ts';
import { createCat } from './create-cat.ts';
import type { CatCreation } from './create-cat.ts';
import { CATR, readRenewal } from './claims/catr.ts';
import type { Renewal } from './claims/catr.ts';
import { readSeconds } from './read-value.ts';

export interface CatRenewal extends CatCreation {
  readonly random: NonNullable<CatCreation['random']>;
  /** Who renews: the issuer of the new token. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** How the old token came. */
  readonly carrier: CatCarrier;
  /** The URL as it was called, with the token where it carried one. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
}

/** A renewed token, and how it is handed over. One of `setCookie`, `header` and `location` is there. */
export interface RenewalOutcome {
  readonly token: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly type: 'cookie' | 'header' | 'redirect';
  /** Whole `Set-Cookie` header. */
  readonly setCookie?: string;
  readonly header?: { readonly name: string; readonly value: string };
  readonly status?: number;
  readonly location?: string;
}

const ISS = 1;
const EXP = 4;
const NBF = 5;
const IAT = 6;
const CTI = 7;
const STANDARD_NAME = 'CTA-Common-Access-Token';
const DEFAULT_DEADLINE_SECONDS = 60;
/** From here on a deadline is a time and not a length. */
const FIRST_TIME = 1_000_000_000;
/** Keeps the method, which 302 would not. */
const DEFAULT_STATUS = 307;

/**
 * @param claims of a token that was accepted for this request
 * @returns undefined where the token does not ask for it, where it is not time yet, or where the answer could only
 * lead back to the same question
 * @throws CatError where the new token could not be made
 */
export function renewCat(claims: CborMap, options: CatRenewal): RenewalOutcome | undefined {
  const value = claims.get(CATR);
  const renewal = value === undefined ? undefined : readRenewal(value);
  const exp = readSeconds(claims.get(EXP));
  if (renewal === undefined || exp === undefined) return undefined;
  const nowMs = options.clock();
  if (!isTime(renewal, exp, nowMs)) return undefined;
  const type = renewal.type === 'automatic' ? typeFor(options.carrier) : renewal.type;
  const now = Math.floor(nowMs / 1000);
  const newExp = now + renewal.expaddSeconds;
  // Where the new token were to be renewed at once, the client would be sent round and round.
  if (type === 'redirect' && isTime(renewal, newExp, nowMs)) return undefined;
  const token = createCat(
    renewedClaims(claims, { iss: options.issuer, now, exp: newExp, random: options.random }),
    {
      ...options,
      allowPersonal: true,
    },
  );
  const delivery = deliver(type, token, renewal, options);
  return delivery === undefined ? undefined : { token, exp: newExp, type, ...delivery };
}

/** From the deadline to the end. */
function isTime({ deadline = DEFAULT_DEADLINE_SECONDS }: Renewal, exp: number, nowMs: number): boolean {
  const endMs = exp * 1000;
  if (nowMs >= endMs) return false;
  if (deadline < FIRST_TIME) return nowMs >= endMs - deadline * 1000;
  return nowMs < deadline * 1000 && nowMs >= endMs - DEFAULT_DEADLINE_SECONDS * 1000;
}

function typeFor({ kind }: CatCarrier): 'cookie' | 'header' | 'redirect' {
  if (kind === 'cookie') return 'cookie';
  return kind === 'query' || kind === 'path' ? 'redirect' : 'header';
}

/** Everything else stays: a token that may be used once is renewed by one that may be used once. */
function renewedClaims(
  claims: CborMap,
  { iss, now, exp, random }: { iss: string; now: number; exp: number; random: CatRenewal['random'] },
): CborMap {
  const renewed = new Map<CborKey, CborValue>(claims);
  renewed.set(ISS, iss);
  renewed.set(EXP, exp);
  renewed.set(IAT, now);
  renewed.set(CTI, random(16));
  if (renewed.has(NBF)) renewed.set(NBF, now);
  return renewed;
}

function deliver(
  type: RenewalOutcome['type'],
  token: string,
  renewal: Renewal,
  { carrier, url }: CatRenewal,
): Pick<RenewalOutcome, 'setCookie' | 'header' | 'status' | 'location'> | undefined {
  if (type === 'cookie') {
    const name = renewal.cookieName ?? (carrier.kind === 'cookie' ? carrier.name : STANDARD_NAME);
    return { setCookie: [`${name}=${token}`, ...renewal.cookieParameters].join('; ') };
  }
  if (type === 'header') {
    const name = renewal.headerName ?? (carrier.kind === 'header' ? carrier.name : STANDARD_NAME);
    return { header: { name, value: [token, ...renewal.headerParameters].join('; ') } };
  }
  const location = url === undefined ? undefined : withTokenReplaced(url, carrier, token);
  return location === undefined ? undefined : { status: renewal.status ?? DEFAULT_STATUS, location };
}
