// Calls about personal access tokens, as their owner and an administrator make them.
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { TESSERA_API_IDENTIFIER } from '../packages/server/src/domain/resource.ts';
import { callApi } from './admin-calls.ts';
import type { TestServer } from './harness.ts';
import type { Answer } from './oauth-calls.ts';
import type { Person } from './registrations.ts';

export const TOKENS = '/account/v1/personal-access-tokens';
export const ALL_TOKENS = '/admin/v1/personal-access-tokens';

export interface MadeToken {
  readonly id: string;
  readonly token: string;
  readonly answer: Answer;
}

export interface TokenOwner extends Person {
  call(method: string, path: string, body?: object): Promise<Answer>;
  /** For the music API's catalogue unless the details say otherwise. */
  make(details?: object): Promise<MadeToken>;
}

/** A person with a token of the command line for the account API. */
export async function tokenOwner(server: TestServer, email: string): Promise<TokenOwner> {
  const person = await server.registerPerson({ email });
  const account = await issueTokenFor(server, person.user.id, ['account']);
  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    callApi(server, account, method, path, body);
  return {
    ...person,
    call,
    async make(details = {}) {
      const body = { name: 'nightly', scopes: ['catalog-read'], ...details };
      const answer = await call('POST', TOKENS, body);
      return { id: String(answer.body['id']), token: String(answer.body['personal_access_token']), answer };
    },
  };
}

/** An access token of the command line's, for Tessera's own API. */
export async function issueTokenFor(
  { tessera }: TestServer,
  userId: string,
  scopes: readonly string[],
): Promise<string> {
  const { store, clock, random } = tessera;
  const api = await store.resources.findByIdentifier(TESSERA_API_IDENTIFIER);
  const token = createTokenString('at', random);
  const issuedAt = Math.floor(clock() / 1000) * 1000;
  await store.accessTokens.issue({
    id: hashTokenString(token),
    format: 'opaque',
    clientId: 'tessera-cli',
    userId,
    resourceId: api?.id ?? '',
    scopes,
    issuedAt,
    expiresAt: issuedAt + 24 * 3600 * 1000,
    lifetimeReason: 'standard',
  });
  return token;
}
