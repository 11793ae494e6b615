/**
 * How long an access token lives, and which rule said so. The most specific rule decides: that of the client, of the
 * API, of the client's organization, of the server. A client's rule shortens what its API says, and never lengthens it:
 * an API may be somebody else's, who answers for what its tokens open.
 * @spec RFC 6749 §4.2.2 (`expires_in`)
 */
import type { AccessTokenLifetime } from '../domain/access-token-lifetime.ts';
import type { Client } from '../domain/client.ts';
import type { Organization } from '../domain/organization.ts';
import type { Resource } from '../domain/resource.ts';
import type { Organizations } from '../ports/organizations.ts';
import type { Random } from '../ports/random.ts';

/** Where a rule stands; the first of them that there is decides. */
export type LifetimeSource = 'client' | 'api' | 'organization' | 'server';

export interface Lifetime {
  /** Whole seconds. */
  readonly seconds: number;
  /** The rule, for whoever asks why. */
  readonly reason:
    | LifetimeSource
    | `${LifetimeSource}_random`
    | 'client_within_api'
    | 'subject_token'
    | `policy:${string}`;
}

export type AccessTokenLifetimes = (
  client: Pick<Client, 'organizationId' | 'metadata'>,
  resource: Resource | undefined,
) => Lifetime | Promise<Lifetime>;

/**
 * Answers at once where client or API have a rule; only then is nobody else asked.
 * @param server the rule where nothing else says anything
 */
export function createAccessTokenLifetimes(
  organizations: Pick<Organizations, 'find'>,
  server: AccessTokenLifetime,
  random: Random,
): AccessTokenLifetimes {
  const ofOrganization = (organization: Organization | undefined): Lifetime =>
    organization?.accessTokenLifetime === undefined
      ? drawn('server', server, random)
      : drawn('organization', organization.accessTokenLifetime, random);
  return ({ metadata: { access_token_lifetime: own }, organizationId }, resource) => {
    const api = resource?.accessTokenLifetime;
    if (own !== undefined) return ofClient(own, api, random);
    if (api !== undefined) return drawn('api', api, random);
    // Tessera's own APIs are nobody's to lengthen.
    if (resource?.builtIn === true) return drawn('server', server, random);
    return organizations.find(organizationId).then(ofOrganization);
  };
}

/** The longest that a rule allows. */
export function longest(rule: AccessTokenLifetime): number {
  return typeof rule === 'number' ? rule : rule.max;
}

function ofClient(own: AccessTokenLifetime, api: AccessTokenLifetime | undefined, random: Random): Lifetime {
  const lifetime = drawn('client', own, random);
  const limit = api === undefined ? Number.POSITIVE_INFINITY : longest(api);
  return lifetime.seconds > limit ? { seconds: limit, reason: 'client_within_api' } : lifetime;
}

function drawn(source: LifetimeSource, rule: AccessTokenLifetime, random: Random): Lifetime {
  if (typeof rule === 'number') return { seconds: rule, reason: source };
  return { seconds: drawBetween(rule.min, rule.max, random), reason: `${source}_random` };
}

/** A whole number, evenly from `min` to `max`, both included; draws again rather than favour small values. */
function drawBetween(min: number, max: number, random: Random): number {
  const span = max - min + 1;
  const limit = Math.floor(0x1_0000_0000 / span) * span;
  for (;;) {
    const bytes = random(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (value < limit) return min + (value % span);
  }
}
