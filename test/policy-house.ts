/** A server whose policies a test makes and takes back, with a gateway before its APIs. */
import { adminToken, callApi } from './admin-calls.ts';
import { startGateway, startUpstream } from './gateway.ts';
import { startTestServer, type StoreKind, type TestServer } from './harness.ts';
import type { Answer } from './oauth-calls.ts';

export interface PolicyHouse {
  readonly server: TestServer;
  /** An administrator's token; another one once that is renewed. */
  readonly admin: string;
  /** The ids of what `undo` deletes. */
  readonly made: string[];
  renewAdmin(): Promise<void>;
  /** The admin API's `/admin/v1/policies`, by the administrator. */
  call(method: string, path: string, body?: object): Promise<Answer>;
  /** @returns the id of a policy of the whole server, unless it says otherwise */
  make(policy: object): Promise<string>;
  /** What the gateway answers at one of its paths. */
  pass(token: string, path: string): Promise<number>;
  /** Deletes what was made. */
  undo(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param audiences the gateway's paths, and whose tokens are taken there
 * @param remembered seconds for which it remembers what it was told of a token
 */
export async function startPolicyHouse(
  store: StoreKind,
  audiences: Readonly<Record<string, string>>,
  remembered?: number,
): Promise<PolicyHouse> {
  const server = await startTestServer({ store });
  let admin = await adminToken(server);
  const upstream = await startUpstream();
  const { id, secret } = server.clients.musicServer;
  const issuer = { url: server.issuer, client_id: id, client_secret: secret };
  const cache = remembered === undefined ? {} : { introspection_cache_seconds: remembered };
  const routes = Object.entries(audiences).map(([name, audience]) => [
    name,
    { path: `/${name}`, upstream: upstream.url, verify_access_token: { audience } },
  ]);
  const gateway = await startGateway(
    { issuers: { main: { ...issuer, ...cache } }, routes: Object.fromEntries(routes) },
    { clock: server.clock.now },
  );
  const made: string[] = [];
  const call: PolicyHouse['call'] = (method, path, body) =>
    callApi(server, admin, method, `/admin/v1/policies${path}`, body);
  return {
    server,
    get admin() {
      return admin;
    },
    made,
    renewAdmin: async () => void (admin = await adminToken(server)),
    call,
    async make(policy) {
      const answer = await call('POST', '', { name: 'A policy', server_wide: true, ...policy });
      if (answer.status !== 201) throw new Error(answer.text);
      const policyId = String(answer.body['id']);
      made.push(policyId);
      return policyId;
    },
    pass: async (token, path) =>
      (await fetch(`${gateway.url}/${path}`, { headers: { authorization: `Bearer ${token}` } })).status,
    async undo() {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const policyId of made.splice(0)) await call('DELETE', `/${policyId}`);
      // Beyond what tokens of the second of a change are mistaken for.
      server.clock.advance(5000);
    },
    async close() {
      await gateway.close();
      await upstream.close();
      await server.close();
    },
  };
}
