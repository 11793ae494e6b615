import { describe, expect, it } from 'vitest';
import type { AccessTokenRow } from '../../domain/access-token.ts';
import type { Ending } from '../../domain/ending.ts';
import type { Grant } from '../../domain/grant.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Session } from '../../domain/session.ts';
import { STATUS_BLOCK_SIZE } from '../../domain/status-list.ts';
import type { TrustedIssuer } from '../../domain/trusted-issuer.ts';
import type { Store } from '../../ports/store.ts';
import type { Engine } from './engine.ts';
import { withNodes } from './nodes.ts';
import {
  accessToken,
  audit,
  authorize,
  bytes,
  client,
  clientToken,
  DAY,
  family as newFamily,
  HOUR,
  name,
  NOW,
  refreshToken as newRefreshToken,
  resource,
  session as newSession,
  user,
} from './samples.ts';
import type { Authorized } from './samples.ts';

/** A person with a session, an app with a grant in it, and a token of every kind; none of them anyone else's. */
interface Holdings extends Authorized {
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
type TokenName =
  | 'opaque'
  | 'jwt'
  | 'exchanged'
  | 'elsewhere'
  | 'expired'
  | 'ofClient'
  | 'ofPerson'
  | 'ofIssuer'
  | 'underIssuer';

const AT = NOW + 10;
let nextIndex = 0;
const status = (): { format: 'jwt'; statusIndex: number } => ({
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

async function hold(store: Store): Promise<Holdings> {
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

interface Announced {
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

/** Every verb of the store that ends something, and what those who check tokens are told. */
const VERBS: readonly (readonly [what: string, verb: Verb, announced: Announced])[] = [
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
      const before = { ...person, passwordHash: 'one', updatedAt: NOW + 1 };
      await store.users.update(before, audit('user.updated'));
      await store.users.update({ ...before, passwordHash: 'two', updatedAt: AT }, audit('user.updated'));
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
    async (store, { client: app }) => {
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: NOW }),
        NOW,
        audit('client_token.created'),
      );
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: AT }),
        AT,
        audit('client_token.reset'),
      );
    },
    { clientTokens: 1, statuses: [] },
  ],
  [
    'another client token beside one, for a while',
    async (store, { client: app }) => {
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: NOW }),
        NOW,
        audit('client_token.created'),
      );
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: AT }),
        AT + 60_000,
        audit('client_token.reset'),
      );
    },
    NOTHING,
  ],
  [
    'the end of client tokens',
    async (store, { client: app }) => {
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: NOW }),
        NOW,
        audit('client_token.created'),
      );
      await store.clientTokens.replace(
        clientToken(app.id, { createdAt: NOW }),
        AT + 60_000,
        audit('client_token.reset'),
      );
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
  ['clearing up', (store) => store.maintenance.purge(NOW + HOUR + DAY, 0), NOTHING],
];

/** Ending something tells those who check tokens, in the same transaction; nothing else does. */
export function endingsContract(engine: Engine): void {
  let store: Store;
  let otherNode: Store;
  withNodes(engine, (opened) => {
    ({ store, otherNode } = opened);
  });

  const read = async (from: string): Promise<readonly Ending[]> => {
    const page = await otherNode.endings.after(from, 1000);
    return page?.endings ?? [];
  };

  describe('is announced', () => {
    it.each(VERBS)('%s', async (_what, verb, announced) => {
      const of = await hold(store);
      const from = await store.endings.head();
      await verb(store, of);
      const found = await read(from);
      const nameOf = (id: Uint8Array): string | undefined =>
        Object.entries(of.tokens).find(([, row]) => Buffer.compare(row.id, id) === 0)?.[0];
      const ended = {
        tokens: [] as string[],
        grants: [] as string[],
        clients: [] as unknown[],
        resources: [] as unknown[],
      };
      for (const each of found) {
        if (each.kind === 'token') ended.tokens.push(nameOf(each.tokenId) ?? 'unknown');
        else if (each.kind === 'grant') ended.grants.push(each.grantId === of.grant.id ? 'grant' : 'issued');
        else if (each.kind === 'client') ended.clients.push(each.clientId);
        else ended.resources.push(each.resource);
      }
      const clientTokens = Array.from({ length: announced.clientTokens ?? 0 }, () => 'unknown');
      expect(ended.tokens.toSorted()).toEqual([...(announced.tokens ?? []), ...clientTokens].toSorted());
      expect(ended.grants.toSorted()).toEqual([...(announced.grants ?? [])].toSorted());
      expect(ended.clients).toEqual(announced.client === undefined ? [] : [of.client.id]);
      expect(ended.resources).toEqual(announced.resource === undefined ? [] : [of.api.identifier]);
      const indexes = new Set(await otherNode.statuses.ended(0, Number.MAX_SAFE_INTEGER));
      const set = Object.entries(of.tokens)
        .filter(([, row]) => row.statusIndex !== undefined && indexes.has(row.statusIndex))
        .map(([token]) => token);
      expect(set.toSorted()).toEqual([...announced.statuses].toSorted());
      // What is announced has ended, and what has ended is announced: by its own event, or by that of what it names.
      const purged = found.length === 0 && _what === 'clearing up';
      for (const [token, row] of Object.entries(of.tokens)) {
        if (purged || token === 'expired' || token === 'opaque') continue;
        // oxlint-disable-next-line no-await-in-loop -- a handful
        const state = await store.accessTokens.find(row.id);
        const isSaid = set.includes(token) || ended.tokens.includes(token);
        expect([token, state?.endedAt !== undefined]).toEqual([token, isSaid]);
      }
    });
  });

  describe('endings', () => {
    it('say what ended and until when it would have lived, and nothing else', async () => {
      const { tokens, api } = await hold(store);
      const { jwt } = tokens;
      const from = await store.endings.head();
      await store.accessTokens.revoke(jwt.id, AT, audit('token.revoked'));
      const page = await store.endings.after(from, 10);
      expect(page?.endings).toEqual([
        {
          kind: 'token',
          at: AT,
          expiresAt: jwt.expiresAt,
          tokenId: jwt.id,
          statusIndex: jwt.statusIndex,
          resourceId: api.id,
          cursor: page?.cursor,
        },
      ]);
      expect(page?.cursor).toBe(await store.endings.head());
    });
    it('are read page by page, each once and in order', async () => {
      const from = await store.endings.head();
      const rows = Array.from({ length: 7 }, () => accessToken(undefined, status()));
      for (const row of rows) {
        // oxlint-disable-next-line no-await-in-loop -- their order is what is tested
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const seen: Uint8Array[] = [];
      let cursor = from;
      for (let turn = 0; turn < 4; turn += 1) {
        // oxlint-disable-next-line no-await-in-loop -- a page follows the one before
        const page = await otherNode.endings.after(cursor, 3);
        for (const each of page?.endings ?? []) if (each.kind === 'token') seen.push(each.tokenId);
        cursor = page?.cursor ?? '';
      }
      expect(seen).toEqual(rows.map((row) => row.id));
    });
    it.each([
      ['nothing', ''],
      ['what no store made', 'x'],
      ['a place that never was', '0-zzzz-zzzz'],
      ['numbers too large', 'zzzzzzzzzzz-zzzzzzzzzzz-zzzzzzzzzzz'],
      ['more than a cursor', '0-1-1; DROP TABLE events'],
    ])('are not read from %s', async (_what, cursor) => {
      expect(await store.endings.after(cursor, 10)).toBeUndefined();
    });
    it('are not read from the place of another time', async () => {
      const [xid, id] = (await store.endings.head()).split('-');
      expect(await store.endings.after(`${xid}-${id}-1`, 10)).toBeUndefined();
    });
    it('wake whoever waits for them, on every node, until they stop', async () => {
      let woken = 0;
      const stops = [store, otherNode].map((node) => node.endings.onWritten(() => (woken += 1)));
      const row = accessToken(undefined, status());
      await store.accessTokens.issue(row);
      const before = woken;
      await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      await expect.poll(() => woken - before).toBeGreaterThanOrEqual(2);
      for (const stop of stops) stop();
    });
    it('of unlisted tokens are kept as long as the token would have lived', async () => {
      const cat = accessToken(undefined, {
        ...status(),
        format: 'cat' as AccessTokenRow['format'],
        expiresAt: NOW + 2 * HOUR,
      });
      const jwt = accessToken(undefined, { ...status(), expiresAt: NOW + 2 * HOUR });
      for (const row of [cat, jwt]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- two
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const unlisted = async (now: number): Promise<readonly unknown[]> =>
        (await otherNode.endings.unlisted(now)).map((each) => each.kind === 'token' && each.tokenId);
      expect(await unlisted(NOW)).toEqual([cat.id]);
      const from = await store.endings.head();
      await store.maintenance.purge(AT + HOUR + 1, 0);
      expect(await unlisted(AT + HOUR + 1)).toEqual([cat.id]);
      expect(await unlisted(NOW + 2 * HOUR)).toEqual([]);
      // The newest stays, so that there is a place to read on from.
      expect(await store.endings.after(from, 10)).toMatchObject({ endings: [], cursor: from });
    });
    it('are forgotten after an hour, and whoever was away for longer is told so', async () => {
      const of = await hold(store);
      await store.accessTokens.revoke(of.tokens.jwt.id, AT, audit('token.revoked'));
      const from = await store.endings.head();
      await store.accessTokens.revoke(of.tokens.elsewhere.id, AT, audit('token.revoked'));
      await store.maintenance.purge(AT + HOUR - 1, 0);
      expect((await store.endings.after(from, 10))?.endings).toHaveLength(1);
      await store.maintenance.purge(AT + HOUR, 0);
      expect(await store.endings.after(from, 10)).toBeUndefined();
    });
  });

  describe('statuses', () => {
    it('come in blocks that nobody gets twice', async () => {
      const taken = await Promise.all(
        [store, otherNode, store, otherNode].map((node) => node.statuses.reserveBlock(NOW)),
      );
      expect(new Set(taken).size).toBe(4);
      expect(await otherNode.statuses.blocks()).toMatchObject({ newest: Math.max(...taken) });
    });
    it('are those of a range, and stay set for a day after the token', async () => {
      const base = 1000 * STATUS_BLOCK_SIZE;
      const rows = [0, 5, STATUS_BLOCK_SIZE].map((offset) =>
        accessToken(undefined, { format: 'jwt', statusIndex: base + offset }),
      );
      for (const row of rows) {
        // oxlint-disable-next-line no-await-in-loop -- three
        await store.accessTokens.issue(row);
        // oxlint-disable-next-line no-await-in-loop -- three
        await store.accessTokens.revoke(row.id, AT, audit('token.revoked'));
      }
      const ended = async (): Promise<readonly number[]> =>
        (await otherNode.statuses.ended(base, base + STATUS_BLOCK_SIZE)).toSorted(
          (one, other) => one - other,
        );
      expect(await ended()).toEqual([base, base + 5]);
      await store.maintenance.purge(NOW + HOUR + DAY - 1, 0);
      expect(await ended()).toEqual([base, base + 5]);
      await store.maintenance.purge(NOW + HOUR + DAY, 0);
      expect(await ended()).toEqual([]);
    });
    it('of old blocks are forgotten, but for the newest number', async () => {
      const [one, two] = [
        await store.statuses.reserveBlock(NOW + 10 * DAY),
        await store.statuses.reserveBlock(NOW + 10 * DAY),
      ];
      await store.maintenance.purge(NOW + 13 * DAY, 0);
      expect(await store.statuses.blocks()).toEqual({ oldest: two, newest: two });
      expect(two).toBeGreaterThan(one);
      expect(await store.statuses.reserveBlock(NOW + 13 * DAY)).toBeGreaterThan(two);
    });
  });
}
