import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { Grant } from '../../domain/grant.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Session } from '../../domain/session.ts';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { Store } from '../../ports/store.ts';
import {
  accessToken,
  audit,
  authorize,
  client,
  family as newFamily,
  name,
  NOW,
  refreshToken as newRefreshToken,
  resource,
  session as newSession,
} from './samples.ts';
import type { Authorized } from './samples.ts';

/** A person with a session, an app with a grant in it, and a token of every kind; none of them anyone else's. */
export interface Holdings extends Authorized {
  readonly session: Session;
  readonly api: Resource;
  readonly otherApi: Resource;
  readonly issuer: TrustedIssuer;
  readonly refreshHash: Uint8Array;
  readonly familyId: string;
  readonly issuedGrant: Grant;
  readonly tokens: Readonly<Record<TokenName, AccessTokenRow>>;
}

/** opaque, jwt: under the grant. exchanged: under it too, but another client's; elsewhere: for another API. */
export type TokenName =
  | 'opaque'
  | 'jwt'
  | 'exchanged'
  | 'elsewhere'
  | 'expired'
  | 'ofClient'
  | 'ofPerson'
  | 'ofIssuer'
  | 'underIssuer';

/** When something ends. */
export const AT = NOW + 10;
let nextIndex = 0;
/** A token with a place in a status list. */
export const status = (): { format: 'jwt'; statusIndex: number } => ({
  format: 'jwt',
  statusIndex: (nextIndex += 7),
});

const trusted = (): TrustedIssuer => ({
  id: name('tri_'),
  organizationId: DEFAULT_ORGANIZATION_ID,
  name: 'CI',
  issuer: `https://${name('')}.example`,
  kind: 'workload',
  status: 'active',
  maxLifetimeSeconds: 600,
  rules: [],
  createdAt: NOW,
  updatedAt: NOW,
});

/** Makes all of it in the store. */
export async function hold(store: Store): Promise<Holdings> {
  const sid = name('sid');
  const api = resource();
  const otherApi = resource();
  const issuer = trusted();
  await Promise.all([
    store.resources.create(api, audit('resource.created')),
    store.resources.create(otherApi, audit('resource.created')),
    store.trustedIssuers.create(issuer, audit('trusted_issuer.created')),
  ]);
  const authorized = await authorize(store, { grant: { sessionId: sid, resourceId: api.id } });
  const { grant, client: app, user: person } = authorized;
  const session = newSession(person, { sid });
  await store.sessions.start(session, undefined, audit('sign_in'));
  const other = client();
  await store.clients.create(other, audit('client.created'));
  const line = newFamily(grant);
  const refresh = newRefreshToken(line);
  const of = (more: Partial<AccessTokenRow>): AccessTokenRow =>
    accessToken(grant, { resourceId: api.id, ...more });
  const issuedGrant: Grant = {
    ...grant,
    id: name('gra_'),
    clientId: other.id,
    userId: person.id,
    trustedIssuerId: issuer.id,
    resourceId: otherApi.id,
  };
  const { sessionId: _session, ...sessionless } = issuedGrant;
  const loose = { resourceId: otherApi.id, clientId: other.id } as const;
  const tokens = {
    opaque: of({}),
    jwt: of(status()),
    exchanged: of({ ...status(), clientId: other.id, actor: { sub: other.id } }),
    elsewhere: of({ ...status(), resourceId: otherApi.id }),
    expired: of({ ...status(), expiresAt: NOW + 1 }),
    ofClient: accessToken(undefined, { ...status(), clientId: app.id, resourceId: otherApi.id }),
    ofPerson: accessToken(undefined, { ...loose, userId: person.id }),
    ofIssuer: accessToken(undefined, { ...loose, ...status(), trustedIssuerId: issuer.id }),
    underIssuer: accessToken(issuedGrant, { ...loose, ...status() }),
  } as const;
  const { opaque, underIssuer, ...others } = tokens;
  await store.grants.redeemCode({
    codeHash: authorized.code.hash,
    at: NOW,
    accessToken: opaque,
    refresh: { family: line, token: refresh },
    reuseAudit: audit('authorization_code.reused'),
  });
  await store.grants.begin({
    grant: sessionless,
    accessToken: underIssuer,
    audit: audit('assertion.accepted'),
  });
  for (const row of Object.values(others)) {
    // oxlint-disable-next-line no-await-in-loop -- a handful
    await store.accessTokens.issue(row);
  }
  return {
    ...authorized,
    session,
    api,
    otherApi,
    issuer,
    refreshHash: refresh.hash,
    familyId: line.id,
    issuedGrant,
    tokens,
  };
}
