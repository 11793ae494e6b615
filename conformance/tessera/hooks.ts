// The hooks for Tessera: clients and users by its admin API, pages by their forms, the clock of the test server.
import { issueAdminToken } from '../../packages/server/src/startup/first-start.ts';
import { StoreUnavailable } from '../../packages/server/src/ports/store-errors.ts';
import { createAuthority } from '../../test/certificates.ts';
import { startTestServer, type StoreKind, type TestServer } from '../../test/harness.ts';
import { RegistrationRefused } from '../harness/failure.ts';
import type { Action, Hooks, PageHooks, RegisteredCredentials, User } from '../harness/hooks.ts';
import { formsOf } from '../harness/html.ts';
import type { HeaderLine } from '../harness/http.ts';

const API = 'https://conformance.example/';
const OTHER_API = 'https://other-conformance.example/';

export interface RunningTessera {
  readonly hooks: Hooks;
  readonly server: TestServer;
  close(): Promise<void>;
}

export async function startTessera(store: StoreKind = 'sqlite'): Promise<RunningTessera> {
  const authority = await createAuthority();
  const names = [{ type: 'dns', value: 'localhost' }] as const;
  const server = await startTestServer({
    store,
    mutualTls: await authority.issue({ subject: 'CN=localhost', names }),
    clientAuthorities: authority.cert,
    // A name of its own: what depends on https is checked, too.
    issuer: 'https://id.conformance.example',
    config: {
      trusted_proxies: ['127.0.0.1', '::1'],
      log_level: 'warn',
      dynamic_registration: 'initial_token',
    },
  });
  const admin = await adminOf(server);
  const certificates = {
    authorities: authority.cert,
    issue: (subject: string) => authority.issue({ subject }),
  };
  const hooks = { ...(await hooksOf(server, admin)), certificates };
  return { server, hooks, close: () => server.close() };
}

type Admin = (method: string, path: string, body?: object) => Promise<Readonly<Record<string, unknown>>>;

async function adminOf(server: TestServer): Promise<Admin> {
  const user = await server.tessera.store.users.findByEmail('admin@example.test');
  if (user === undefined) throw new Error('There is no administrator');
  // The clock of the server is moved by hours; a token that ends on the way is replaced.
  let token = await issueAdminToken(server.tessera, user);
  return async (method, path, body) => {
    const send = (): Promise<Response> =>
      fetch(`${server.base}/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    let response = await send();
    if (response.status === 401) {
      token = await issueAdminToken(server.tessera, user);
      response = await send();
    }
    const answer = await response.text();
    if (response.status === 400 || response.status === 422) throw new RegistrationRefused(answer);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return answer === '' ? {} : (JSON.parse(answer) as Readonly<Record<string, unknown>>);
  };
}

async function hooksOf(server: TestServer, admin: Admin): Promise<Hooks> {
  const createClient = async (metadata: object): Promise<RegisteredCredentials> => {
    const { client_id: id, client_secret: secret } = await admin('POST', '/clients', metadata);
    return { client_id: String(id), ...(typeof secret === 'string' ? { client_secret: secret } : {}) };
  };
  const apiServer = (): Promise<RegisteredCredentials> =>
    createClient({ client_name: 'API', grant_types: [], redirect_uris: [] });
  const [first, second] = [await apiServer(), await apiServer()];
  await server.registerResource({
    identifier: API,
    resourceServers: [first.client_id],
    authorizationDetailsTypes: [
      {
        type: 'conformance',
        description: 'Do {what}',
        members: { what: { type: 'string', values: ['this', 'that'] } },
      },
    ],
  });
  await server.registerResource({
    identifier: OTHER_API,
    resourceServers: [second.client_id],
    tokenFormat: 'opaque',
  });
  const userId = async (user: User): Promise<string> =>
    (await server.tessera.store.users.findByEmail(user.username))?.id ?? '';
  let users = 0;
  return {
    issuer: server.issuer,
    base: server.base,
    createClient,
    async createUser() {
      const { email, password, user } = await server.registerPerson({
        email: `person-${++users}@example.test`,
      });
      await admin('PATCH', `/users/${user.id}`, {
        claims: {
          phone_number: '+4930123456',
          address: { formatted: 'Unter den Linden 1, Berlin', country: 'DE' },
        },
      });
      return { username: email, password, claims: { email, name: `person-${users}` } };
    },
    pages: tesseraPages,
    headers: (check) => [forwardedFor(check)],
    moveClock: (milliseconds) => server.clock.advance(milliseconds),
    resetClock: () => server.clock.reset(),
    api: { identifier: API, scopes: ['read', 'write'], tokenFormat: 'jwt', server: first },
    otherApi: { identifier: OTHER_API, scopes: ['read', 'write'], tokenFormat: 'opaque', server: second },
    disableUser: async (user) =>
      void (await admin('PATCH', `/users/${await userId(user)}`, { status: 'disabled' })),
    changePassword: async (user) =>
      void (await admin('PATCH', `/users/${await userId(user)}`, { password: 'quite another password' })),
    disableClient: async (id) => void (await admin('PATCH', `/clients/${id}`, { status: 'disabled' })),
    deleteClient: async (id) => void (await admin('DELETE', `/clients/${id}`)),
    async endConsent(user, clientId) {
      const { items } = await admin('GET', `/grants?client_id=${clientId}&user_id=${await userId(user)}`);
      for (const { id } of items as readonly { readonly id: string }[]) {
        // oxlint-disable-next-line no-await-in-loop -- few
        await admin('DELETE', `/grants/${id}`);
      }
    },
    breakStore: () => Promise.resolve(breakStore(server)),
    rotateKeys: async () => void (await admin('POST', '/keys/rotate', { alg: 'ES256' })),
    async initialAccessToken() {
      const { initial_access_token: token } = await admin('POST', '/initial-access-tokens', {
        name: 'Conformance',
      });
      return String(token);
    },
    bodyLimit: 128 * 1024,
    fapi2: { security_profile: 'fapi2' },
  };
}

/** Revocations cannot be written any more, until the function is called that this gives. */
function breakStore({ tessera }: TestServer): () => void {
  const { accessTokens, grants } = tessera.store;
  const revoke = accessTokens.revoke.bind(accessTokens);
  const end = grants.end.bind(grants);
  const fail = (): Promise<never> => Promise.reject(new StoreUnavailable('The disk is full'));
  Object.assign(accessTokens, { revoke: fail });
  Object.assign(grants, { end: fail });
  return () => {
    Object.assign(accessTokens, { revoke });
    Object.assign(grants, { end });
  };
}

/** Each check comes from an address of its own, as limits count by address. */
function forwardedFor(check: number): HeaderLine {
  return ['x-forwarded-for', `10.${(check >> 16) & 255}.${(check >> 8) & 255}.${check & 255}`];
}

export const tesseraPages: PageHooks = {
  signIn(page, { username, password }) {
    const form = formsOf(page).find(({ secret, fields }) => secret && 'email' in fields);
    return form && { form: { action: form.action, fields: { ...form.fields, email: username, password } } };
  },
  consent: (page, decision) => pressed(page, 'decision', decision) ?? pressed(page, 'step', decision),
  enterUserCode(page, userCode) {
    const form = formsOf(page).find(({ buttons }) => buttons.some(({ value }) => value === 'look'));
    return (
      form && { form: { action: form.action, fields: { ...form.fields, user_code: userCode, step: 'look' } } }
    );
  },
  signOut(page) {
    const form = formsOf(page).find(({ action, fields }) => action === '/logout' && 'form_token' in fields);
    return form && { form: { action: form.action, fields: form.fields } };
  },
};

function pressed(page: string, name: string, value: string): Action | undefined {
  const form = formsOf(page).find(({ buttons }) =>
    buttons.some((button) => button.name === name && button.value === value),
  );
  return form && { form: { action: form.action, fields: { ...form.fields, [name]: value } } };
}
