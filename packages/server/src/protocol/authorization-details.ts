/**
 * Rich authorization requests: single things an app may do, each of a type that an API has registered. Whatever is not
 * known in full is refused; nothing is dropped in silence.
 * @spec RFC 9396 §2, §5, §6
 */
import { isDeepStrictEqual } from 'node:util';
import type { AuthorizationDetail } from '../domain/authorization-detail.ts';
import type { AuthorizationDetailsType, DetailMember } from '../domain/authorization-details-type.ts';
import type { Client } from '../domain/client.ts';
import type { Resource } from '../domain/resource.ts';
import { isObject, parseJson } from './authorization/json-parameter.ts';
import type { Form } from './form.ts';
import { OAuthError } from './oauth-error.ts';

const MAX_DETAILS = 20;
const MAX_STRINGS = 50;
const DEFAULT_MAX_LENGTH = 200;

/**
 * What a request asks for in detail.
 * @param apis those the request is for
 * @throws OAuthError `invalid_authorization_details`
 */
export function readAuthorizationDetails(
  form: Form,
  client: Client,
  apis: readonly Resource[],
): readonly AuthorizationDetail[] | undefined {
  const details = parseDetails(form);
  const registered = client.metadata.authorization_details_types;
  for (const detail of details ?? []) {
    if (registered !== undefined && !registered.includes(detail.type)) {
      throw refused('A type of authorization_details is not registered for this client');
    }
    const types = apis.flatMap((api) => (isAddressedTo(detail, api) ? typesOf(detail, api) : []));
    if (types.length === 0) throw refused('A type of authorization_details is not one of the requested API');
    for (const type of types) validateDetail(detail, type);
  }
  return details;
}

/** Those of a grant that are for one API, which may take fewer types by now. */
export function detailsFor(
  granted: readonly AuthorizationDetail[],
  api: Resource | undefined,
): readonly AuthorizationDetail[] {
  return api === undefined
    ? []
    : granted.filter((detail) => isAddressedTo(detail, api) && typesOf(detail, api).length > 0);
}

/**
 * A token request may name some of the details that were granted, each as it was granted (RFC 9396 §6).
 * @throws OAuthError `invalid_authorization_details` when it names another
 * @returns undefined when there are none
 */
export function narrowDetails(
  form: Form,
  granted: readonly AuthorizationDetail[] | undefined,
  api: Resource | undefined,
): readonly AuthorizationDetail[] | undefined {
  if (granted === undefined && !form.has('authorization_details')) return undefined;
  const available = detailsFor(granted ?? [], api);
  const named = parseDetails(form);
  if (named === undefined) return available;
  if (!named.every((detail) => available.some((each) => isDeepStrictEqual(each, detail)))) {
    throw refused('The authorization does not hold all of these authorization_details for this API');
  }
  return named;
}

/** For grants in which nobody is asked about them. @throws OAuthError `invalid_authorization_details` */
export function refuseAuthorizationDetails(form: Form): void {
  if (form.has('authorization_details')) {
    throw refused('authorization_details need the consent of a person; use the authorization code grant');
  }
}

function parseDetails(form: Form): readonly AuthorizationDetail[] | undefined {
  const value = form.get('authorization_details');
  if (value === undefined) return undefined;
  const parsed = parseJson(value);
  if (!Array.isArray(parsed) || parsed.length === 0 || parsed.length > MAX_DETAILS) {
    throw refused(`authorization_details is not a JSON array of 1 to ${MAX_DETAILS} objects`);
  }
  return parsed.map((entry: unknown) => {
    if (!isObject(entry)) throw refused('An entry of authorization_details is not an object');
    const { type } = entry;
    if (typeof type !== 'string') throw refused('An entry of authorization_details has no type');
    return { ...entry, type };
  });
}

function typesOf({ type }: AuthorizationDetail, api: Resource): readonly AuthorizationDetailsType[] {
  return (api.authorizationDetailsTypes ?? []).filter((each) => each.type === type);
}

/** `locations` says for which API an entry is (RFC 9396 §2.2); without it, for every one that knows the type. */
function isAddressedTo({ locations }: AuthorizationDetail, api: Resource): boolean {
  return locations === undefined || (Array.isArray(locations) && locations.includes(api.identifier));
}

function validateDetail(detail: AuthorizationDetail, { members }: AuthorizationDetailsType): void {
  for (const [name, value] of Object.entries(detail)) {
    if (name === 'type') continue;
    if (name === 'locations') {
      if (!isStrings(value, DEFAULT_MAX_LENGTH * 10)) throw refused('locations is not an array of strings');
      continue;
    }
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined)
      throw refused('An entry of authorization_details has a member that its type does not');
    if (!fits(value, member))
      throw refused('A member of authorization_details has a value that its type refuses');
  }
  for (const [name, { required }] of Object.entries(members)) {
    if (required === true && !Object.hasOwn(detail, name)) {
      throw refused('An entry of authorization_details lacks a member that its type needs');
    }
  }
}

function fits(value: unknown, member: DetailMember): boolean {
  const longest = member.max_length ?? DEFAULT_MAX_LENGTH;
  const known = (text: string): boolean => member.values === undefined || member.values.includes(text);
  switch (member.type) {
    case 'string':
      return isText(value, longest) && known(value);
    case 'strings':
      return isStrings(value, longest) && value.every(known);
    case 'integer':
      return (
        Number.isSafeInteger(value) &&
        Number(value) >= (member.minimum ?? Number.NEGATIVE_INFINITY) &&
        Number(value) <= (member.maximum ?? Number.POSITIVE_INFINITY)
      );
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return false;
  }
}

function isStrings(value: unknown, longest: number): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_STRINGS && value.every((item) => isText(item, longest));
}

// A person reads it: nothing invisible, nothing that turns the direction of the text.
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest && !DECEPTIVE.test(value);
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_authorization_details', description);
}
