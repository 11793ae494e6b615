// Two Tesseras: people sign in at the one by the other.
import { adminToken, callApi } from './admin-calls.ts';
import { startTestServer, type StoreKind, type TestServer } from './harness.ts';
import type { NoScriptBrowser, Visit } from './no-script-browser.ts';
import { finish } from './oauth-calls.ts';
import type { Person, RegisteredClient } from './registrations.ts';

export interface UpstreamPair {
  /** Where people want to sign in. */
  readonly here: TestServer;
  /** Who knows them. */
  readonly there: TestServer;
  readonly admin: string;
  /** `here` as a client `there`. */
  readonly clientThere: RegisteredClient;
  readonly providerId: string;
  /** Changes the provider's settings. */
  change(settings: object): Promise<void>;
  /** Two browsers of one person: what each server sees of the same one. */
  newBrowsers(): Browsers;
  /** From the button to the way back, without going it. */
  signInThere(browsers: Browsers, person: Person, start?: string): Promise<URL>;
  close(): Promise<void>;
}

export interface Browsers {
  readonly here: NoScriptBrowser;
  readonly there: NoScriptBrowser;
}

export async function startUpstreamPair(store: StoreKind): Promise<UpstreamPair> {
  const there = await startTestServer({ store });
  const here = await startTestServer({
    store,
    config: { outbound_allow_hosts: [new URL(there.issuer).host] },
  });
  const admin = await adminToken(here);
  const secret = 'a secret that only the two servers know';
  const made = await callApi(here, admin, 'POST', '/admin/v1/identity-providers', {
    issuer: there.issuer,
    name: 'Elsewhere',
    client_id: 'here',
    client_secret: secret,
    scopes: ['profile', 'email', 'offline_access'],
    create_accounts: true,
    keep_tokens: true,
  });
  if (made.status !== 201) throw new Error(made.text);
  const providerId = String(made.body['id']);
  const clientThere = await there.registerClient({
    id: 'here',
    secret,
    tokenEndpointAuthMethod: 'client_secret_post',
    redirectUris: [String(made.body['redirect_uri'])],
  });
  return {
    here,
    there,
    admin,
    clientThere,
    providerId,
    async change(settings) {
      const path = `/admin/v1/identity-providers/${providerId}`;
      const changed = await callApi(here, admin, 'PATCH', path, settings);
      if (changed.status !== 200) throw new Error(changed.text);
    },
    newBrowsers: () => ({ here: here.newBrowser(), there: there.newBrowser() }),
    async signInThere(browsers, person, start = `/login/with/${providerId}`) {
      const left: Visit = await browsers.here.get(start);
      if (left.leftFor === undefined) throw new Error(`It did not lead away: ${left.status}`);
      const arrived = await browsers.there.get(left.leftFor.href);
      const visit = await finish(there, browsers.there, arrived, { person });
      if (visit.leftFor === undefined) throw new Error(`It did not lead back: ${visit.status}`);
      return visit.leftFor;
    },
    async close() {
      await here.close();
      await there.close();
    },
  };
}
