/**
 * From the answer to a revocation to the first refusal at a verifier that listens: on one node, and on two with one
 * PostgreSQL, the verifier at the other one. The verifier is asked again and again, as its callers would.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { createVerifier } from '@tessera/verifier';
import type { Verifier } from '@tessera/verifier';
import { startTestServer, type StoreKind, type TestServer } from '../../test/harness.ts';
import { requestToken, revoke, tokensOf } from '../../test/oauth-calls.ts';
import { MUSIC } from '../../test/registrations.ts';
import type { Options } from '../options.ts';
import type { Result, Row } from '../row.ts';

const TRIES = 500;
const PATIENCE_MS = 10_000;

export const revocationRows: readonly Row[] = [
  {
    name: 'revocation to refusal, one node',
    measure: (options) => measure(options, { store: 'sqlite', nodes: 1, targetMs: 100 }),
  },
  {
    name: 'revocation to refusal, two nodes',
    measure: (options) => measure(options, { store: 'postgres', nodes: 2, targetMs: 1000 }),
  },
];

interface Setting {
  readonly store: StoreKind;
  readonly nodes: 1 | 2;
  readonly targetMs: number;
}

async function measure({ runs }: Options, { store, nodes, targetMs }: Setting): Promise<Result> {
  const server = await startTestServer({ store });
  const listening = nodes === 1 ? server.base : await server.addNode();
  const verifier = verifierAt(server, listening);
  try {
    await warmUp(server, verifier);
    const delays: number[] = [];
    const tries = runs === 1 ? 50 : TRIES;
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    while (delays.length < tries) delays.push(await revokeOne(server, verifier));
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
    verifier.close();
    await server.close();
  }
}

/** Everything it asks goes to one node, whatever the issuer's address says. */
function verifierAt(server: TestServer, base: string): Verifier {
  const { id, secret = '' } = server.clients.musicServer;
  return createVerifier({
    issuer: server.issuer,
    audience: MUSIC,
    clientId: id,
    clientSecret: secret,
    fetch: (url, init) => fetch(url.replace(server.issuer, base), init),
  });
}

async function newToken(server: TestServer): Promise<string> {
  const { confidential } = server.clients;
  const parameters = { grant_type: 'client_credentials', resource: MUSIC };
  return tokensOf(await requestToken(server, parameters, confidential)).accessToken;
}

/** Until the verifier listens. */
async function warmUp(server: TestServer, verifier: Verifier): Promise<void> {
  const token = await newToken(server);
  await verifier.verify(token);
  await revoke(server, token, server.clients.confidential);
  await untilRefused(verifier, token);
}

/** @returns milliseconds */
async function revokeOne(server: TestServer, verifier: Verifier): Promise<number> {
  const token = await newToken(server);
  await verifier.verify(token);
  const refused = untilRefused(verifier, token);
  await revoke(server, token, server.clients.confidential);
  const revokedAt = performance.now();
  return Math.max(0, (await refused) - revokedAt);
}

/** @returns when, by `performance.now()` */
async function untilRefused(verifier: Verifier, token: string): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- again and again is the point
      await verifier.verify(token);
    } catch {
      return performance.now();
    }
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error('the revoked token is still accepted');
    // oxlint-disable-next-line no-await-in-loop -- the others have their turn
    await turn();
  }
}
