/**
 * Sets of claims: reading all of them before any is judged, and judging them in order until one is not accepted.
 * A set may combine other sets, which are judged with the claims around them.
 * @spec CTA-5007-B §4.5, §4.6; draft-lemmons-cose-composite-claims-01 §3
 */
import type { CborKey, CborLabel, CborMap, CborValue } from '../cbor/index.ts';
import { CatError } from './cat-error.ts';
import type { CatClaimErrorCode } from './cat-error.ts';
import type { CatClaim, ClaimContext, Verdict } from './claim.ts';
import { EXTENSION_ORDER, findClaim } from './claims/index.ts';
import type { CompositeLabels } from './composite-labels.ts';
import { isList, isMap } from './read-value.ts';
import type { DecisionLog } from './decision-log.ts';

/** Which claims a recipient takes. */
export interface ClaimRules {
  /** Default `reject`: a claim that is not understood may have been a condition. */
  readonly unknownClaims?: 'reject' | 'ignore' | undefined;
  readonly compositeLabels?: CompositeLabels | undefined;
  /** Claims beyond those of CTA-5007. */
  readonly extensions?: readonly CatClaim[] | undefined;
}

interface Entry {
  readonly claim: CatClaim;
  readonly order: number;
  readonly value: unknown;
}

export interface ClaimSet {
  readonly map: CborMap;
  readonly entries: readonly Entry[];
  /** What was left out of account. */
  readonly ignored: readonly CborLabel[];
}

/** Why a set was not accepted, and by which of its claims. */
export interface Refusal {
  readonly code: CatClaimErrorCode;
  readonly claim: string;
  readonly label: CborLabel;
  /** What went wrong where the claim had to ask. */
  readonly cause?: unknown;
}

/** More than four levels must be understood (CTA-5007); this is enough for anyone. */
const MAXIMUM_LEVELS = 8;
/** Labels that dialects use for conditions: to ignore one of them would be to let everything pass. */
const DIALECT_LABELS: ReadonlySet<CborKey> = new Set([270, 277, 278, 401, 402, 403, 404]);

/** @throws CatError claim_malformed, claim_unknown or claim_missing, with the claim named */
export function readClaimSet(map: CborMap, rules: ClaimRules, level = 0): ClaimSet {
  const entries: Entry[] = [];
  const unknown: CborLabel[] = [];
  for (const [label, value] of map) {
    if (typeof label === 'object') throw refusal('claim_unknown', label.join(','));
    const place = findClaim(label) ?? findExtension(label, rules, level);
    if (place === undefined) {
      unknown.push(label);
      continue;
    }
    const read = place.claim.read(value);
    if (read === undefined) throw refusal('claim_malformed', place.claim.name, label);
    entries.push({ claim: place.claim, order: place.order, value: read });
  }
  requireKnown(map, unknown, rules);
  entries.sort((one, other) => one.order - other.order);
  return { map, entries, ignored: unknown };
}

function refusal(code: CatClaimErrorCode, claim: string, label?: CborLabel): CatError {
  return new CatError(code, { claim, ...(label === undefined ? {} : { label }) });
}

/** Claims that `crit` lists must be there and understood; it allows the others to be neither. */
function requireKnown(map: CborMap, unknown: readonly CborLabel[], rules: ClaimRules): void {
  const critLabel = rules.compositeLabels?.crit;
  const critical = critLabel === undefined ? undefined : map.get(critLabel);
  if (isList(critical)) {
    for (const label of critical as readonly CborLabel[]) {
      if (!map.has(label)) throw refusal('claim_missing', String(label), label);
      if (unknown.includes(label)) throw refusal('claim_unknown', String(label), label);
    }
  }
  const mayIgnore = isList(critical) || rules.unknownClaims === 'ignore';
  const offending = unknown.find((label) => !mayIgnore || DIALECT_LABELS.has(label));
  if (offending !== undefined) throw refusal('claim_unknown', String(offending), offending);
}

function findExtension(
  label: CborLabel,
  rules: ClaimRules,
  level: number,
): { readonly claim: CatClaim; readonly order: number } | undefined {
  const claim = compositeClaim(label, rules, level) ?? rules.extensions?.find((each) => each.label === label);
  return claim === undefined ? undefined : { claim, order: EXTENSION_ORDER };
}

function compositeClaim(label: CborLabel, rules: ClaimRules, level: number): CatClaim | undefined {
  const { or, nor, and, crit } = rules.compositeLabels ?? {};
  switch (label) {
    case or:
      return combine('or', label, rules, level);
    case nor:
      return combine('nor', label, rules, level);
    case and:
      return combine('and', label, rules, level);
    case crit:
      return critClaim(label);
    default:
      return undefined;
  }
}

function critClaim(label: CborLabel): CatClaim<readonly CborValue[]> {
  return {
    name: 'crit',
    label,
    support: 'extension',
    says: 'Claims that must be there and be understood',
    read: (value) =>
      isList(value) && value.length > 0 && value.every((each) => ['number', 'string'].includes(typeof each))
        ? value
        : undefined,
    toJson: (labels) => labels as readonly (string | number)[],
    fromJson: (json) => json as CborValue,
  };
}

type Combination = 'or' | 'nor' | 'and';

function combine(
  name: Combination,
  label: CborLabel,
  rules: ClaimRules,
  level: number,
): CatClaim<readonly ClaimSet[]> {
  return {
    name,
    label,
    support: 'extension',
    says: 'Sets of claims combined',
    read: (value) => {
      if (!isList(value) || value.length === 0 || level >= MAXIMUM_LEVELS || !value.every(isMap))
        return undefined;
      return value.map((each) => readClaimSet(each, rules, level + 1));
    },
    acceptable: (sets, context) => judgeSets(name, sets, context, 0),
    toJson: (sets) => sets.length,
    fromJson: () => undefined,
  };
}

function judgeSets(
  name: Combination,
  sets: readonly ClaimSet[],
  context: ClaimContext,
  from: number,
): Verdict | Promise<Verdict> {
  for (let index = from; index < sets.length; index++) {
    const set = sets[index];
    const refused = set === undefined ? undefined : judgeClaimSet(set, context);
    if (refused instanceof Promise) {
      return refused.then((answer) => {
        const decided = weigh(name, answer);
        return decided === undefined ? judgeSets(name, sets, context, index + 1) : decided.verdict;
      });
    }
    const decided = weigh(name, refused);
    if (decided !== undefined) return decided.verdict;
  }
  return name === 'or' ? 'none_accepted' : undefined;
}

/** What could not be judged is not a refusal that `nor` may count on. */
const UNDECIDED: ReadonlySet<CatClaimErrorCode> = new Set([
  'unavailable',
  'claim_unsupported',
  'claim_missing',
]);

/** @returns the end of the matter, if one set decides it */
function weigh(name: Combination, refused: Refusal | undefined): { readonly verdict: Verdict } | undefined {
  if (name === 'and') return refused === undefined ? undefined : { verdict: 'some_rejected' };
  if (refused === undefined) return { verdict: name === 'or' ? undefined : 'some_accepted' };
  return name === 'nor' && UNDECIDED.has(refused.code) ? { verdict: refused.code } : undefined;
}

/**
 * @param around what the set is held against; its own claims come before those of the sets around it
 * @param log every decision, where somebody wants to know: then judging goes on after a refusal, except for claims
 * that remember something
 * @returns undefined when all are accepted; a promise only where something that a claim needs gives one
 */
export function judgeClaimSet(
  set: ClaimSet,
  around: ClaimContext,
  log?: DecisionLog,
): Refusal | undefined | Promise<Refusal | undefined> {
  const { map } = set;
  const context: ClaimContext = { ...around, claim: (label) => map.get(label) ?? around.claim(label) };
  return judgeFrom(0, undefined, { set, context, log });
}

interface Judging {
  readonly set: ClaimSet;
  readonly context: ClaimContext;
  readonly log: DecisionLog | undefined;
}

function judgeFrom(
  start: number,
  refusedBefore: Refusal | undefined,
  judging: Judging,
): Refusal | undefined | Promise<Refusal | undefined> {
  const { set, log } = judging;
  let refused = refusedBefore;
  for (let index = start; index < set.entries.length; index++) {
    const entry = set.entries[index];
    // A claim that leaves something behind is judged only where all others are accepted.
    if (entry === undefined || (refused !== undefined && entry.order > EXTENSION_ORDER)) break;
    const here = judge(entry, judging);
    if (here instanceof Promise) {
      const before = refused;
      return here.then((answer) =>
        answer !== undefined && log === undefined ? answer : judgeFrom(index + 1, before ?? answer, judging),
      );
    }
    if (here !== undefined && log === undefined) return here;
    refused ??= here;
  }
  return refused;
}

/** What a claim has to ask may fail; then the claim is not accepted. */
function judge(entry: Entry, judging: Judging): Refusal | undefined | Promise<Refusal | undefined> {
  const fail = (cause: unknown): Refusal | undefined => conclude(entry, 'unavailable', judging, cause);
  try {
    const verdict = entry.claim.acceptable?.(entry.value, judging.context);
    return verdict instanceof Promise
      ? verdict.then((code) => conclude(entry, code, judging), fail)
      : conclude(entry, verdict, judging);
  } catch (cause) {
    return fail(cause);
  }
}

function conclude(
  { claim, value }: Entry,
  code: Verdict,
  { context, log }: Judging,
  cause?: unknown,
): Refusal | undefined {
  log?.add(claim, value, code, context);
  if (code === undefined) return undefined;
  return { code, claim: claim.name, label: claim.label, ...(cause === undefined ? {} : { cause }) };
}
