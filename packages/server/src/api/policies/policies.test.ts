import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../testing/api-fixture.ts';
import { createTwoOrganizations, type TwoOrganizations } from '../testing/two-organizations.ts';

let fixture: ApiFixture;
let world: TwoOrganizations;
beforeAll(async () => {
  fixture = await createApiFixture();
  world = await createTwoOrganizations(fixture);
});
afterAll(() => fixture.close());

const BLOCK = { name: 'A policy', outcome: { kind: 'block' }, mode: 'off' };

async function as(userId: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) {
  const headers = { authorization: `Bearer ${fixture.tokenFor(userId, ['admin'])}` };
  const payload = body === undefined ? {} : { payload: body };
  const answer = await fixture.app.inject({ method, url: `/admin/v1/policies${path}`, headers, ...payload });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
}

describe('an access policy is refused', () => {
  it.each<[string, object]>([
    ['without an outcome', { name: 'X' }],
    ['with an unknown condition', { ...BLOCK, conditions: { moon: { any_of: ['full'] } } }],
    ['with the name of a thing of every object', { ...BLOCK, conditions: { constructor: {} } }],
    ['with an unknown member of a condition', { ...BLOCK, conditions: { client: { all_of: ['x'] } } }],
    ['with an empty condition', { ...BLOCK, conditions: { client: {} } }],
    ['with null for a condition', { ...BLOCK, conditions: { client: null } }],
    ['with an empty list', { ...BLOCK, conditions: { client: { any_of: [] } } }],
    ['with an unknown app', { ...BLOCK, conditions: { client: { any_of: ['nobody'] } } }],
    ['with an unknown API', { ...BLOCK, conditions: { resource: { any_of: ['https://none.example/'] } } }],
    ['with a network that is none', { ...BLOCK, conditions: { network: { any_of: ['10.0.0.0/33'] } } }],
    ['with an unknown class', { ...BLOCK, conditions: { acr: { any_of: ['strong'] } } }],
    ['with a step-up to an unknown class', { name: 'X', outcome: { kind: 'step_up', acr: 'strong' } }],
    ['with a step-up to nothing', { name: 'X', outcome: { kind: 'step_up' } }],
    ['with a life of more than a day', { name: 'X', outcome: { kind: 'shorten_lifetime', seconds: 86_401 } }],
    ['with an unknown mode', { ...BLOCK, mode: 'maybe' }],
    ['with a list that is too long', { ...BLOCK, conditions: { user: { any_of: Array(101).fill('u') } } }],
  ])('%s', async (_what, body) => {
    const answer = await fixture.call('POST', '/admin/v1/policies', body);
    expect(answer.status).toBe(400);
  });
  it('for every token in another organization than the default one, and by nobody but operators', async () => {
    const wide = { ...BLOCK, server_wide: true };
    const elsewhere = { ...wide, organization_id: world.organizationId };
    expect((await fixture.call('POST', '/admin/v1/policies', elsewhere)).status).toBe(400);
    expect((await as(world.owner.id, 'POST', '', elsewhere)).status).toBe(403);
    expect((await as(world.owner.id, 'POST', '', wide)).status).toBe(403);
  });
});

describe('policies of an organization', () => {
  it('are made and changed by its owner, seen by its developers, and there for nobody else', async () => {
    const owned = { ...BLOCK, organization_id: world.organizationId };
    expect((await as(world.developer.id, 'POST', '', owned)).status).toBe(403);
    expect((await as(world.stranger.id, 'POST', '', owned)).status).toBe(400);
    const made = await as(world.owner.id, 'POST', '', owned);
    expect(made.status).toBe(201);
    const path = `/${made.body.id}`;
    expect((await as(world.developer.id, 'GET', path)).status).toBe(200);
    expect((await as(world.developer.id, 'PATCH', path, { mode: 'off' })).status).toBe(403);
    for (const [method, more] of [
      ['GET', ''],
      ['GET', '/history'],
      ['PATCH', ''],
      ['DELETE', ''],
    ] as const) {
      const body = method === 'PATCH' ? { mode: 'off' } : undefined;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await as(world.stranger.id, method, `${path}${more}`, body)).status).toBe(404);
    }
    expect((await as(world.stranger.id, 'GET', '')).body).toEqual({ items: [] });
    expect((await as(world.owner.id, 'DELETE', path)).status).toBe(204);
    expect((await as(world.stranger.id, 'GET', `${path}/history`)).status).toBe(404);
    expect((await as(world.developer.id, 'GET', `${path}/history`)).status).toBe(200);
  });
  it('see no policies for every token', async () => {
    const wide = await fixture.call('POST', '/admin/v1/policies', { ...BLOCK, server_wide: true });
    expect((await as(world.owner.id, 'GET', `/${wide.body.id}`)).status).toBe(404);
    const asked = await as(world.owner.id, 'POST', '/dry-run', {});
    expect(asked.body.policies.map(({ id }: { id: string }) => id)).not.toContain(wide.body.id);
  });
  it('are a hundred at most', async () => {
    const owned = { ...BLOCK, organization_id: world.otherOrganizationId };
    for (let made = 0; made < 101; made += 1) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const { status } = await as(world.stranger.id, 'POST', '', owned);
      expect([made, status]).toEqual([made, made < 100 ? 201 : 409]);
    }
  });
});
