/**
 * What an API may be called and what it may offer.
 *
 * @spec RFC 8707 §2 (the identifier)
 */
import { lifetimeRefusal } from '../../access/lifetime-rule.ts';
import type { AuthorizationDetailsType } from '../../domain/authorization-details-type.ts';
import { isPublicClient } from '../../domain/client.ts';
import { type Resource, SIGNING_ALGS } from '../../domain/resource.ts';
import { isOpenidScope } from '../../domain/scope.ts';
import type { Clients } from '../../ports/clients.ts';
import { FIRST_PARTY_SCOPES } from '../../protocol/client-metadata/index.ts';
import type { ProblemPointer } from '../problem.ts';

/** Everything that is wrong with a resource as it would be stored; empty: nothing. */
export async function validateResource(
  resource: Resource,
  issuer: string,
  clients: Pick<Clients, 'find'>,
): Promise<readonly ProblemPointer[]> {
  return [
    ...identifierProblems(resource.identifier, issuer),
    ...scopeProblems(resource),
    ...lifetimeProblems(resource),
    ...formatProblems(resource),
    ...(await clientProblems('/resource_servers', 'introspect', resource.resourceServers, clients)),
    ...(await clientProblems(
      '/token_exchange_clients',
      'exchange tokens',
      resource.tokenExchangeClients ?? [],
      clients,
    )),
    ...detailsTypeProblems(resource.authorizationDetailsTypes ?? []),
  ];
}

const URI_CHARACTERS = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;

function identifierProblems(identifier: string, issuer: string): ProblemPointer[] {
  if (identifier.includes('#')) return refuseIdentifier('must not have a fragment');
  const url = URI_CHARACTERS.test(identifier) ? URL.parse(identifier) : null;
  if (url === null) return refuseIdentifier('must be an absolute URI');
  if (url.username !== '' || url.password !== '') return refuseIdentifier('must not have user information');
  if (identifier === issuer) return refuseIdentifier('is the issuer, which is an audience of its own');
  return [];
}

function refuseIdentifier(detail: string): ProblemPointer[] {
  return [{ pointer: '/identifier', detail }];
}

function scopeProblems({ scopes, defaultScopes, clientTokenScopes = [] }: Resource): ProblemPointer[] {
  const names = scopes.map((scope) => scope.name);
  const own = names.flatMap((name, index) => {
    const pointer = `/scopes/${index}/name`;
    if (names.indexOf(name) !== index) return [{ pointer, detail: 'is named twice' }];
    if (isOpenidScope(name)) return [{ pointer, detail: 'is a scope of OpenID Connect' }];
    if (FIRST_PARTY_SCOPES.includes(name)) return [{ pointer, detail: "is a scope of Tessera's own API" }];
    return [];
  });
  return [
    ...own,
    ...chosenProblems('default_scopes', defaultScopes, names),
    ...chosenProblems('client_token_scopes', clientTokenScopes, names),
  ];
}

/** @param names of the scopes of the API, out of which some are chosen */
function chosenProblems(
  member: string,
  chosen: readonly string[],
  names: readonly string[],
): ProblemPointer[] {
  return chosen.flatMap((name, index) => {
    const pointer = `/${member}/${index}`;
    if (!names.includes(name)) return [{ pointer, detail: 'is not among the scopes' }];
    return chosen.indexOf(name) === index ? [] : [{ pointer, detail: 'is named twice' }];
  });
}

/** COSE has RS256 for old certificates only (RFC 8812 §2); whoever checks a MAC can make one, so only CATs have it. */
function formatProblems({ tokenFormat, signingAlg }: Resource): ProblemPointer[] {
  const fits = FITTING_ALGS[tokenFormat].includes(signingAlg);
  return fits ? [] : [{ pointer: '/signing_alg', detail: `must be ${FITTING_WORDS[tokenFormat]}` }];
}

const FITTING_ALGS: Readonly<Record<Resource['tokenFormat'], readonly Resource['signingAlg'][]>> = {
  opaque: SIGNING_ALGS,
  jwt: SIGNING_ALGS,
  cwt: ['ES256'],
  cat: ['HS256', 'ES256'],
};

const FITTING_WORDS: Readonly<Record<Resource['tokenFormat'], string>> = {
  opaque: 'ES256, RS256, PS256 or EdDSA, unless tokens are CATs',
  jwt: 'ES256, RS256, PS256 or EdDSA where tokens are JWTs',
  cwt: 'ES256 where tokens are CWTs',
  cat: 'HS256 or ES256 where tokens are CATs',
};

const RESERVED_MEMBERS: readonly string[] = ['type', 'locations'];

function detailsTypeProblems(types: readonly AuthorizationDetailsType[]): ProblemPointer[] {
  return types.flatMap(({ type, description, members }, index) => {
    const at = `/authorization_details_types/${index}`;
    const unknown = [...description.matchAll(/\{([\w-]+)\}/g)].filter(
      ([, name = '']) => !Object.hasOwn(members, name),
    );
    return [
      ...(types.findIndex((other) => other.type === type) === index
        ? []
        : [{ pointer: `${at}/type`, detail: 'is named twice' }]),
      ...unknown.map(([place]) => ({
        pointer: `${at}/description`,
        detail: `${place} is not among the members`,
      })),
      ...RESERVED_MEMBERS.filter((name) => Object.hasOwn(members, name)).map((name) => ({
        pointer: `${at}/members/${name}`,
        detail: 'is a member of every type',
      })),
    ];
  });
}

function lifetimeProblems({ accessTokenLifetime: lifetime }: Resource): ProblemPointer[] {
  const detail = lifetime === undefined ? undefined : lifetimeRefusal(lifetime);
  return detail === undefined ? [] : [{ pointer: '/access_token_lifetime', detail }];
}

async function clientProblems(
  member: string,
  purpose: string,
  ids: readonly string[],
  clients: Pick<Clients, 'find'>,
): Promise<ProblemPointer[]> {
  const found = await Promise.all(ids.map((id) => clients.find(id)));
  return found.flatMap((client, index) => {
    const pointer = `${member}/${index}`;
    if (client === undefined) return [{ pointer, detail: 'no client has this id' }];
    return isPublicClient(client) ? [{ pointer, detail: `is a public client, which cannot ${purpose}` }] : [];
  });
}
