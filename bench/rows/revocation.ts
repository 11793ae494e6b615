/**
 * From the answer to a revocation to the first refusal at a verifier that listens, and at a gateway: on one node, and on
 * two with one PostgreSQL, the one that is asked at the other node. It is asked again and again, as its callers would.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { createVerifier } from '@tessera/verifier';
import type { Fetch } from '@tessera/verifier';
import { startGateway, startUpstream } from '../../test/gateway.ts';
import { startTestServer, type StoreKind, type TestServer } from '../../test/harness.ts';
import { requestToken, revoke, tokensOf } from '../../test/oauth-calls.ts';
import { MUSIC } from '../../test/registrations.ts';
import type { Options } from '../options.ts';
import type { Result, Row } from '../row.ts';

const TRIES = 500;
const PATIENCE_MS = 10_000;

export const revocationRows: readonly Row[] = [
  {
    name: 'revocation to refusal, one node, verifier',
    measure: (options) =>
      measure(options, { store: 'sqlite', nodes: 1, targetMs: 100, checking: verifierAt }),
  },
  {
    name: 'revocation to refusal, one node, gateway',
    measure: (options) => measure(options, { store: 'sqlite', nodes: 1, targetMs: 100, checking: gatewayAt }),
  },
  {
    name: 'revocation to refusal, two nodes, verifier',
    measure: (options) =>
      measure(options, { store: 'postgres', nodes: 2, targetMs: 1000, checking: verifierAt }),
  },
  {
    name: 'revocation to refusal, two nodes, gateway',
    measure: (options) =>
      measure(options, { store: 'postgres', nodes: 2, targetMs: 1000, checking: gatewayAt }),
  },
];

interface Setting {
  readonly store: StoreKind;
  readonly nodes: 1 | 2;
  readonly targetMs: number;
  readonly checking: (server: TestServer, base: string) => Promise<Checking>;
}

/** What stands before an API. */
interface Checking {
  passes(token: string): Promise<boolean>;
  close(): Promise<void>;
}

async function measure({ runs }: Options, { store, nodes, targetMs, checking }: Setting): Promise<Result> {
  const server = await startTestServer({ store });
  const listening = nodes === 1 ? server.base : await server.addNode();
  const check = await checking(server, listening);
  try {
    // The first connects; those after it find it listening.
    await revokeOne(server, check);
    const delays: number[] = [];
    const tries = runs === 1 ? 50 : TRIES;
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    while (delays.length < tries) delays.push(await revokeOne(server, check));
    const sorted = delays.toSorted((one, other) => one - other);
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
    const [p50, p99, most] = [at(0.5), at(0.99), at(1)];
    return {
      ours: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${most.toFixed(1)} ms`,
      target: `p99 ≤ ${targetMs} ms`,
      met: p99 <= targetMs,
      figures: { p50, p99, most, tries },
    };
  } finally {
    await check.close();
    await server.close();
  }
}

/** Everything that is asked goes to one node, whatever the issuer's address says. */
const askingAt =
  ({ issuer }: TestServer, base: string): Fetch =>
  (url, init) =>
    fetch(url.replace(issuer, base), init);

async function verifierAt(server: TestServer, base: string): Promise<Checking> {
  const { id, secret = '' } = server.clients.musicServer;
  const verifier = createVerifier({
    issuer: server.issuer,
    audience: MUSIC,
    clientId: id,
    clientSecret: secret,
    fetch: askingAt(server, base),
  });
  return {
    passes: (token) =>
      verifier.verify(token).then(
        () => true,
        () => false,
      ),
    close: async () => verifier.close(),
  };
}

async function gatewayAt(server: TestServer, base: string): Promise<Checking> {
  const { id, secret } = server.clients.musicServer;
  const upstream = await startUpstream();
  const main = { url: server.issuer, client_id: id, client_secret: secret };
  const api = { path: '/', upstream: upstream.url, verify_access_token: { audience: MUSIC } };
  const gateway = await startGateway(
    { issuers: { main }, routes: { api } },
    { fetch: askingAt(server, base) },
  );
  return {
    async passes(token) {
      const answer = await fetch(`${gateway.url}/tracks`, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
      return answer.ok;
    },
    async close() {
      await gateway.close();
      await upstream.close();
    },
  };
}

async function newToken(server: TestServer): Promise<string> {
  const { confidential } = server.clients;
  const parameters = { grant_type: 'client_credentials', resource: MUSIC };
  return tokensOf(await requestToken(server, parameters, confidential)).accessToken;
}

/** @returns milliseconds */
async function revokeOne(server: TestServer, check: Checking): Promise<number> {
  const token = await newToken(server);
  if (!(await check.passes(token))) throw new Error('a good token is refused');
  const refused = untilRefused(check, token);
  await revoke(server, token, server.clients.confidential);
  const revokedAt = performance.now();
  return Math.max(0, (await refused) - revokedAt);
}

/** @returns when, by `performance.now()` */
async function untilRefused(check: Checking, token: string): Promise<number> {
  const startedAt = performance.now();
  // oxlint-disable-next-line no-await-in-loop -- again and again is the point
  while (await check.passes(token)) {
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error('the revoked token is still accepted');
    // oxlint-disable-next-line no-await-in-loop -- the others have their turn
    await turn();
  }
  return performance.now();
}
