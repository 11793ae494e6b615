/**
 * An Identity Assertion JWT Authorization Grant (ID-JAG): the company's identity provider lets a client call an API for
 * a person, without asking the person again.
 * @spec draft-ietf-oauth-identity-assertion-authz-grant-04, RFC 7523 §2.1
 */
import type { Random } from '@tessera/tokens';
import { type Client, isPublicClient } from '../../domain/client.ts';
import type { Grant } from '../../domain/grant.ts';
import type { Resource } from '../../domain/resource.ts';
import type { AssertionRule } from '../../domain/trusted-issuer.ts';
import { normalizeEmail, type User } from '../../domain/user.ts';
import type { Grants } from '../../ports/grants.ts';
import type { LinkedIdentities } from '../../ports/linked-identities.ts';
import type { Resources } from '../../ports/resources.ts';
import type { Users } from '../../ports/users.ts';
import { auditEvent } from '../audit-event.ts';
import type { Form } from '../form.ts';
import type { AccessTokenIssuer } from '../issue-access-token.ts';
import { OAuthError } from '../oauth-error.ts';
import type { TokenRequestContext } from '../request-context.ts';
import { parseScope } from '../requested-scopes.ts';
import { type TokenResponse, tokenResponse } from '../token-response.ts';
import { allowedResource, allowedScopes, namedResource } from './assertion-target.ts';
import { fittingRule } from './claim-rules.ts';
import {
  type AssertionDependencies,
  refusedAssertion,
  spendAssertion,
  type VerifiedAssertion,
} from './verify-assertion.ts';

export interface IdentityDependencies extends AssertionDependencies {
  readonly users: Users;
  readonly resources: Resources;
  readonly grants: Grants;
  readonly linkedIdentities: LinkedIdentities;
  readonly issueAccessToken: AccessTokenIssuer;
  readonly random: Random;
}

export async function exchangeIdentity(
  verified: VerifiedAssertion,
  form: Form,
  client: Client,
  context: TokenRequestContext,
  dependencies: IdentityDependencies,
): Promise<TokenResponse> {
  const { resources, grants, issueAccessToken, random } = dependencies;
  if (isPublicClient(client)) {
    throw new OAuthError('unauthorized_client', 'A client has to authenticate to use this kind of assertion');
  }
  const { trusted, claims } = verified;
  if (claims['client_id'] !== client.id) {
    throw refusedAssertion('The assertion was issued to another client', 'client_id');
  }
  const rule = fittingRule(trusted, claims, client.id);
  if (rule === undefined) throw refusedAssertion('No rule of its issuer fits the assertion', 'rules');
  const resource = await allowedResource(assertedResource(claims['resource'], form), rule, resources);
  const scopes = commonScopes(claims['scope'], form, allowedScopes(rule, client, resource));
  const user = await personOf(verified, dependencies);
  await spendAssertion(verified, context.at, dependencies);
  if (!user.isLinked) await link(verified, user.user, context, dependencies);
  const { at, confirmation } = context;
  const grant = newGrant({ verified, user: user.user, client, resource, scopes, at }, dependencies);
  const target = { kind: 'resource', resource } as const;
  const issued = await issueAccessToken({ client, grant, target, scopes, at, context, confirmation });
  const event = {
    type: 'assertion.accepted',
    outcome: 'success',
    actor: client.id,
    clientId: client.id,
    userId: user.user.id,
    grantId: grant.id,
    resourceId: resource.id,
    detail: { issuer: trusted.issuer },
  } as const;
  await grants.begin({ grant, accessToken: issued.row, audit: auditEvent(context, event, random) });
  return tokenResponse(issued);
}

/** The API is in the assertion; the request may repeat it. */
function assertedResource(claim: unknown, form: Form): string {
  const [only, ...others]: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (typeof only !== 'string' || others.length > 0) {
    throw refusedAssertion('The assertion has to name one resource', 'resource');
  }
  const named = namedResource(form);
  if (named === undefined || named === only) return only;
  throw new OAuthError('invalid_target', 'The assertion is not good for this resource');
}

/** What the request, the assertion, its rule, the client and the API all say. */
function commonScopes(claim: unknown, form: Form, allowed: readonly string[]): readonly string[] {
  const asserted = typeof claim === 'string' ? claim.split(' ') : [];
  const requested = parseScope(form.get('scope'));
  const common = allowed.filter(
    (name) => asserted.includes(name) && (requested.length === 0 || requested.includes(name)),
  );
  if (common.length > 0) return common;
  throw new OAuthError('invalid_scope', 'The assertion is good for none of the requested scopes');
}

interface FoundPerson {
  readonly user: User;
  readonly isLinked: boolean;
}

/** Whoever was linked to the subject before; else whoever has the email address that the provider may speak for. */
async function personOf(
  verified: VerifiedAssertion,
  { users, linkedIdentities }: IdentityDependencies,
): Promise<FoundPerson> {
  const { trusted, subject } = verified;
  const linked = await linkedIdentities.find(trusted.id, subject);
  const user = linked === undefined ? await personByEmail(verified, users) : await users.find(linked);
  if (user?.status !== 'active') throw refusedAssertion('The assertion stands for nobody here', 'person');
  return { user, isLinked: linked !== undefined };
}

async function personByEmail(
  { trusted, claims }: VerifiedAssertion,
  users: IdentityDependencies['users'],
): Promise<User | undefined> {
  const { email, email_verified: isVerified } = claims;
  if (typeof email !== 'string' || isVerified !== true) return undefined;
  const address = normalizeEmail(email);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (trusted.emailDomains?.includes(domain) !== true) return undefined;
  const user = await users.findByEmail(address);
  return user?.emailVerified === true ? user : undefined;
}

/** From now on the subject is this person, whatever happens to the address. */
async function link(
  { trusted, subject }: VerifiedAssertion,
  user: User,
  context: TokenRequestContext,
  { linkedIdentities, random }: IdentityDependencies,
): Promise<void> {
  const event = {
    type: 'identity.linked',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    detail: { issuer: trusted.issuer },
  } as const;
  const added = await linkedIdentities.link(
    { trustedIssuerId: trusted.id, subject, userId: user.id, at: context.at },
    auditEvent(context, event, random),
  );
  if (added || (await linkedIdentities.find(trusted.id, subject)) === user.id) return;
  throw refusedAssertion('The assertion stands for nobody here', 'linked to somebody else meanwhile');
}

interface GrantParts {
  readonly verified: VerifiedAssertion;
  readonly user: User;
  readonly client: Client;
  readonly resource: Resource;
  readonly scopes: AssertionRule['scopes'];
  readonly at: number;
}

function newGrant(
  { verified, user, client, resource, scopes, at }: GrantParts,
  { random }: IdentityDependencies,
): Grant {
  const { auth_time: asserted } = verified.claims;
  const authSeconds = typeof asserted === 'number' && asserted <= verified.iat ? asserted : verified.iat;
  return {
    id: `grt_${Buffer.from(random(16)).toString('base64url')}`,
    userId: user.id,
    clientId: client.id,
    organizationId: client.organizationId,
    scopes,
    resourceId: resource.id,
    authTime: Math.max(0, Math.floor(authSeconds)) * 1000,
    amr: [],
    trustedIssuerId: verified.trusted.id,
    createdAt: at,
  };
}
