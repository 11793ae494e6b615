// Access policies over HTTP: who gets tokens, what becomes of those that are out, and that nobody else is concerned.
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newPersonalToken } from '../../packages/server/src/protocol/personal-tokens/new-token.ts';
import { callApi } from '../admin-calls.ts';
import { STORES, type TestServer } from '../harness.ts';
import {
  type Answer,
  authorizeUrl,
  createPkce,
  exchange,
  finish,
  introspect,
  obtainTokens,
  postForm,
  refresh,
  requestToken,
  tokensOf,
} from '../oauth-calls.ts';
import { type PolicyHouse, startPolicyHouse } from '../policy-house.ts';
import { MUSIC, OPAQUE } from '../registrations.ts';
import { setUpApp } from '../second-factors.ts';

const MFA = 'urn:tessera:acr:mfa';
const HERE = '127.0.0.0/8';

describe.each(STORES)('access policies on %s', (store) => {
  let house: PolicyHouse;
  let server: TestServer;
  let admin: string;

  beforeAll(async () => {
    house = await startPolicyHouse(store, { music: MUSIC, opaque: OPAQUE });
    ({ server, admin } = house);
  });
  afterAll(() => house?.close());
  afterEach(() => house.undo());

  const make = (policy: object): Promise<string> => house.make(policy);
  const ownToken = (resource = MUSIC): Promise<Answer> =>
    requestToken(server, { grant_type: 'client_credentials', resource }, server.clients.confidential);
  const pass = (token: string, at: 'music' | 'opaque' = 'music'): Promise<number> => house.pass(token, at);
  const accessTokenOf = (answer: Answer): string => tokensOf(answer).accessToken;

  it('a block refuses every grant, and names no more than that there is a policy', async () => {
    const { confidential } = server.clients;
    const tokens = await obtainTokens(server, server.newBrowser(), { parameters: { resource: MUSIC } });
    await make({ conditions: { client: { any_of: [confidential.id] } }, outcome: { kind: 'block' } });
    for (const answer of await Promise.all([
      ownToken(),
      refresh(server, tokens.refreshToken, confidential),
      requestToken(
        server,
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: tokens.accessToken,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        },
        confidential,
      ),
    ])) {
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain('pol_');
    }
    const refused = await ownToken();
    expect(refused.body).toMatchObject({ error: 'access_denied' });
    const pkce = createPkce();
    const browser = server.newBrowser();
    const url = authorizeUrl(server, confidential, pkce, { resource: MUSIC });
    const visit = await finish(server, browser, await browser.get(url)).catch(() => undefined);
    expect(visit?.leftFor?.searchParams.get('error') ?? 'access_denied').toBe('access_denied');
    const [event] = await server.auditEvents('policy.refused');
    expect(event).toMatchObject({ outcome: 'failure', clientId: confidential.id, detail: { does: 'block' } });
  });

  it.each([
    ['a JWT', MUSIC, 'music'],
    ['an opaque token', OPAQUE, 'opaque'],
  ] as const)('a change ends %s that is out, and a renewed one passes', async (_what, resource, at) => {
    const first = accessTokenOf(await ownToken(resource));
    expect(await pass(first, at)).toBe(200);
    await make({
      conditions: { resource: { any_of: [resource] } },
      outcome: { kind: 'shorten_lifetime', seconds: 60 },
    });
    await expect.poll(() => pass(first, at), { interval: 20 }).toBe(401);
    expect((await introspect(server, first)).body).toMatchObject({ active: false });
    const renewed = await ownToken(resource);
    expect(renewed.body).toMatchObject({ expires_in: 60 });
    // In the same second as the change: only the epoch tells that it came after.
    expect(await pass(accessTokenOf(renewed), at)).toBe(200);
    expect((await introspect(server, accessTokenOf(renewed))).body).toMatchObject({ active: true });
  });

  it('one that only reports changes nothing, and is seen in the audit log', async () => {
    const token = accessTokenOf(await ownToken());
    const id = await make({ mode: 'report_only', outcome: { kind: 'block' } });
    expect(await pass(token)).toBe(200);
    expect((await ownToken()).status).toBe(200);
    const [event] = await server.auditEvents('policy.reported');
    expect(event).toMatchObject({ clientId: 'confidential', detail: { policy: id, does: 'block' } });
  });

  it('a stronger sign-in is asked for at refresh, and got at the authorization endpoint (RFC 9470)', async () => {
    const person = await server.registerPerson({ email: `stepping@${store}.test` });
    const { confidential } = server.clients;
    const browser = server.newBrowser();
    const parameters = { resource: MUSIC, scope: 'openid user-read-email' };
    const before = await obtainTokens(server, browser, { person, parameters });
    await make({
      conditions: { user: { any_of: [person.user.id] } },
      outcome: { kind: 'step_up', acr: MFA },
    });
    const refused = await refresh(server, before.refreshToken, confidential);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ error: 'insufficient_user_authentication', acr_values: MFA });
    const pkce = createPkce();
    const page = await browser.get(authorizeUrl(server, confidential, pkce, parameters));
    expect(page.leftFor).toBeUndefined();
    const { visit } = await setUpApp(server, browser, page);
    const goOn = /href="([^"]*go-on[^"]*)"/.exec(visit.page)?.[1] ?? '';
    const asked = await browser.get(new URL(goOn.replaceAll('&amp;', '&'), server.base).href);
    const { leftFor } = await finish(server, browser, asked, { person });
    const code = leftFor?.searchParams.get('code') ?? '';
    const { redirectUri } = confidential;
    const answer = await exchange(server, { code, verifier: pkce.verifier, redirectUri, location: leftFor! });
    const after = tokensOf(answer);
    expect(decodeJwt(after.accessToken)).toMatchObject({ acr: MFA });
    expect((await refresh(server, after.refreshToken, confidential)).status).toBe(200);
    // The older grant is as weak as it was.
    expect((await refresh(server, before.refreshToken, confidential)).status).toBe(400);
  });

  it('risk ends the access tokens of a person, and of nobody else', async () => {
    const person = await server.registerPerson({ email: `risky@${store}.test` });
    const { confidential } = server.clients;
    const parameters = { resource: MUSIC };
    const tokens = await obtainTokens(server, server.newBrowser(), { person, parameters });
    const others = await obtainTokens(server, server.newBrowser(), { parameters });
    await make({ conditions: { risk: { at_least: 'medium' } }, outcome: { kind: 'block' } });
    const fresh = tokensOf(await refresh(server, tokens.refreshToken, confidential));
    const other = tokensOf(await refresh(server, others.refreshToken, confidential));
    const raised = await callApi(server, admin, 'POST', `/admin/v1/users/${person.user.id}/risk-signals`, {
      level: 'high',
      expires_in: 3600,
    });
    expect(raised.status).toBe(201);
    expect((await introspect(server, fresh.accessToken)).body).toMatchObject({ active: false });
    expect((await introspect(server, other.accessToken)).body).toMatchObject({ active: true });
    expect((await refresh(server, tokens.refreshToken, confidential)).body).toMatchObject({
      error: 'access_denied',
    });
    const path = `/admin/v1/users/${person.user.id}/risk-signals/${String(raised.body['id'])}`;
    expect((await callApi(server, admin, 'DELETE', path)).status).toBe(204);
    expect((await refresh(server, tokens.refreshToken, confidential)).status).toBe(200);
  });

  it('a second factor that is added ends the access tokens of the weaker sign-in, while policies are enforced', async () => {
    const person = await server.registerPerson({ email: `factor@${store}.test` });
    const parameters = { resource: MUSIC };
    const browser = server.newBrowser();
    const without = await obtainTokens(server, browser, { person, parameters });
    await setUpApp(server, browser, await browser.get(`${server.base}/login/set-up`));
    expect((await introspect(server, without.accessToken)).body).toMatchObject({ active: true });
    const other = await server.registerPerson({ email: `factors@${store}.test` });
    await make({ conditions: { user: { any_of: ['usr_nobody'] } }, outcome: { kind: 'block' } });
    const another = server.newBrowser();
    const tokens = await obtainTokens(server, another, { person: other, parameters });
    expect((await introspect(server, tokens.accessToken)).body).toMatchObject({ active: true });
    await setUpApp(server, another, await another.get(`${server.base}/login/set-up`));
    expect((await introspect(server, tokens.accessToken)).body).toMatchObject({ active: false });
    expect((await refresh(server, tokens.refreshToken, server.clients.confidential)).status).toBe(200);
  });

  it('personal access tokens are judged where they are used', async () => {
    const { personalAccessTokens } = server.tessera.store;
    const { person } = server;
    const at = Math.floor(server.clock.now() / 1000) * 1000;
    const random = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));
    const { value, kept } = newPersonalToken(
      {
        userId: person.user.id,
        organizationId: person.user.organizationId,
        resourceId: server.resources.opaque.id,
        name: `script ${store}`,
        scopes: [],
        createdAt: at,
        expiresAt: at + 86_400_000,
        approval: 'none',
      },
      random,
    );
    const event = {
      id: `evt_pat_${store}`,
      at,
      type: 'personal_access_token.created',
      outcome: 'success',
      actor: 'system',
    } as const;
    await personalAccessTokens.create(kept, event);
    expect((await introspect(server, value)).body).toMatchObject({ active: true });
    expect(await pass(value, 'opaque')).toBe(200);
    await make({ conditions: { resource: { any_of: [OPAQUE] } }, outcome: { kind: 'step_up', acr: MFA } });
    expect((await introspect(server, value)).body).toEqual({
      active: false,
      tessera_reason: 'access_policy',
    });
    await callApi(server, admin, 'DELETE', `/admin/v1/policies/${house.made.pop() ?? ''}`);
    // In the second of the change: judged by it, so it passes.
    expect((await introspect(server, value)).body).toMatchObject({
      active: true,
      policy_epoch: expect.any(Number),
    });
    expect(await pass(value, 'opaque')).toBe(200);
  });

  it('a condition that this server does not know blocks', async () => {
    const { policies } = server.tessera.store;
    const at = server.clock.now();
    const policy = {
      id: `pol_unknown_${store}`,
      organizationId: 'org_default',
      serverWide: true,
      name: 'From a newer program',
      mode: 'enforce',
      conditions: { moon: { any_of: ['full'] }, client: { any_of: ['confidential'] } },
      outcome: { kind: 'shorten_lifetime', seconds: 60 },
      version: 1,
      createdAt: at,
      updatedAt: at,
      decidesFrom: at,
    } as const;
    const event = {
      id: `evt_${store}`,
      at,
      type: 'policy.created',
      outcome: 'success',
      actor: 'system',
    } as const;
    await policies.create(policy, [{}], event);
    house.made.push(policy.id);
    expect((await ownToken()).body).toMatchObject({ error: 'access_denied' });
    const [refused] = await server.auditEvents('policy.refused');
    expect(refused?.detail).toMatchObject({ policy: policy.id });
    expect(String(refused?.detail?.['why'])).toContain('moon');
  });

  it('a dry run says which would apply, and what each condition expected and got', async () => {
    const id = await make({
      name: 'Only from here',
      conditions: { network: { none_of: [HERE] }, client: { any_of: ['confidential'] } },
      outcome: { kind: 'block' },
    });
    const question = { client_id: 'confidential', resource: MUSIC };
    const elsewhere = await house.call('POST', '/dry-run', { ...question, network: '198.51.100.7' });
    expect(elsewhere.body).toMatchObject({ decision: 'block' });
    const [judged] = elsewhere.body['policies'] as { id: string }[];
    expect(judged).toMatchObject({
      id,
      applies: true,
      does: 'block',
      conditions: [
        { name: 'network', result: 'met', expected: `none of ${HERE}`, got: '198.51.100.7' },
        { name: 'client', result: 'met', expected: 'one of confidential', got: 'confidential' },
      ],
    });
    const here = await house.call('POST', '/dry-run', { ...question, network: '127.0.0.1' });
    expect(here.body).toMatchObject({ decision: 'allow' });
    // What is not known fails, and what fails blocks.
    const nowhere = await house.call('POST', '/dry-run', question);
    expect(nowhere.body).toMatchObject({
      decision: 'block',
      policies: [{ conditions: [{ result: 'failed' }, {}] }],
    });
    expect((await ownToken()).status).toBe(200);
  });

  // On SQLite there is one node.
  it.runIf(store === 'postgres')(
    'another node judges by a change, and ends what was issued before',
    async () => {
      const base = await server.addNode();
      const { confidential, musicServer } = server.clients;
      const there = { base };
      const request = (): Promise<Answer> =>
        requestToken(server, { grant_type: 'client_credentials', resource: MUSIC }, confidential, there);
      const before = accessTokenOf(await request());
      await make({ conditions: { client: { any_of: [confidential.id] } }, outcome: { kind: 'block' } });
      const wronglyLive: string[] = [];
      const ask = async (): Promise<Answer['body']> => {
        const answer = await request();
        // Issued by what that node still knew: refused where tokens are checked.
        if (answer.status === 200) {
          const { body } = await introspect(server, accessTokenOf(answer));
          if (body['active'] !== false) wronglyLive.push(answer.text);
        }
        return answer.body;
      };
      await expect.poll(ask).toMatchObject({ error: 'access_denied' });
      expect(wronglyLive).toEqual([]);
      const said = await postForm(server, '/api/introspect', { token: before }, musicServer, there);
      expect(said.body).toMatchObject({ active: false });
    },
  );

  it('every version is kept, with who and when, also after the end', async () => {
    const id = await make({ name: 'First', outcome: { kind: 'block' }, mode: 'off' });
    await house.call('PATCH', `/${id}`, { name: 'Second' });
    await house.call('DELETE', `/${id}`);
    const history = await house.call('GET', `/${id}/history`);
    expect(history.body['items']).toMatchObject([
      { version: 3, what: 'deleted', policy: { name: 'Second' } },
      { version: 2, what: 'updated', policy: { name: 'Second' } },
      { version: 1, what: 'created', policy: { name: 'First' } },
    ]);
    expect((await house.call('GET', `/${id}`)).status).toBe(404);
  });
});
