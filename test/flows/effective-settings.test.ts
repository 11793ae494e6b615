// Every setting of every node, and where the nodes do not agree; for operators, without secrets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, callApi } from '../admin-calls.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import { issueTokenFor } from '../personal-tokens.ts';

const PATH = '/admin/v1/cluster/settings';

interface Setting {
  readonly name: string;
  readonly differs: boolean;
  readonly nodes: readonly { readonly node_name: string; readonly value?: string; readonly source: string }[];
}

describe('the effective settings of two nodes', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ store: 'postgres', config: { duty_turn: 7 } });
    await server.addProcess({ duty_turn: 9 });
  });
  afterAll(() => server?.close());

  it('are for operators only', async () => {
    expect((await fetch(`${server.base}${PATH}`)).status).toBe(401);
    const token = await issueTokenFor(server, server.person.user.id, ['admin']);
    expect((await callApi(server, token, 'GET', PATH)).status).toBe(403);
  });

  it('say value and source of each, name what differs, and hold no secret', async () => {
    const token = await adminToken(server);
    const asked = async (): Promise<readonly Setting[]> =>
      (await callApi(server, token, 'GET', PATH)).body['settings'] as readonly Setting[];
    await expect.poll(async () => (await asked())[0]?.nodes.length).toBe(2);
    const settings = await asked();
    const of = (name: string): Setting | undefined => settings.find((each) => each.name === name);
    expect(of('duty_turn')).toEqual({
      name: 'duty_turn',
      differs: true,
      nodes: [
        { node_name: 'n1', value: '7', source: 'command line' },
        { node_name: 'n2', value: '9', source: 'command line' },
      ],
    });
    expect(of('duty_lease')).toMatchObject({
      differs: false,
      nodes: [{ value: '5', source: 'default' }, {}],
    });
    expect(of('admin_password')).toEqual({
      name: 'admin_password',
      differs: false,
      nodes: ['n1', 'n2'].map((node_name) => ({ node_name, source: 'command line' })),
    });
    expect(JSON.stringify(settings)).not.toContain('the administrator has a password');
  });
});
