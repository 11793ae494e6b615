/** How the token is renewed while it is being used. @spec CTA-5007-B §4.9.2 */
import type { CborKey, CborValue } from '../../cbor/index.ts';
import { FIELD_NAME } from '../cat-request.ts';
import type { CatClaim } from '../claim.ts';
import { isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isList, isMap, isUint } from '../read-value.ts';

/** Where the renewed token goes; `automatic` is where the old one came from. */
export type RenewalType = 'automatic' | 'cookie' | 'header' | 'redirect';

export interface Renewal {
  readonly type: RenewalType;
  /** How long the renewed token lives, from the moment it is made. */
  readonly expaddSeconds: number;
  /** How long before the end of the token it may be renewed; a large number is a time instead. */
  readonly deadline: number | undefined;
  readonly cookieName: string | undefined;
  readonly headerName: string | undefined;
  readonly cookieParameters: readonly string[];
  readonly headerParameters: readonly string[];
  /** Of the redirection. */
  readonly status: number | undefined;
  readonly value: ReadonlyMap<CborKey, CborValue>;
}

export const CATR = 323;
const TYPES: readonly RenewalType[] = ['automatic', 'cookie', 'header', 'redirect'];
const PARTS = [
  [0, 'type'],
  [1, 'expadd'],
  [2, 'deadline'],
  [3, 'cookie-name'],
  [4, 'header-name'],
  [5, 'cookie-params'],
  [6, 'header-params'],
  [7, 'code'],
] as const;
/** What may stand in a header without ending it or beginning another parameter. */
const PARAMETER = /^[\x20-\x3a\x3c-\x7e]+$/;

export const catr: CatClaim<Renewal> = {
  name: 'catr',
  label: CATR,
  section: '4.9.2',
  support: 'may',
  says: 'How the token is renewed: automatic, cookie, header or redirect; for how long, and how long before its end',
  read: readRenewal,
  toJson: ({ value }) =>
    Object.fromEntries(
      PARTS.filter(([key]) => value.has(key)).map(([key, name]) => {
        const part = value.get(key);
        return [name, key === 0 ? (TYPES[part as number] ?? '') : (part as JsonValue)];
      }),
    ),
  fromJson: renewalFromJson,
};

/** @returns undefined for what is malformed, and for any part that is unknown: it could be a condition */
export function readRenewal(value: CborValue): Renewal | undefined {
  if (!isMap(value)) return undefined;
  for (const key of value.keys()) if (!PARTS.some(([known]) => known === key)) return undefined;
  const typeNumber = value.get(0);
  const type = typeof typeNumber === 'number' ? TYPES[typeNumber] : undefined;
  const expaddSeconds = value.get(1);
  const cookieParameters = readParameters(value.get(5));
  const headerParameters = readParameters(value.get(6));
  if (type === undefined || !isUint(expaddSeconds) || expaddSeconds === 0) return undefined;
  if (cookieParameters === undefined || headerParameters === undefined) return undefined;
  const deadline = value.get(2);
  const cookieName = value.get(3);
  const headerName = value.get(4);
  const status = value.get(7);
  if (deadline !== undefined && !isUint(deadline)) return undefined;
  if (!isNameOrAbsent(cookieName) || !isNameOrAbsent(headerName)) return undefined;
  if (status !== undefined && !(isUint(status) && status >= 300 && status <= 399)) return undefined;
  return {
    type,
    expaddSeconds,
    deadline,
    cookieName,
    headerName,
    cookieParameters,
    headerParameters,
    status,
    value,
  };
}

function readParameters(value: CborValue): readonly string[] | undefined {
  if (value === undefined) return [];
  if (!isList(value)) return undefined;
  return value.every((each) => typeof each === 'string' && PARAMETER.test(each))
    ? (value as readonly string[])
    : undefined;
}

function isNameOrAbsent(value: CborValue): value is string | undefined {
  return value === undefined || (typeof value === 'string' && FIELD_NAME.test(value));
}

function renewalFromJson(json: JsonValue): CborValue | undefined {
  if (!isJsonRecord(json)) return undefined;
  const map = new Map<CborKey, CborValue>();
  for (const [name, part] of Object.entries(json)) {
    const key = PARTS.find(([, each]) => each === name)?.[0];
    if (key === undefined) return undefined;
    const type = TYPES.findIndex((each) => each === part);
    if (key === 0 && type === -1) return undefined;
    map.set(key, key === 0 ? type : (part as CborValue));
  }
  return map;
}
