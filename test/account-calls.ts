// Calls of the account and admin APIs, as a person who is signed in with Tessera's own app.
import { createTokenString, hashTokenString } from '@tessera/tokens';
import { TESSERA_API_IDENTIFIER } from '../packages/server/src/domain/resource.ts';
import type { TestServer } from './harness.ts';
import { type Answer, read } from './oauth-calls.ts';
import type { Person } from './registrations.ts';

export type ApiCall = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) => Promise<Answer>;

/** As a person whose token has the scopes `account` and `admin`; what they may do is decided by their role. */
export async function signedIn(server: TestServer, person: Person = server.person): Promise<ApiCall> {
  const { store, clock, random } = server.tessera;
  const token = createTokenString('at', random);
  const api = await store.resources.findByIdentifier(TESSERA_API_IDENTIFIER);
  if (api === undefined) throw new Error('Tessera has no API of its own');
  const issuedAt = Math.floor(clock() / 1000) * 1000;
  await store.accessTokens.issue({
    id: hashTokenString(token),
    format: 'opaque',
    clientId: 'tessera-cli',
    userId: person.user.id,
    resourceId: api.id,
    scopes: ['account', 'admin'],
    issuedAt,
    expiresAt: issuedAt + 24 * 3_600_000,
    lifetimeReason: 'test',
  });
  return async (method, path, body) =>
    read(
      await fetch(`${server.base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
}

/** The items of a page. */
export function itemsOf(answer: Answer): readonly Readonly<Record<string, unknown>>[] {
  const { items } = answer.body;
  if (!Array.isArray(items)) throw new Error(`No list: ${answer.status} ${answer.text}`);
  return items as readonly Readonly<Record<string, unknown>>[];
}
