// The music API in front of a test server: the one that every flow ends at.
import { createMusicApi } from '@tessera/example-music-api';
import type { TestServer } from './harness.ts';
import { type Answer, read } from './oauth-calls.ts';
import { MUSIC, SHORT } from './registrations.ts';

export interface TestMusic {
  readonly url: string;
  /** Method and path of every request it received. */
  readonly requests: readonly string[];
  call(path: string, token?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

export const TRACK = '11dFghVXANMlKmJXsNCbNl';

export async function startMusic(server: TestServer): Promise<TestMusic> {
  const { musicServer } = server.clients;
  const app = await createMusicApi({
    issuer: server.issuer,
    audience: MUSIC,
    shortAudience: SHORT,
    clientId: musicServer.id,
    clientSecret: musicServer.secret ?? '',
    home: server.issuer,
    clock: server.clock.now,
    findPerson: (sub) => server.tessera.store.users.find(sub),
  });
  const requests: string[] = [];
  app.server.on('request', ({ method, url }) => requests.push(`${method} ${url}`));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = app.listeningOrigin;
  return {
    url,
    requests,
    call: async (path, token, headers = {}) =>
      read(
        await fetch(`${url}${path}`, {
          headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
        }),
      ),
    close: () => app.close(),
  };
}
