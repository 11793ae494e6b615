/**
 * Whose account somebody of a provider has here. An address alone never opens one: it may be anybody's at a provider
 * that does not check, and an account here is linked only by somebody who is signed in to it.
 * @spec OpenID Connect Core §5.7
 */
import { isMailAddress, type SealedMail } from '../../domain/mail-message.ts';
import type { IdentityProvider, UpstreamIdentity } from '../../domain/identity-provider.ts';
import { normalizeEmail, type User, USER_ID_PREFIX } from '../../domain/user.ts';
import { isDisplayName } from '../../people/sign-up.ts';
import type { SealMail } from '../../ports/outbox.ts';
import type { Random } from '../../ports/random.ts';
import { AlreadyExists } from '../../ports/store-errors.ts';
import type { UpstreamIdentities } from '../../ports/upstream-identities.ts';
import type { Users } from '../../ports/users.ts';
import { auditEvent } from '../audit-event.ts';
import type { RequestContext } from '../request-context.ts';
import { linkedMail } from './linked-mail.ts';
import type { UpstreamPerson } from './provider-client.ts';
import type { UpstreamSeals } from './sealed-provider.ts';

export type FoundAccount =
  | { readonly outcome: 'found'; readonly user: User }
  /** Nobody here is linked, and no account is made. */
  | { readonly outcome: 'unknown' }
  /** The provider does not say that it has verified an address. */
  | { readonly outcome: 'unverified' }
  /** An account here has the address: its person signs in to it, then links. */
  | { readonly outcome: 'taken' }
  /** Linking: either side is linked with another already. */
  | { readonly outcome: 'linked_otherwise' };

export interface FindAccountDependencies {
  readonly users: Pick<Users, 'find' | 'findByEmail' | 'create'>;
  readonly upstreamIdentities: UpstreamIdentities;
  readonly seals: Pick<UpstreamSeals, 'sealTokens'>;
  /** Of this server. */
  readonly issuer: string;
  /** Absent where no mail is ever delivered. */
  readonly sealMail?: SealMail | undefined;
  readonly random: Random;
}

/** @param linkTo the account of somebody who is signed in, and has just proven it */
export async function findAccount(
  provider: IdentityProvider,
  person: UpstreamPerson,
  linkTo: User | undefined,
  context: RequestContext,
  dependencies: FindAccountDependencies,
): Promise<FoundAccount> {
  const { users, upstreamIdentities, seals } = dependencies;
  const linked = await upstreamIdentities.find(provider.id, person.subject);
  if (linked !== undefined) {
    if (linkTo !== undefined && linkTo.id !== linked.userId) return { outcome: 'linked_otherwise' };
    const user = await users.find(linked.userId);
    if (user?.status !== 'active') return { outcome: 'unknown' };
    const sealed = provider.keepTokens ? seals.sealTokens(linked, person.tokens) : undefined;
    await upstreamIdentities.signedIn(linked, context.at, sealed);
    return { outcome: 'found', user };
  }
  if (linkTo !== undefined) {
    const { issuer, sealMail } = dependencies;
    const told = sealMail !== undefined && isMailAddress(linkTo.email);
    const mails = told ? [sealMail(linkedMail(issuer, linkTo, provider), context.at)] : [];
    const done = await link(provider, person, linkTo, context, dependencies, mails);
    return done ? { outcome: 'found', user: linkTo } : { outcome: 'linked_otherwise' };
  }
  if (!provider.createAccounts) return { outcome: 'unknown' };
  const { verifiedEmail } = person;
  if (verifiedEmail === undefined || !isMailAddress(verifiedEmail)) return { outcome: 'unverified' };
  return createAccount(provider, person, normalizeEmail(verifiedEmail), context, dependencies);
}

async function createAccount(
  provider: IdentityProvider,
  person: UpstreamPerson,
  email: string,
  context: RequestContext,
  dependencies: FindAccountDependencies,
): Promise<FoundAccount> {
  const { users, upstreamIdentities, random } = dependencies;
  if ((await users.findByEmail(email)) !== undefined) return { outcome: 'taken' };
  const suffix = Buffer.from(random(12)).toString('base64url');
  const user: User = {
    id: `${USER_ID_PREFIX}${suffix}`,
    email,
    emailVerified: true,
    claims: {},
    displayName: displayNameOf(person, email),
    role: 'member',
    status: 'active',
    organizationId: `org_${suffix}`,
    createdAt: context.at,
    updatedAt: context.at,
  };
  const event = { type: 'user.created', outcome: 'success', actor: user.id, userId: user.id } as const;
  try {
    await users.create(user, auditEvent(context, { ...event, detail: { provider: provider.id } }, random));
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    // Somebody was quicker: perhaps the same person, in another window.
    const linked = await upstreamIdentities.find(provider.id, person.subject);
    const known = linked === undefined ? undefined : await users.find(linked.userId);
    return known?.status === 'active' ? { outcome: 'found', user: known } : { outcome: 'taken' };
  }
  await link(provider, person, user, context, dependencies, []);
  return { outcome: 'found', user };
}

/** What a provider calls somebody is shown to others, and goes into mails: it is held to what people may choose here. */
function displayNameOf({ name }: UpstreamPerson, email: string): string {
  const names = [name?.trim(), email.split('@', 1)[0]];
  return names.find((each) => each !== undefined && isDisplayName(each)) ?? email;
}

function link(
  provider: IdentityProvider,
  person: UpstreamPerson,
  user: User,
  context: RequestContext,
  { upstreamIdentities, seals, random }: FindAccountDependencies,
  mails: readonly SealedMail[],
): Promise<boolean> {
  const { at } = context;
  const named = { providerId: provider.id, subject: person.subject };
  const identity: UpstreamIdentity = {
    ...named,
    userId: user.id,
    ...(provider.keepTokens && { sealedTokens: seals.sealTokens(named, person.tokens) }),
    tokensVersion: 1,
    createdAt: at,
    lastUsedAt: at,
  };
  const about = {
    type: 'identity.linked',
    outcome: 'success',
    actor: user.id,
    userId: user.id,
    detail: { provider: provider.id, issuer: provider.issuer },
  } as const;
  return upstreamIdentities.link(identity, auditEvent(context, about, random), mails);
}
