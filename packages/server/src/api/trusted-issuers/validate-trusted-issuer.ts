/**
 * What an issuer may be trusted with: rules that name something, keys that are public, clients and APIs that are there.
 *
 * @spec RFC 7523 §3, RFC 8414 §2 (the issuer)
 */
import { JWT_BEARER_GRANT } from '../../domain/client.ts';
import type { AssertionRule, TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Resources } from '../../ports/resources.ts';
import { keys } from '../../protocol/client-metadata/keys.ts';
import type { ProblemPointer } from '../problem.ts';

export interface TrustedIssuerJudges {
  readonly issuer: string;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'findByIdentifier'>;
}

/** Everything that is wrong with a trusted issuer as it would be stored; empty: nothing. */
export async function validateTrustedIssuer(
  trusted: TrustedIssuer,
  judges: TrustedIssuerJudges,
): Promise<readonly ProblemPointer[]> {
  const rules = trusted.rules.map((rule, index) => ruleProblems(rule, `/rules/${index}`, trusted, judges));
  return [
    ...issuerProblems(trusted.issuer, judges.issuer),
    ...keyProblems(trusted),
    ...audienceProblems(trusted),
    ...(await Promise.all(rules)).flat(),
  ];
}

function issuerProblems(issuer: string, own: string): ProblemPointer[] {
  const pointer = '/issuer';
  const url = /^[\x21-\x7e]+$/.test(issuer) ? URL.parse(issuer) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return [{ pointer, detail: 'must be a URL' }];
  if (/[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
    return [{ pointer, detail: 'must have no query, fragment or user information' }];
  }
  return issuer === own ? [{ pointer, detail: 'is this server itself' }] : [];
}

function keyProblems({ jwks, jwksUri }: TrustedIssuer): ProblemPointer[] {
  if (jwks === undefined && jwksUri === undefined) {
    return [{ pointer: '/jwks_uri', detail: 'an issuer needs jwks or jwks_uri' }];
  }
  const judged = {
    client_name: '',
    ...(jwks !== undefined && { jwks }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
  };
  const told = keys.refusals(judged, NOTHING_SETTLED);
  const nameless = (jwks?.keys ?? []).flatMap((key, index) =>
    typeof key['kid'] === 'string' ? [] : [{ pointer: `/jwks/keys/${index}`, detail: 'has no kid' }],
  );
  return [...told.map(({ pointer, detail }) => ({ pointer, detail })), ...nameless];
}

/** The rule for keys looks at nothing else of a client. */
const NOTHING_SETTLED = {
  grantTypes: [],
  responseTypes: [],
  authMethod: 'none',
  applicationType: 'web',
  redirectUris: [],
  scopes: undefined,
  requirePkce: true,
} as const;

function audienceProblems({ kind, audiences, emailDomains }: TrustedIssuer): ProblemPointer[] {
  if (kind === 'identity_provider' && audiences !== undefined) {
    return [
      { pointer: '/audiences', detail: 'an identity provider names the issuer of this server, always' },
    ];
  }
  if (kind === 'workload' && emailDomains !== undefined) {
    return [{ pointer: '/email_domains', detail: 'a workload speaks for no person' }];
  }
  return audiences?.length === 0 ? [{ pointer: '/audiences', detail: 'name one, or leave it out' }] : [];
}

async function ruleProblems(
  { claims, clientId, resources: identifiers }: AssertionRule,
  at: string,
  { kind }: TrustedIssuer,
  { clients, resources }: TrustedIssuerJudges,
): Promise<ProblemPointer[]> {
  const problems: ProblemPointer[] = [];
  const meaning = Object.values(claims).filter((pattern) => /[^*]/.test(pattern));
  if (kind === 'workload' && meaning.length === 0) {
    const detail = 'a rule of a workload must ask for something, or everybody at that issuer would fit';
    problems.push({ pointer: `${at}/claims`, detail });
  }
  const client = await clients.find(clientId);
  if (client === undefined) problems.push({ pointer: `${at}/client_id`, detail: 'no client has this id' });
  else if (!client.grantTypes.includes(JWT_BEARER_GRANT)) {
    problems.push({ pointer: `${at}/client_id`, detail: `is not registered for ${JWT_BEARER_GRANT}` });
  }
  const found = await Promise.all(identifiers.map((identifier) => resources.findByIdentifier(identifier)));
  for (const [index, resource] of found.entries()) {
    const pointer = `${at}/resources/${index}`;
    if (resource === undefined) problems.push({ pointer, detail: 'no API has this identifier' });
    else if (resource.builtIn) problems.push({ pointer, detail: "is Tessera's own API" });
  }
  return problems;
}
