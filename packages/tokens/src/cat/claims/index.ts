/**
 * The claims of a Common Access Token, in the order in which they are judged. Adding one is a file, a test and a line.
 * @spec CTA-5007-B §4.6–4.9
 */
import type { CborLabel } from '../../cbor/index.ts';
import type { CatClaim } from '../claim.ts';
import { aud } from './aud.ts';
import { catalpn } from './catalpn.ts';
import { catdpop } from './catdpop.ts';
import { catgeoalt } from './catgeoalt.ts';
import { catgeocoord } from './catgeocoord.ts';
import { catgeoiso3166 } from './catgeoiso3166.ts';
import { cath } from './cath.ts';
import { catif } from './catif.ts';
import { catifdata } from './catifdata.ts';
import { catm } from './catm.ts';
import { catnip } from './catnip.ts';
import { catpor } from './catpor.ts';
import { catr } from './catr.ts';
import { catreplay } from './catreplay.ts';
import { cattpk } from './cattpk.ts';
import { catu } from './catu.ts';
import { catv } from './catv.ts';
import { cnf } from './cnf.ts';
import { cti } from './cti.ts';
import { exp } from './exp.ts';
import { geohash } from './geohash.ts';
import { iat } from './iat.ts';
import { iss } from './iss.ts';
import { nbf } from './nbf.ts';
import { sub } from './sub.ts';

/** Judging them changes nothing. */
const plainClaims: readonly CatClaim[] = [
  catv,
  iss,
  aud,
  nbf,
  exp,
  catnip,
  catu,
  catm,
  catalpn,
  cath,
  catgeoiso3166,
  catgeocoord,
  geohash,
  catgeoalt,
  cattpk,
  catdpop,
  sub,
  iat,
  cti,
  catifdata,
  catif,
  catr,
];

/** They leave something behind: a drawn lot, a used proof, a used token. So they come last. */
const rememberingClaims: readonly CatClaim[] = [catpor, cnf, catreplay];

export const catClaims: readonly CatClaim[] = [...plainClaims, ...rememberingClaims];

const places = new Map<CborLabel, { readonly claim: CatClaim; readonly order: number }>(
  catClaims.map((claim, index) => [
    claim.label,
    { claim, order: index < plainClaims.length ? index : 100 + index },
  ]),
);

/** Between the plain claims and those that remember something. */
export const EXTENSION_ORDER = 50;

export function findClaim(
  label: CborLabel,
): { readonly claim: CatClaim; readonly order: number } | undefined {
  return places.get(label);
}
