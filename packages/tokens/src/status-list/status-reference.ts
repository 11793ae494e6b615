/**
 * The claim by which a token names its place in a status list.
 * @spec draft-ietf-oauth-status-list-15 §6.1, §6.2, §6.3
 */
import { StatusListError } from './status-list-error.ts';

/** The claim of a CWT that holds the status. */
export const CWT_STATUS_CLAIM = 65535;

export interface StatusReference {
  readonly idx: number;
  /** Where the list is, and its name. */
  readonly uri: string;
}

/** The value of `status`, for a JWT. */
export function statusClaim(reference: StatusReference): { readonly status_list: StatusReference } {
  return { status_list: { idx: reference.idx, uri: reference.uri } };
}

/** The same for the claim 65535 of a CWT. */
export function cwtStatusClaim({ idx, uri }: StatusReference): ReadonlyMap<string, unknown> {
  return new Map([
    [
      'status_list',
      new Map<string, unknown>([
        ['idx', idx],
        ['uri', uri],
      ]),
    ],
  ]);
}

/**
 * @param status the claim `status` of a JWT (an object), or 65535 of a CWT (a map); undefined where the token has none
 * @returns undefined for a token without the claim
 * @throws StatusListError `malformed_reference`; `unsupported_mechanism` when its status is told in another way
 */
export function readStatusReference(status: unknown): StatusReference | undefined {
  if (status === undefined) return undefined;
  const list = member(status, 'status_list');
  if (list === undefined) {
    throw new StatusListError(isContainer(status) ? 'unsupported_mechanism' : 'malformed_reference');
  }
  const idx = member(list, 'idx');
  const uri = member(list, 'uri');
  const holds =
    typeof idx === 'number' &&
    Number.isSafeInteger(idx) &&
    idx >= 0 &&
    typeof uri === 'string' &&
    URL.canParse(uri);
  if (!holds) throw new StatusListError('malformed_reference');
  return { idx, uri };
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function member(container: unknown, name: string): unknown {
  if (container instanceof Map) return container.get(name);
  if (!isContainer(container) || !Object.hasOwn(container, name)) return undefined;
  const members: Readonly<Record<string, unknown>> = { ...container };
  return members[name];
}
