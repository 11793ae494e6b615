// What things that count once are made of, and how a use of one ended.
import { DEVICE_CODE_GRANT, JWT_BEARER_GRANT } from '../../packages/server/src/domain/client.ts';
import { adminToken, callApi } from '../admin-calls.ts';
import { type ClientKey, createClientKey } from '../assertions.ts';
import { type ForeignIssuer, registerIssuer } from '../foreign-issuer.ts';
import type { TestServer } from '../harness.ts';
import { NoScriptBrowser, type Visit } from '../no-script-browser.ts';
import { type Answer, signInAndConsent } from '../oauth-calls.ts';
import { MUSIC, type Person, type RegisteredClient } from '../registrations.ts';

/** How a use ended; what is neither is a fault, in words. */
export type Use = 'taken' | 'refused' | { readonly fault: string };

export interface OneTimeThing {
  readonly name: string;
  /** Makes a fresh one. @returns what uses it at a node */
  readonly make: () => Promise<(base: string) => Promise<Use>>;
}

export interface OneTimeWorld {
  readonly server: TestServer;
  readonly tv: RegisteredClient;
  readonly signer: RegisteredClient;
  readonly key: ClientKey;
  readonly operator: string;
  readonly browser: NoScriptBrowser;
  /** An issuer whose JWTs are traded for tokens of `job`. */
  readonly issuer: ForeignIssuer;
  /** Where people are invited to. */
  readonly organization: string;
}

/** Apps, and a person who is signed in. */
export async function createOneTimeWorld(server: TestServer): Promise<OneTimeWorld> {
  const key = createClientKey('k1');
  const browser = server.newBrowser();
  await signInAndConsent(server, browser, { parameters: { scope: 'openid' } });
  const operator = await adminToken(server);
  const made = await callApi(server, operator, 'POST', '/admin/v1/organizations', { name: 'Quartet' });
  const job = await server.registerClient({
    id: 'job',
    tokenEndpointAuthMethod: 'none',
    grantTypes: [JWT_BEARER_GRANT],
    redirectUris: [],
  });
  return {
    server,
    key,
    browser,
    operator,
    organization: String(made.body['id']),
    issuer: await registerIssuer(server, {
      issuer: 'https://ci.example',
      kind: 'workload',
      rules: [{ claims: { sub: 'job' }, clientId: job.id, scopes: ['catalog-read'], resources: [MUSIC] }],
    }),
    tv: await server.registerClient({
      id: 'tv',
      applicationType: 'native',
      redirectUris: [],
      tokenEndpointAuthMethod: 'none',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    }),
    signer: await server.registerClient({
      id: 'signer',
      tokenEndpointAuthMethod: 'private_key_jwt',
      grantTypes: ['client_credentials'],
      metadata: { jwks: { keys: [key.jwk] } },
    }),
  };
}

/** The browser at another node: with the cookies it got from the first. */
export function browserAt(base: string, browser: NoScriptBrowser, issuer: string): NoScriptBrowser {
  const same = new NoScriptBrowser(base, new URL(issuer).origin);
  for (const [name, value] of browser.cookies) same.cookies.set(name, value);
  return same;
}

/** @param errors with which others than the first are refused */
export function useOf({ status, body, text }: Answer, errors: readonly string[]): Use {
  if (status === 200 || status === 201) return 'taken';
  const isExpected = status < 500 && errors.includes(String(body['error']));
  return isExpected ? 'refused' : { fault: `${status} ${text.slice(0, 200)}` };
}

export function useOfVisit({ status, page }: Visit, isTaken: boolean): Use {
  if (isTaken) return 'taken';
  return status < 500 ? 'refused' : { fault: `${status} ${page.slice(0, 200)}` };
}

export const hasCode = ({ leftFor }: Visit): boolean => leftFor?.searchParams.has('code') === true;

let people = 0;

/** Somebody who has tried nothing yet: limits are counted for each person. */
export function newPerson({ server }: OneTimeWorld): Promise<Person> {
  return server.registerPerson({ email: newAddress() });
}

export function newAddress(): string {
  return `racer${people++}@example.test`;
}
