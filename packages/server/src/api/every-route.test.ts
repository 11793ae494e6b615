/**
 * Every route of the admin API, as its description names them, with every object of an organization, tried by those who
 * have no business with it. A route that is added is tried by itself; one with a new kind of object says so here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, roleMay } from '../access/authority.ts';
import { type ApiFixture, createApiFixture } from './testing/api-fixture.ts';
import { createTwoOrganizations, type TwoOrganizations } from './testing/two-organizations.ts';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly operationId: string;
  readonly 'x-authority'?: readonly Action[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Route extends Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
}

let fixture: ApiFixture;
let world: TwoOrganizations;
let routes: readonly Route[];
beforeAll(async () => {
  fixture = await createApiFixture();
  world = await createTwoOrganizations(fixture);
  const { paths } = (await fixture.app.inject('/admin/v1/openapi.json')).json<{
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  }>();
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      path: path.replace(/\/$/, ''),
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a description of ours names
      method: method.toUpperCase() as Route['method'],
    })),
  );
});
afterAll(() => fixture.close());

/** The path with the ids of the organization's objects. @throws for an object that the world does not have */
function pathOf({ path, 'x-authority': asked }: Route): string {
  const parts = path.split('/');
  return parts
    .map((part, index) => {
      const name = /^\{(.+)\}$/.exec(part)?.[1];
      if (name === undefined) return part;
      const noun = parts[index - 1] ?? '';
      // What is for operators alone is refused whatever the id is.
      const id = world.ids[name] ?? world.ids[noun] ?? (asked === undefined ? 'any' : undefined);
      if (id === undefined)
        throw new Error(`Make one of ${noun} in testing/two-organizations.ts, for ${path}`);
      return id;
    })
    .join('/');
}

/** Values that fit their member where its schema alone does not say so. */
const VALUES: Readonly<Record<string, unknown>> = {
  email: 'new@example.test',
  redirect_uris: ['https://app.example/callback'],
  identifier: 'https://new.example/',
  token: 'x',
  expires_at: 1_900_000_000,
  user_id: 'usr_stranger',
  password: 'correct horse battery',
};

/** A body with what its schema asks for. */
function bodyOf({ requestBody }: Route): Record<string, unknown> | undefined {
  const schema = requestBody?.content['application/json']?.schema;
  if (schema === undefined) return undefined;
  return Object.fromEntries(
    (schema.required ?? []).map((name) => [name, sample(name, schema.properties?.[name])]),
  );
}

function sample(name: string, schema: Schema = {}): unknown {
  if (name in VALUES) return VALUES[name];
  if (schema.enum !== undefined) return schema.enum.at(-1);
  if (schema.anyOf !== undefined) return sample('', schema.anyOf[0]);
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return [];
  if (schema.type === 'object') return {};
  return 'sample';
}

async function send(route: Route, userId: string | undefined, url = pathOf(route), body = bodyOf(route)) {
  const headers = {
    ...(userId !== undefined && { authorization: `Bearer ${fixture.tokenFor(userId, ['admin'])}` }),
    // Nobody decides by these: the object does.
    'x-organization-id': world.otherOrganizationId,
    'x-tessera-organization': world.otherOrganizationId,
  };
  const payload = body === undefined ? {} : { payload: body };
  return fixture.app.inject({ method: route.method, url, headers, ...payload });
}

const withIds = (): readonly Route[] => routes.filter(({ path }) => path.includes('{'));
const told = ({ method, path }: Route, status: number): string => `${method} ${path}: ${status}`;

async function expectNothingChanged(attempt: () => Promise<readonly string[]>): Promise<void> {
  const before = await world.snapshot();
  expect(await attempt()).toEqual([]);
  expect(await world.snapshot()).toEqual(before);
}

/** One after the other, so that what each did can be told. */
async function wrongAnswers(
  tried: readonly Route[],
  userId: string | undefined,
  isRight: (status: number, route: Route) => boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of tried) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const { statusCode } = await send(route, userId);
    if (!isRight(statusCode, route)) wrong.push(told(route, statusCode));
  }
  return wrong;
}

describe('objects of an organization (CO-01, CO-02)', () => {
  it('there are routes to try', () => {
    expect(withIds().length).toBeGreaterThan(25);
  });

  it('are there, and its owner sees them', async () => {
    const read = withIds().filter((route) => route.method === 'GET' && route['x-authority'] !== undefined);
    expect(await wrongAnswers(read, world.owner.id, (status) => status === 200)).toEqual([]);
  });

  it('nobody without a token: 401', () =>
    expectNothingChanged(() => wrongAnswers(withIds(), undefined, (status) => status === 401)));

  it('the owner of another organization: as if they did not exist, and 403 where only operators come', () =>
    expectNothingChanged(() =>
      wrongAnswers(withIds(), world.stranger.id, (status, route) =>
        route['x-authority'] === undefined ? status === 403 : status === 404,
      ),
    ));

  it('the same answer, byte for byte, as for an id that there is not', async () => {
    for (const route of withIds().filter((each) => each['x-authority'] !== undefined)) {
      const url = pathOf(route);
      // A token's id has a form.
      const other = route.path.includes('/tokens/') ? 'A'.repeat(43) : 'nothing-of-the-kind';
      const first = route.path.split('/').findIndex((part) => part.startsWith('{'));
      const unknown = url.split('/').map((part, index) => (index === first ? other : part));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const [real, none] = await Promise.all([
        send(route, world.stranger.id, url),
        send(route, world.stranger.id, unknown.join('/')),
      ]);
      const where = `${route.method} ${route.path}`;
      expect({ where, status: real.statusCode, body: real.body }).toEqual({
        where,
        status: none.statusCode,
        body: none.body,
      });
    }
  });

  it.each(['member', 'developer'] as const)('a %s changes nothing that the role does not allow', (role) =>
    expectNothingChanged(() => {
      const forbidden = withIds().filter((route) => {
        const asked = route['x-authority'];
        return asked === undefined || !asked.some((action) => roleMay(role, action));
      });
      return wrongAnswers(forbidden, world[role].id, (status) => status === 403 || status === 404);
    }),
  );

  it('whoever was an owner until now', async () => {
    const { store, time } = fixture;
    const { organizationId, stranger } = world;
    const owner = {
      organizationId,
      userId: stranger.id,
      role: 'owner',
      createdAt: time.now,
      updatedAt: time.now,
    } as const;
    const event = {
      id: 'evt_x',
      at: time.now,
      type: 'member.added',
      outcome: 'success',
      actor: 'system',
    } as const;
    const token = fixture.tokenFor(stranger.id, ['admin']);
    const look = () =>
      fixture.app.inject({
        url: `/admin/v1/clients/${world.ids['clients']}`,
        headers: { authorization: `Bearer ${token}` },
      });
    await store.memberships.add(owner, event);
    expect((await look()).statusCode).toBe(200);
    await store.memberships.remove(owner, { ...event, id: 'evt_y', type: 'member.removed' });
    expect((await look()).statusCode).toBe(404);
  });
});

describe('what requests name', () => {
  it('an organization in the body makes nothing there for a stranger', () =>
    expectNothingChanged(async () => {
      const wrong: string[] = [];
      for (const route of routes) {
        const schema = route.requestBody?.content['application/json']?.schema;
        if (route.method === 'GET' || schema?.properties?.['organization_id'] === undefined) continue;
        const body = { ...bodyOf(route), organization_id: world.organizationId };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { statusCode } = await send(route, world.stranger.id, pathOf(route), body);
        if (![400, 403, 404].includes(statusCode)) wrong.push(told(route, statusCode));
      }
      return wrong;
    }));

  it('members that a body does not have are refused, in every route', async () => {
    for (const route of routes.filter(({ requestBody }) => requestBody !== undefined)) {
      for (const extra of [
        'organizationId',
        'first_party',
        'registered_by',
        'built_in',
        'id',
        '__proto__x',
      ]) {
        const body = { ...bodyOf(route), [extra]: 'true' };
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await send(route, 'usr_ada', pathOf(route), body);
        expect({ route: told(route, answer.statusCode), extra }).toEqual({ route: told(route, 400), extra });
      }
    }
  });

  it('lists show a stranger nothing, whatever filter or cursor they send', async () => {
    const { ids, organizationId, stranger } = world;
    const secrets = [organizationId, ids['clients'], ids['resources'], ids['grants'], ids['tokens']];
    const lists = routes.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
    for (const route of lists) {
      const names = new Set(route.parameters?.map(({ name }) => name));
      const noun = route.path.split('/').at(-1)?.replaceAll('-', '_') ?? '';
      const queries = [
        '',
        ...(names.has('organization_id') ? [`?organization_id=${organizationId}`] : []),
        ...(names.has('client_id') ? [`?client_id=${ids['clients']}`] : []),
        ...(names.has('cursor')
          ? [noun, 'access_tokens', 'audit_events'].map(
              (list) => `?cursor=${Buffer.from(`${list}:${Number.MAX_SAFE_INTEGER}`).toString('base64url')}`,
            )
          : []),
      ];
      for (const query of queries) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const answer = await send(route, stranger.id, `${route.path}${query}`);
        expect([200, 400, 403]).toContain(answer.statusCode);
        for (const secret of secrets) expect(answer.body).not.toContain(`"${secret}"`);
      }
    }
  });
});
