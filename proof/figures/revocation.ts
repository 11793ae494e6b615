// R12: how long a revoked token is still let through, at a gateway that listens.
import { startGateway, startUpstream } from '../../test/gateway.ts';
import { startTestServer, type TestServer } from '../../test/harness.ts';
import { requestToken, revoke, tokensOf } from '../../test/oauth-calls.ts';
import { MUSIC } from '../../test/registrations.ts';
import { quantile } from '../bounds.ts';
import { Failures, type Figure, type Outcome, type Settings } from '../figure.ts';

/** Later than this it has not reached the gateway at all. */
const LATEST_MS = 10_000;

export const revocation: Figure = {
  id: 'R12',
  claim: 'a revocation reaches the gateway within 100 ms on the same node (p99), within a second on another',
  method: `A token is revoked; from the answer on the gateway is asked again and again until it refuses the token. On PostgreSQL the gateway listens at another node than the one that revoked. A token that passes for ${LATEST_MS / 1000} s longer is a failure.`,
  trial: 'revocation',
  grounds: ['sqlite', 'postgres'],
  sizes: { test: 10, usual: 500 },
  measure,
};

async function measure({ ground, rounds, tell }: Settings): Promise<Outcome> {
  if (ground === 'none') throw new Error('a revocation needs a database');
  const server = await startTestServer({ store: ground, config: { log_level: 'error' } });
  const upstream = await startUpstream();
  const listening = ground === 'postgres' ? await server.addNode() : server.base;
  const { id, secret } = server.clients.musicServer;
  const gateway = await startGateway(
    {
      issuers: { main: { url: server.issuer, client_id: id, client_secret: secret } },
      routes: { api: { path: '/', upstream: upstream.url, verify_access_token: { audience: MUSIC } } },
    },
    { fetch: (url, init) => fetch(url.replace(server.issuer, listening), init) },
  );
  const passes = async (token: string): Promise<boolean> => {
    const answer = await fetch(`${gateway.url}/tracks`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    return answer.ok;
  };
  try {
    // The first connects; those after it find it listening.
    await revokeOne(server, passes);
    const [failures, delays]: [Failures, number[]] = [new Failures(), []];
    for (let round = 1; round <= rounds; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const delay = await revokeOne(server, passes);
      delays.push(delay);
      failures.add(delay > LATEST_MS ? ['a revoked token passes'] : []);
      if (round % 100 === 0) tell(`${round} of ${rounds}`);
    }
    const at = (share: number): number => Math.round(quantile(delays, share) * 10) / 10;
    const most = ground === 'postgres' ? 1000 : 100;
    return {
      trials: rounds,
      failed: failures.failed,
      failures: failures.told,
      figures: { p50Ms: at(0.5), p99Ms: at(0.99), slowestMs: at(1) },
      limits: [{ figure: 'p99Ms', most }],
    };
  } finally {
    await gateway.close();
    await upstream.close();
    await server.close();
  }
}

/** @returns milliseconds from the answer to the refusal */
async function revokeOne(server: TestServer, passes: (token: string) => Promise<boolean>): Promise<number> {
  const { confidential } = server.clients;
  const form = { grant_type: 'client_credentials', resource: MUSIC };
  const { accessToken } = tokensOf(await requestToken(server, form, confidential));
  if (!(await passes(accessToken))) throw new Error('a good token is refused');
  await revoke(server, accessToken, confidential);
  const revokedAt = performance.now();
  // oxlint-disable-next-line no-await-in-loop -- again and again is the point
  while (await passes(accessToken)) if (performance.now() - revokedAt > LATEST_MS) break;
  return performance.now() - revokedAt;
}
