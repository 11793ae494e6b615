// How long a token that has ended is still let through, at a gateway that listens.
import { startGateway, startUpstream } from '../../../test/gateway.ts';
import { startTestServer, type TestServer } from '../../../test/harness.ts';
import { requestToken, tokensOf } from '../../../test/oauth-calls.ts';
import { MUSIC } from '../../../test/registrations.ts';
import { quantile } from '../../bounds.ts';
import { Failures, type Limit, type Outcome, type Settings } from '../../figure.ts';

/** Later than this it has not reached the gateway at all. */
export const LATEST_MS = 10_000;

export interface Ending {
  /** What went wrong where a token still passes then. */
  readonly failure: string;
  readonly limit: Limit['most'];
  readonly begin: (server: TestServer) => Promise<EndToken>;
}

/** Ends a token; the clock runs from when it is answered. Gives back what to do before the next trial. */
export type EndToken = (token: string) => Promise<(() => Promise<void>) | undefined>;

/** One token after the other is ended. On PostgreSQL the gateway listens at another node than the one that ends it. */
export async function measureUntilRefused(
  { ground, rounds, tell }: Settings,
  { failure, limit, begin }: Ending,
): Promise<Outcome> {
  if (ground === 'none') throw new Error('an ending needs a database');
  const server = await startTestServer({ store: ground, config: { log_level: 'error' } });
  const upstream = await startUpstream();
  const listening = ground === 'postgres' ? await server.addNode() : server.base;
  const { id, secret } = server.clients.musicServer;
  const gateway = await startGateway(
    {
      issuers: { main: { url: server.issuer, client_id: id, client_secret: secret } },
      routes: { api: { path: '/', upstream: upstream.url, verify_access_token: { audience: MUSIC } } },
    },
    { fetch: (url, init) => fetch(url.replace(server.issuer, listening), init), clock: server.clock.now },
  );
  const passes = async (token: string): Promise<boolean> => {
    const answer = await fetch(`${gateway.url}/tracks`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    return answer.ok;
  };
  const end = await begin(server);
  /** @returns milliseconds from the answer to the refusal */
  const trial = async (): Promise<number> => {
    const token = await newToken(server);
    if (!(await passes(token))) throw new Error('a good token is refused');
    const tidy = await end(token);
    const endedAt = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- again and again is the point
    while (await passes(token)) if (performance.now() - endedAt > LATEST_MS) break;
    const delay = performance.now() - endedAt;
    await tidy?.();
    return delay;
  };
  try {
    // The first connects; those after it find it listening.
    await trial();
    const [failures, delays]: [Failures, number[]] = [new Failures(), []];
    for (let round = 1; round <= rounds; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      const delay = await trial();
      delays.push(delay);
      failures.add(delay > LATEST_MS ? [failure] : []);
      if (round % 100 === 0) tell(`${round} of ${rounds}`);
    }
    const at = (share: number): number => Math.round(quantile(delays, share) * 10) / 10;
    return {
      trials: rounds,
      failed: failures.failed,
      failures: failures.told,
      figures: { p50Ms: at(0.5), p99Ms: at(0.99), slowestMs: at(1) },
      limits: [{ figure: 'p99Ms', most: limit }],
    };
  } finally {
    await gateway.close();
    await upstream.close();
    await server.close();
  }
}

async function newToken(server: TestServer): Promise<string> {
  const form = { grant_type: 'client_credentials', resource: MUSIC };
  return tokensOf(await requestToken(server, form, server.clients.confidential)).accessToken;
}
