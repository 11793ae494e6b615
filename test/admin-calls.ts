// Calls of the admin API, as an administrator makes them.
import { issueAdminToken } from '../packages/server/src/startup/first-start.ts';
import type { TestServer } from './harness.ts';
import { type Answer, read } from './oauth-calls.ts';

/** A token of the first administrator. */
export async function adminToken({ tessera }: TestServer): Promise<string> {
  const administrator = await tessera.store.users.findByEmail('admin@example.test');
  if (administrator === undefined) throw new Error('there is no administrator');
  return issueAdminToken(tessera, administrator);
}

export async function callApi(
  server: TestServer,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  return read(
    await fetch(`${server.base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}
