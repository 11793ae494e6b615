// Signing in by a provider that is not ours: oidc-provider, whose ID tokens say nothing of the address.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningPeer, startOidcProvider } from '../../conformance/peers/oidc-provider.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { startTestServer, type TestServer } from '../harness.ts';
import { NoScriptBrowser } from '../no-script-browser.ts';

let peer: RunningPeer;
let server: TestServer;

beforeAll(async () => {
  peer = await startOidcProvider();
  const host = new URL(peer.hooks.issuer).host;
  server = await startTestServer({ store: 'sqlite', config: { outbound_allow_hosts: [host] } });
});
afterAll(async () => {
  await server?.close();
  await peer?.close();
});

it('makes an account for somebody new, by what UserInfo says', async () => {
  const admin = await adminToken(server);
  const made = await callApi(server, admin, 'POST', '/admin/v1/identity-providers', {
    issuer: peer.hooks.issuer,
    name: 'Peer',
    client_id: 'not known yet',
    create_accounts: true,
    keep_tokens: true,
  });
  const registered = await peer.hooks.createClient({
    redirect_uris: [made.body['redirect_uri']],
    token_endpoint_auth_method: 'client_secret_post',
  });
  const path = `/admin/v1/identity-providers/${String(made.body['id'])}`;
  await callApi(server, admin, 'PATCH', path, registered);
  const here = server.newBrowser();
  const there = new NoScriptBrowser(peer.hooks.issuer);
  const left = await here.get(`/login/with/${String(made.body['id'])}`);
  const login = await there.get(left.leftFor?.href ?? '');
  const consent = await there.submit(login, { login: 'grace', password: 'any' });
  const back = await there.submit(consent, {});
  const visit = await here.get(back.leftFor?.href ?? '');
  expect(visit.page).toContain('<dd>grace@example.test</dd>');
  const user = await server.tessera.store.users.findByEmail('grace@example.test');
  const [identity] = await server.tessera.store.upstreamIdentities.ofUser(user?.id ?? '');
  expect(identity).toMatchObject({ subject: 'grace' });
});
