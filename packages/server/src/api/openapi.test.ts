import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiFixture, createApiFixture } from './testing/api-fixture.ts';

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: object };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

// Every route is asked; a busy machine needs longer than the 5 seconds that a rule gets.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

async function describedBy(prefix: string): Promise<Described> {
  const answer = await fixture.app.inject({ url: `${prefix}/openapi.json` });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return answer.json();
}

/** Every route that Fastify has under the prefix, as `METHOD /path/{parameter}`. */
function routes(prefix: string): string[] {
  const found: string[] = [];
  const parts: string[] = [];
  for (const line of fixture.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const entry = /^([│├└─\s]*)(\S+)(?: \(([^)]*)\))?/.exec(line);
    if (entry?.[2] === undefined) continue;
    const depth = (entry[1]?.length ?? 0) / 4;
    parts.length = Math.max(depth - 1, 0);
    parts.push(entry[2]);
    const path = parts.join('').replaceAll(/:(\w+)/g, '{$1}');
    if (!path.startsWith(prefix) || path.endsWith('/openapi.json')) continue;
    for (const method of (entry[3] ?? '').split(', ')) found.push(`${method} ${path}`);
  }
  return found;
}

describe.each(['/admin/v1', '/account/v1'])('%s/openapi.json', (prefix) => {
  it('has every route that answers with anything but 405', async () => {
    const { openapi, paths } = await describedBy(prefix);
    expect(openapi).toBe('3.1.0');
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const answering: string[] = [];
    for (const route of routes(prefix)) {
      const [method = '', path = ''] = route.split(' ');
      if (method === 'HEAD' || method === '') continue;
      const authorization = `Bearer ${fixture.tokenFor('usr_ada', ['admin', 'account'])}`;
      const url = path.replaceAll(/\{\w+\}/g, 'none');
      const answer = await fixture.app.inject({ ...asMethod(method), url, headers: { authorization } });
      if (answer.statusCode !== 405) answering.push(route);
    }
    expect(described.toSorted()).toEqual(answering.toSorted());
    expect(described.length).toBeGreaterThan(0);
  });

  it('says of every operation its name, its token, what it answers and how it refuses', async () => {
    const { paths, components } = await describedBy(prefix);
    expect(components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = operations.map((operation) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const operation of operations) {
      expect(operation).toMatchObject({
        operationId: expect.stringMatching(/^[a-z]\w+$/),
        security: [{ bearer: [] }],
      });
      expect(operation.summary).toMatch(/\w/);
      const statuses = Object.keys(operation.responses);
      expect(statuses).toEqual(
        expect.arrayContaining([expect.stringMatching(/^20/), '400', '401', '403', '503']),
      );
      expect(operation.responses['401']?.content).toHaveProperty([
        'application/problem+json',
        'schema',
        'title',
      ]);
    }
  });

  it('has no answer with a hash, a sealed key or a password', async () => {
    const { paths } = await describedBy(prefix);
    const members = Object.values(paths)
      .flatMap((path) => Object.values(path))
      .flatMap(({ responses }) => membersOf(responses));
    expect(members).toContain('id');
    const secret = /^(password|password_hash|hash|secret_hash|secrets|private.*|sealed.*|token)$/;
    expect(members.filter((name) => secret.test(name))).toEqual([]);
  });
});

it('shows a client secret in the two answers that make one, and nowhere else', async () => {
  const { paths } = await describedBy('/admin/v1');
  const showing = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .filter(({ responses }) => membersOf(responses).includes('client_secret'))
    .map(({ operationId }) => operationId);
  expect(showing).toEqual(['createClient', 'createClientSecret']);
});

function asMethod(name: string): { method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS' } {
  const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'] as const;
  return { method: methods.find((method) => method === name) ?? 'GET' };
}

/** The names of all members of all schemas within. */
function membersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'properties' ? [...Object.keys(Object(member)), ...membersOf(member)] : membersOf(member),
  );
}
