import type { Policy } from '../../domain/policy.ts';
import type { Store } from '../../ports/store.ts';
import { AT, type Holdings, type TokenName } from './holdings.ts';
import {
  accessToken,
  audit,
  bytes,
  clientToken,
  DAY,
  HOUR,
  membership,
  name,
  NOW,
  policy,
  refreshToken as newRefreshToken,
  session as newSession,
  team,
  user,
} from './samples.ts';

/** What those who check tokens are told. */
export interface Announced {
  readonly tokens?: readonly TokenName[];
  /** `grant`: the app's; `issued`: that of the trusted issuer. */
  readonly grants?: readonly ('grant' | 'issued')[];
  /** How many of the app's client tokens. */
  readonly clientTokens?: number;
  readonly client?: true;
  readonly resource?: true;
  /** Whose places in the status lists are set. */
  readonly statuses: readonly TokenName[];
}

const UNDER_GRANT = ['jwt', 'exchanged', 'elsewhere'] as const;
const GRANT: Announced = { tokens: UNDER_GRANT, grants: ['grant'], statuses: UNDER_GRANT };
const NOTHING: Announced = { statuses: [] };

type Verb = (store: Store, of: Holdings) => Promise<unknown>;

const rotate: Verb = (store, { grant, familyId, refreshHash }) =>
  store.refreshTokens.rotate({
    hash: refreshHash,
    at: AT,
    successor: newRefreshToken({ id: familyId }),
    sealedAnswer: bytes(),
    graceMs: -1,
    reuseAudit: audit('refresh_token.reused'),
    accessToken: accessToken(grant),
  });

const resetClientToken = (store: Store, { client: app }: Holdings, at: number, endsAt = at) =>
  store.clientTokens.replace(clientToken(app.id, { createdAt: at }), endsAt, audit('client_token.reset'));

async function newTeam(store: Store, person: { readonly id: string }): Promise<string> {
  const owner = membership(person, { organizationId: name('org_'), role: 'owner' });
  await store.organizations.create(team(owner), owner, audit('organization.created'));
  return owner.organizationId;
}

/** A member of a team loses their role, while a policy looks at memberships, or at apps only. */
const demote =
  (conditions: Policy['conditions']): Verb =>
  async (store, { user: person }) => {
    const founder = user();
    await store.users.create(founder, audit('user.created'));
    const organizationId = await newTeam(store, founder);
    const member = membership(person, { organizationId, role: 'admin' });
    await store.memberships.add(member, audit('member.added'));
    const made = policy({ conditions });
    await store.policies.create(made, [], audit('policy.created'));
    const developer = { ...member, role: 'developer', updatedAt: AT } as const;
    await store.memberships.changeRole(developer, audit('member.role_changed', { at: AT }), member);
    await store.policies.delete(made, [], audit('policy.deleted'));
  };

/** Every verb of the store that ends something, and what those who check tokens are told. */
export const ENDING_VERBS: readonly (readonly [what: string, verb: Verb, announced: Announced])[] = [
  [
    'the revocation of an opaque token',
    (store, { tokens }) => store.accessTokens.revoke(tokens.opaque.id, AT, audit('token.revoked')),
    { tokens: ['opaque'], statuses: [] },
  ],
  [
    'the revocation of a JWT',
    (store, { tokens }) => store.accessTokens.revoke(tokens.jwt.id, AT, audit('token.revoked')),
    { tokens: ['jwt'], statuses: ['jwt'] },
  ],
  [
    'the revocation of an expired JWT',
    (store, { tokens }) => store.accessTokens.revoke(tokens.expired.id, AT, audit('token.revoked')),
    NOTHING,
  ],
  [
    'the end of a grant',
    (store, { grant }) => store.grants.end(grant.id, 'revoked_by_admin', AT, audit('grant.ended')),
    GRANT,
  ],
  [
    'the second use of a code',
    (store, { code, grant }) =>
      store.grants.redeemCode({
        codeHash: code.hash,
        at: AT,
        accessToken: accessToken(grant),
        reuseAudit: audit('authorization_code.reused'),
      }),
    GRANT,
  ],
  ['a refresh token used again', async (...all) => [await rotate(...all), await rotate(...all)], GRANT],
  ['a refresh token used once', rotate, NOTHING],
  ['a sign-out', (store, { session }) => store.sessions.end(session, AT, audit('sign_out')), GRANT],
  [
    'another sign-in in the same browser',
    async (store, { session }) => {
      const newcomer = user();
      await store.users.create(newcomer, audit('user.created'));
      await store.sessions.start(newSession(newcomer, { createdAt: AT }), session, audit('sign_in'));
    },
    GRANT,
  ],
  [
    'a new password',
    async (store, { user: person }) => {
      await store.users.update({ ...person, passwordHash: 'new', updatedAt: AT }, audit('user.updated'));
    },
    {
      tokens: [...UNDER_GRANT, 'underIssuer'],
      grants: ['grant', 'issued'],
      statuses: [...UNDER_GRANT, 'underIssuer'],
    },
  ],
  [
    'another name',
    (store, { user: person }) =>
      store.users.update({ ...person, displayName: 'Grace', updatedAt: AT }, audit('user.updated')),
    NOTHING,
  ],
  ...(['disabling', 'deleting'] as const).map(
    (verb) =>
      [
        `${verb} a person`,
        (store: Store, { user: person }: Holdings) =>
          verb === 'disabling'
            ? store.users.update({ ...person, status: 'disabled', updatedAt: AT }, audit('user.updated'))
            : store.users.delete(person.id, audit('user.deleted', { at: AT })),
        {
          tokens: [...UNDER_GRANT, 'underIssuer', 'ofPerson'],
          grants: ['grant', 'issued'],
          statuses: [...UNDER_GRANT, 'underIssuer'],
        },
      ] as const,
  ),
  [
    'another client token in place of one',
    async (...of) => [await resetClientToken(...of, NOW), await resetClientToken(...of, AT)],
    { clientTokens: 1, statuses: [] },
  ],
  [
    'another client token beside one, for a while',
    async (...of) => [await resetClientToken(...of, NOW), await resetClientToken(...of, AT, AT + HOUR)],
    NOTHING,
  ],
  [
    'the end of client tokens',
    async (...of) => {
      const [store, { client: app }] = of;
      await resetClientToken(...of, NOW);
      await resetClientToken(...of, NOW, AT + HOUR);
      await store.clientTokens.end(app.id, audit('client_token.removed', { at: AT }));
    },
    { clientTokens: 2, statuses: [] },
  ],
  ...(['disabling', 'deleting'] as const).map(
    (verb) =>
      [
        `${verb} a client`,
        (store: Store, { client: app }: Holdings) =>
          verb === 'disabling'
            ? store.clients.update({ ...app, status: 'disabled', updatedAt: AT }, audit('client.updated'))
            : store.clients.delete(app.id, audit('client.deleted', { at: AT })),
        {
          client: true,
          tokens: ['exchanged'],
          statuses: ['jwt', 'elsewhere', 'exchanged', 'ofClient'],
        },
      ] as const,
  ),
  [
    'a disabled client, disabled again',
    async (store, { client: app }) => {
      const disabled = { ...app, status: 'disabled', updatedAt: AT } as const;
      await store.clients.update(disabled, audit('client.updated'));
      await store.clients.update({ ...disabled, name: 'x', updatedAt: AT + 1 }, audit('client.updated'));
    },
    { client: true, tokens: ['exchanged'], statuses: ['jwt', 'elsewhere', 'exchanged', 'ofClient'] },
  ],
  [
    'a client that becomes public',
    (store, { client: app }) =>
      store.clients.update(
        { ...app, tokenEndpointAuthMethod: 'none', updatedAt: AT },
        audit('client.updated'),
      ),
    NOTHING,
  ],
  [
    'deleting an API',
    (store, { api }) => store.resources.delete(api.id, audit('resource.deleted', { at: AT })),
    { resource: true, tokens: ['elsewhere'], statuses: ['jwt', 'exchanged', 'elsewhere'] },
  ],
  [
    'deleting the organization of an API',
    async (store, { api, user: person }) => {
      const organizationId = await newTeam(store, person);
      await store.resources.update({ ...api, organizationId }, audit('resource.updated'));
      return store.organizations.delete(organizationId, audit('organization.deleted', { at: AT }));
    },
    { resource: true, tokens: ['elsewhere'], statuses: ['jwt', 'exchanged', 'elsewhere'] },
  ],
  [
    'deleting the organization of an app',
    async (store, { client: app, user: person }) => {
      const organizationId = await newTeam(store, person);
      await store.clients.update({ ...app, organizationId }, audit('client.updated'));
      return store.organizations.delete(organizationId, audit('organization.deleted', { at: AT }));
    },
    {
      client: true,
      tokens: ['exchanged'],
      statuses: ['jwt', 'elsewhere', 'exchanged', 'ofClient'],
    },
  ],
  ...(['disabling', 'deleting'] as const).map(
    (verb) =>
      [
        `${verb} a trusted issuer`,
        (store: Store, { issuer }: Holdings) =>
          verb === 'disabling'
            ? store.trustedIssuers.update(
                { ...issuer, status: 'disabled', updatedAt: AT },
                audit('trusted_issuer.updated'),
                issuer,
              )
            : store.trustedIssuers.delete(issuer.id, audit('trusted_issuer.deleted', { at: AT })),
        {
          tokens: ['ofIssuer', 'underIssuer'],
          grants: ['issued'],
          statuses: ['ofIssuer', 'underIssuer'],
        },
      ] as const,
  ),
  [
    'disconnecting an app',
    (store, { user: person, client: app }) =>
      store.connections.disconnect(person.id, app.id, AT, () => audit('application.disconnected')),
    GRANT,
  ],
  [
    'disconnecting an app that has nothing',
    (store, { user: person }) =>
      store.connections.disconnect(person.id, 'app_none', AT, () => audit('application.disconnected')),
    NOTHING,
  ],
  [
    'ending what an agent holds',
    (store, { client: app }) => store.agents.endHeld(app.id, AT, 'agent_stopped'),
    { client: true, tokens: ['exchanged'], statuses: ['jwt', 'elsewhere', 'exchanged', 'ofClient'] },
  ],
  [
    'another role, while a policy looks at memberships',
    demote({ membership: { any_of: [{ organization_id: 'org_1' }] } }),
    {
      tokens: ['opaque', ...UNDER_GRANT, 'underIssuer', 'ofPerson'],
      statuses: [...UNDER_GRANT, 'underIssuer'],
    },
  ],
  ['another role, while none does', demote({ client: { any_of: ['app_1'] } }), NOTHING],
  ['clearing up', (store) => store.maintenance.purge(NOW + HOUR + DAY, 0), NOTHING],
];
