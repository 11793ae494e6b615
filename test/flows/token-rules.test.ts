// What organizations allow of personal access tokens: asked when one is made, regenerated and used; approval; who may.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { STORES, startTestServer, type TestServer } from '../harness.ts';
import { HOUR } from '../movable-clock.ts';
import { type Answer, introspect } from '../oauth-calls.ts';
import { ALL_TOKENS, issueTokenFor, type TokenOwner, tokenOwner, TOKENS } from '../personal-tokens.ts';

const DAY_SECONDS = (24 * HOUR) / 1000;
const RULES = '/admin/v1/organizations/org_default/token-rules';
const STANDARD = {
  max_lifetime: 366 * DAY_SECONDS,
  allow_never_expiring: false,
  allow_full_scope: true,
  who_may_create: 'everyone',
  approval_required: false,
  exempt_user_ids: [],
};
const REFUSED = { active: false, tessera_reason: 'token_rules' };
const PENDING = { active: false, tessera_reason: 'pending_approval' };
const RACERS = 32;

describe.each(STORES)('on %s', (store) => {
  let server: TestServer;
  let grace: TokenOwner;
  let admin: string;

  beforeAll(async () => {
    server = await startTestServer({ store });
    grace = await tokenOwner(server, 'grace@example.test');
    admin = await adminToken(server);
  });
  afterAll(() => server?.close());

  const administer = (method: string, path: string, body?: object): Promise<Answer> =>
    callApi(server, admin, method, path, body);
  const set = async (rules: object): Promise<void> => {
    expect(await administer('PATCH', RULES, { ...STANDARD, ...rules })).toMatchObject({ status: 200 });
  };
  const mails = async () => {
    await server.tessera.deliverMail();
    return server.mailbox.list();
  };
  const inDays = (days: number): number => Math.floor(server.clock.now() / 1000) + days * DAY_SECONDS;
  const allScopes = (): string[] => server.resources.music.scopes.map(({ name }) => name);

  describe('are not set', () => {
    it.each([
      ['to more than a year', { max_lifetime: 366 * DAY_SECONDS + 1 }],
      ['to no time at all', { max_lifetime: 0 }],
      ['with an exempt person who does not exist', { exempt_user_ids: ['usr_none'] }],
      ['with a rule that there is not', { organization_id: 'org_x' }],
      ['with a role that there is not', { who_may_create: 'robots' }],
    ])('%s', async (_what, body) => {
      expect((await administer('PATCH', RULES, body)).status).toBe(400);
    });
    it('of an organization that there is not', async () => {
      const path = '/admin/v1/organizations/org_none/token-rules';
      expect((await administer('PATCH', path, {})).status).toBe(404);
    });
    it('by a person on their own, not even for themselves', async () => {
      const token = await issueTokenFor(server, grace.user.id, ['admin']);
      const own = `/admin/v1/organizations/${grace.user.organizationId}/token-rules`;
      const loose = { allow_never_expiring: true };
      expect((await callApi(server, token, 'GET', own)).status).toBe(200);
      expect((await callApi(server, token, 'PATCH', own, loose)).status).toBe(403);
      expect((await callApi(server, token, 'PATCH', RULES, loose)).status).toBe(404);
    });
  });

  it('are the standard ones until somebody sets them', async () => {
    const { status, body } = await administer('GET', RULES);
    expect({ status, body }).toMatchObject({ status: 200, body: STANDARD });
    expect(body).not.toHaveProperty('updated_at');
  });

  describe('refuse at the making, and an older token at its use (GH-4)', () => {
    it.each<[what: string, rules: object, token: () => object, pointer: string]>([
      [
        'a longer life',
        { max_lifetime: 30 * DAY_SECONDS },
        () => ({ expires_at: inDays(31) }),
        '/expires_at',
      ],
      ['every scope', { allow_full_scope: false }, () => ({ scopes: allScopes() }), '/scopes'],
      ['whoever is no developer', { who_may_create: 'developers' }, () => ({}), ''],
      ['everybody', { who_may_create: 'nobody' }, () => ({}), ''],
    ])('%s', async (_what, rules, details, pointer) => {
      await set({});
      const older = await grace.make(details());
      expect((await introspect(server, older.token)).body['active']).toBe(true);
      await set(rules);
      const { answer } = await grace.make(details());
      expect(answer).toMatchObject({ status: 403, body: { errors: [{ pointer }] } });
      expect((await introspect(server, older.token)).body).toEqual(REFUSED);
      const shown = await grace.call('GET', `${TOKENS}/${older.id}`);
      expect(shown.body['refused_by']).toHaveLength(1);
      const asked = pointer === '/expires_at' ? details() : {};
      expect((await grace.call('POST', `${TOKENS}/${older.id}/regenerate`, asked)).status).toBe(403);
      await set({ ...rules, exempt_user_ids: [grace.user.id] });
      expect((await introspect(server, older.token)).body['active']).toBe(true);
      expect((await grace.make(details())).answer.status).toBe(201);
      await set({});
    });

    it('no end, once that is not allowed any more', async () => {
      const own = `/admin/v1/organizations/${grace.user.organizationId}/token-rules`;
      await set({ allow_never_expiring: true });
      expect((await grace.make({ never_expires: true })).answer.status).toBe(403);
      await administer('PATCH', own, { allow_never_expiring: true });
      const { token, answer } = await grace.make({ never_expires: true });
      expect(answer.body).not.toHaveProperty('expires_at');
      expect((await introspect(server, token)).body).toMatchObject({ active: true, exp: 253_402_300_799 });
      await set({});
      expect((await introspect(server, token)).body).toEqual(REFUSED);
      await administer('PATCH', own, { allow_never_expiring: false });
    });
  });

  describe('ask for approval', () => {
    it('a token is pending, and good for nothing, until it is approved (GH-3)', async () => {
      await set({ approval_required: true });
      const { id, token, answer } = await grace.make();
      expect(answer.body).toMatchObject({ status: 'pending', approval_organization_id: 'org_default' });
      expect((await introspect(server, token)).body).toEqual(PENDING);
      const waiting = await administer('GET', `${ALL_TOKENS}?status=pending&organization_id=org_default`);
      expect(waiting.body['items']).toMatchObject([{ id, user_id: grace.user.id }]);
      const approved = await administer('POST', `${ALL_TOKENS}/${id}/approve`, { reason: 'it is needed' });
      expect(approved.body).toMatchObject({ status: 'active', decision_reason: 'it is needed' });
      expect((await introspect(server, token)).body['active']).toBe(true);
      expect((await administer('POST', `${ALL_TOKENS}/${id}/deny`, { reason: 'no' })).status).toBe(409);
      const again = await grace.call('POST', `${TOKENS}/${id}/regenerate`, {});
      expect(again.body).toMatchObject({ status: 'active' });
      const wider = { scopes: ['catalog-read', 'user-read-private'] };
      const changed = await grace.call('PATCH', `${TOKENS}/${String(again.body['id'])}`, wider);
      expect(changed.body).toMatchObject({ status: 'pending' });
      await set({});
    });

    it('whoever may approve it is told by mail, once, and its owner', async () => {
      await set({ approval_required: true });
      const { id } = await grace.make({ name: 'waits', description: 'for the nightly build' });
      const about = async () => (await mails()).filter(({ text }) => text.includes('“waits”'));
      // Delivery takes a few at a time.
      await expect.poll(about).toHaveLength(2);
      const told = await about();
      expect(told.map(({ to, purpose }) => [to, purpose])).toEqual(
        expect.arrayContaining([
          ['admin@example.test', 'personal_access_token_awaiting'],
          [grace.email, 'personal_access_token_created'],
        ]),
      );
      const awaiting = told.find(({ purpose }) => purpose === 'personal_access_token_awaiting');
      expect(awaiting?.text).toContain('for the nightly build');
      expect(awaiting?.text).toContain('/console/issued/awaiting');
      await grace.call('PATCH', `${TOKENS}/${id}`, { description: 'still waits' });
      expect(await about()).toHaveLength(2);
    });

    it('a denied one is revoked, with the reason', async () => {
      await set({ approval_required: true });
      const { id, token } = await grace.make();
      expect((await administer('POST', `${ALL_TOKENS}/${id}/deny`, {})).status).toBe(400);
      await administer('POST', `${ALL_TOKENS}/${id}/deny`, { reason: 'too wide' });
      expect((await introspect(server, token)).body).toEqual({ active: false, tessera_reason: 'revoked' });
      expect((await grace.call('GET', `${TOKENS}/${id}`)).body).toMatchObject({
        status: 'revoked',
        revoked_reason: 'denied',
        decision_reason: 'too wide',
      });
      await set({});
    });

    it('of an older token, too, and a rule that goes does not approve', async () => {
      await set({});
      const { id, token } = await grace.make();
      await set({ approval_required: true });
      expect((await introspect(server, token)).body).toEqual(PENDING);
      const pending = await grace.make();
      await set({});
      expect((await introspect(server, token)).body['active']).toBe(true);
      expect((await introspect(server, pending.token)).body).toEqual(PENDING);
      await set({ approval_required: true });
      await administer('POST', `${ALL_TOKENS}/${id}/approve`, {});
      expect((await introspect(server, token)).body['active']).toBe(true);
      await set({});
    });

    it('one decision, whoever is first of many', async () => {
      await set({ approval_required: true });
      const { id } = await grace.make();
      const races = Array.from({ length: RACERS }, (_, index) =>
        administer('POST', `${ALL_TOKENS}/${id}/${index % 2 === 0 ? 'approve' : 'deny'}`, { reason: 'me' }),
      );
      const statuses = (await Promise.all(races)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(RACERS - 1);
      await set({});
    });
  });

  describe('of an organization with members', () => {
    it('are its administrators’ matter, and its tokens end with the membership', async () => {
      const id = 'org_default';
      const at = server.clock.now();
      const { memberships } = server.tessera.store;
      const ida = await tokenOwner(server, `ida-${store}@example.test`);
      const membership = { organizationId: id, createdAt: at, updatedAt: at } as const;
      const event = { at, outcome: 'success', actor: 'system' } as const;
      const owning = { ...membership, userId: ida.user.id, role: 'owner' } as const;
      await memberships.add(owning, { ...event, id: `evt_a_${store}`, type: 'member.added' });
      const inTeam = { organization_id: id };
      expect((await grace.make(inTeam)).answer.status).toBe(400);
      const member = { ...membership, userId: grace.user.id, role: 'member' } as const;
      await memberships.add(member, { ...event, id: `evt_b_${store}`, type: 'member.added' });
      const owner = await issueTokenFor(server, ida.user.id, ['admin']);
      const asMember = await issueTokenFor(server, grace.user.id, ['admin']);
      const rules = `/admin/v1/organizations/${id}/token-rules`;
      expect((await callApi(server, asMember, 'PATCH', rules, { approval_required: true })).status).toBe(403);
      expect((await callApi(server, owner, 'PATCH', rules, { approval_required: true })).status).toBe(200);
      const made = await grace.make(inTeam);
      expect(made.answer.body).toMatchObject({ status: 'pending', approval_organization_id: id });
      const approve = `${ALL_TOKENS}/${made.id}/approve`;
      expect((await callApi(server, asMember, 'POST', approve, {})).status).toBe(404);
      expect((await callApi(server, owner, 'POST', approve, {})).status).toBe(200);
      expect((await introspect(server, made.token)).body).toMatchObject({ active: true, org_id: id });
      expect((await ida.make(inTeam)).answer.body).toMatchObject({ status: 'active' });
      await set({});
      const elsewhere = await grace.make();
      expect((await callApi(server, owner, 'GET', `${ALL_TOKENS}/${elsewhere.id}`)).status).toBe(404);
      await memberships.remove(member, { ...event, id: `evt_c_${store}`, type: 'member.removed' });
      expect((await introspect(server, made.token)).body).toEqual({
        active: false,
        tessera_reason: 'revoked',
      });
      expect((await grace.call('GET', `${TOKENS}/${made.id}`)).body).toMatchObject({
        status: 'revoked',
        revoked_reason: 'owner_left',
      });
    });
  });
});
