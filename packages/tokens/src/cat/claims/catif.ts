/** What to answer when a claim is not accepted. @spec CTA-5007-B §4.9.1 */
import type { CborKey, CborLabel, CborMap, CborValue } from '../../cbor/index.ts';
import { FIELD_NAME } from '../cat-request.ts';
import type { CatClaim, ClaimNames } from '../claim.ts';
import { isJsonList, isJsonRecord } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isBytes, isList, isMap, isUint } from '../read-value.ts';

export const CATIF = 322;

/** For these claims, this answer. */
export interface FailureRule {
  readonly labels: readonly CborLabel[];
  readonly status: number;
  readonly headers: readonly (readonly [name: string, parts: readonly HeaderPart[]])[];
  /** Which key a token in the answer is to be made with. */
  readonly kid: CborValue;
}

/** Text, or the claims of a token that is made for the answer. */
export type HeaderPart = string | CborMap;

/** A value that ends its header would begin another one. */
const FIELD_TEXT = /^[\x20-\x7e]*$/;

export const catif: CatClaim<readonly FailureRule[]> = {
  name: 'catif',
  label: CATIF,
  section: '4.9.1',
  support: 'may',
  says: 'What to answer when a claim is not accepted: a status, headers, and a token made for the answer',
  read: readRules,
  toJson: (rules, names) =>
    Object.fromEntries(
      rules.map(({ labels, status, headers, kid }) => [
        labels.map((label) => names.nameOf(label)).join(','),
        [
          status,
          ...(headers.length === 0 && kid === undefined ? [] : [headersToJson(headers, names)]),
          ...(kid === undefined ? [] : [isBytes(kid) ? Buffer.from(kid).toString('utf8') : (kid as string)]),
        ],
      ]),
    ),
  fromJson: rulesFromJson,
};

/** @returns undefined for what is malformed: a status that is no refusal, a header that is none */
export function readRules(value: CborValue): readonly FailureRule[] | undefined {
  if (!isMap(value) || value.size === 0) return undefined;
  const rules: FailureRule[] = [];
  for (const [key, answer] of value) {
    if (!isList(answer) || answer.length < 1 || answer.length > 3) return undefined;
    const [status, headersValue, kid] = answer;
    const headers = readHeaders(headersValue);
    if (!isUint(status) || status < 300 || status > 599 || headers === undefined) return undefined;
    if (kid !== undefined && typeof kid !== 'string' && !isBytes(kid)) return undefined;
    rules.push({ labels: typeof key === 'object' ? key : [key], status, headers, kid });
  }
  return rules;
}

function readHeaders(value: CborValue): FailureRule['headers'] | undefined {
  if (value === undefined || value === null) return [];
  if (!isMap(value)) return undefined;
  const headers: [string, readonly HeaderPart[]][] = [];
  for (const [name, content] of value) {
    const parts = readParts(content);
    if (typeof name !== 'string' || !FIELD_NAME.test(name) || parts === undefined) return undefined;
    headers.push([name, parts]);
  }
  return headers;
}

function readParts(content: CborValue): readonly HeaderPart[] | undefined {
  const parts = isList(content) ? content : [content];
  const areParts = parts.every((part) => (typeof part === 'string' ? FIELD_TEXT.test(part) : isMap(part)));
  return areParts && parts.length > 0 ? (parts as readonly HeaderPart[]) : undefined;
}

function headersToJson(headers: FailureRule['headers'], names: ClaimNames): JsonValue {
  return Object.fromEntries(
    headers.map(([name, parts]) => {
      const json = parts.map((part) => (typeof part === 'string' ? part : names.setToJson(part)));
      const [first] = json;
      return [name, json.length === 1 && typeof first === 'string' ? first : json];
    }),
  );
}

function rulesFromJson(json: JsonValue, names: ClaimNames): CborValue | undefined {
  if (!isJsonRecord(json)) return undefined;
  const map = new Map<CborKey, CborValue>();
  for (const [key, answer] of Object.entries(json)) {
    const labels = key.split(',').map((name) => names.labelOf(name.trim()));
    const rule = isJsonList(answer) ? ruleFromJson(answer, names) : undefined;
    const [first] = labels;
    if (rule === undefined || first === undefined || labels.includes(undefined)) return undefined;
    map.set(labels.length === 1 ? first : labels.filter((label) => label !== undefined), rule);
  }
  return map;
}

function ruleFromJson(answer: readonly JsonValue[], names: ClaimNames): CborValue | undefined {
  const [status, headersJson, kid] = answer;
  if (headersJson === undefined) return status === undefined ? undefined : [status as CborValue];
  if (!isJsonRecord(headersJson)) return undefined;
  const headers = new Map<CborKey, CborValue>();
  for (const [name, content] of Object.entries(headersJson)) {
    const parts = (isJsonList(content) ? content : [content]).map((part) =>
      typeof part === 'string' ? part : names.setFromJson(part),
    );
    const [only] = parts;
    if (parts.includes(undefined)) return undefined;
    headers.set(name, parts.length === 1 ? only : parts);
  }
  return [status as CborValue, headers, ...(kid === undefined ? [] : [kid as CborValue])];
}
