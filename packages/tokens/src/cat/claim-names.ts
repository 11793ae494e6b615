/** Claims by the names that people and other tools give them, and sets of claims as JSON. @spec RFC 8392 §3; CTA-5007-B §4.6 */
import type { CborKey, CborLabel, CborMap, CborValue } from '../cbor/index.ts';
import { CatError } from './cat-error.ts';
import type { CatClaim, ClaimNames } from './claim.ts';
import type { ClaimRules } from './claim-set.ts';
import { catClaims } from './claims/index.ts';
import { fromHex, isJsonList, isJsonRecord, toHex } from './json-value.ts';
import type { JsonValue } from './json-value.ts';
import { isList, isMap } from './read-value.ts';

const COMBINATIONS = ['or', 'nor', 'and'] as const;

/** @param rules which claims beyond those of CTA-5007 there are */
export function createClaimNames(rules: Pick<ClaimRules, 'compositeLabels' | 'extensions'> = {}): ClaimNames {
  const { compositeLabels = {}, extensions = [] } = rules;
  const claims: readonly CatClaim[] = extensions.length === 0 ? catClaims : [...catClaims, ...extensions];
  const combinations = Object.entries(compositeLabels) as [keyof typeof compositeLabels, CborLabel][];

  const names: ClaimNames = {
    nameOf: (label) =>
      combinations.find(([, each]) => each === label)?.[0] ??
      claims.find((claim) => claim.label === label)?.name ??
      String(label),
    labelOf: (name) =>
      combinations.find(([each]) => each === name)?.[1] ??
      claims.find((claim) => claim.name === name)?.label ??
      (/^-?\d{1,15}$/.test(name) ? Number(name) : undefined),
    setToJson: (map) =>
      Object.fromEntries(
        [...map].map(([label, value]) => [
          typeof label === 'object' ? label.join(',') : names.nameOf(label),
          valueToJson(label, value),
        ]),
      ),
    setFromJson(json) {
      if (!isJsonRecord(json)) return undefined;
      const map = new Map<CborKey, CborValue>();
      for (const [name, member] of Object.entries(json)) {
        const label = names.labelOf(name);
        if (label === undefined) throw new CatError('claim_unknown', { claim: name });
        map.set(label, valueFromJson(label, name, member));
      }
      return map;
    },
  };

  const valueToJson = (label: CborKey, value: CborValue): JsonValue => {
    const combination = combinations.find(([, each]) => each === label)?.[0];
    if (combination !== undefined && combination !== 'crit' && isList(value) && value.every(isMap)) {
      return value.map((set) => names.setToJson(set));
    }
    const claim = claims.find((each) => each.label === label);
    const read = claim?.read(value);
    return claim === undefined || read === undefined ? plainToJson(value) : claim.toJson(read, names);
  };

  const valueFromJson = (label: CborLabel, name: string, json: JsonValue): CborValue => {
    const isCombination =
      COMBINATIONS.some((each) => each === name) && compositeLabels[name as 'or'] === label;
    const value = isCombination
      ? setsFromJson(json, names)
      : claims.find((each) => each.label === label)?.fromJson(json, names);
    // In a template a claim may be null: whoever makes the token fills it in.
    if (value === undefined && json !== null) {
      if (claims.some((each) => each.label === label) || isCombination) {
        throw new CatError('claim_malformed', { claim: name, label });
      }
      return plainFromJson(json);
    }
    return value ?? null;
  };
  return names;
}

function setsFromJson(json: JsonValue, names: ClaimNames): CborValue | undefined {
  if (!isJsonList(json) || json.length === 0) return undefined;
  const sets = json.map((each) => names.setFromJson(each));
  return sets.includes(undefined) ? undefined : sets;
}

/** A value of which nothing is known: bytes as `{hex}`. */
function plainToJson(value: CborValue): JsonValue {
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (isList(value)) return value.map(plainToJson);
  if (isMap(value)) {
    return Object.fromEntries([...value].map(([key, each]) => [String(key), plainToJson(each)]));
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : { tag: value.tag, value: plainToJson(value.value) };
}

function plainFromJson(json: JsonValue): CborValue {
  if (isJsonList(json)) return json.map(plainFromJson);
  if (!isJsonRecord(json)) return json;
  const bytes = Object.keys(json).length === 1 ? fromHex(json['hex']) : undefined;
  return bytes ?? new Map(Object.entries(json).map(([key, each]) => [key, plainFromJson(each)]));
}

/** @returns claims by name, as other tools write them in JSON; unknown ones by number */
export function catClaimsToJson(
  claims: CborMap,
  rules?: Pick<ClaimRules, 'compositeLabels' | 'extensions'>,
): Readonly<Record<string, JsonValue>> {
  return createClaimNames(rules).setToJson(claims) as Readonly<Record<string, JsonValue>>;
}

/** @throws CatError claim_unknown or claim_malformed, with the claim named */
export function catClaimsFromJson(
  json: JsonValue,
  rules?: Pick<ClaimRules, 'compositeLabels' | 'extensions'>,
): CborMap {
  const map = createClaimNames(rules).setFromJson(json);
  if (map === undefined) throw new CatError('malformed_claims');
  return map;
}
