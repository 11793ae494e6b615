/** Puts the server together: with `assembly`, the only place that knows every room. */
import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import type { Server } from 'node:https';
import { mountApis } from './assembly/apis.ts';
import { startChores } from './assembly/chores.ts';
import { startDuty } from './assembly/duty.ts';
import { clientDocuments } from './assembly/client-documents.ts';
import { type Foundation, type TesseraParts, createFoundation } from './assembly/foundation.ts';
import { leakHandling } from './assembly/leaked-tokens.ts';
import { mountOAuth } from './assembly/oauth.ts';
import { mountPages } from './assembly/pages.ts';
import { watchLoad } from './assembly/shedding.ts';
import type { TellApps } from './assembly/tell-apps.ts';
import { listenerLimitsOf } from './config.ts';
import { type RequestReport, createHttpApp } from './http/app.ts';
import { leadToIssuerHost } from './http/canonical-host.ts';
import { leadUnderIssuerPath } from './http/issuer-path.ts';
import { Leaving, registerHealth } from './http/health-routes.ts';
import { refuseOtherHosts } from './http/refuse-other-hosts.ts';
import type { Logger } from './observe/logs.ts';
import type { Metrics } from './observe/metrics.ts';
import type { RefusalLog } from './observe/refusal-log.ts';
import type { Passwords } from './people/password.ts';
import type { Clock } from './ports/clock.ts';
import type { Random } from './ports/random.ts';
import type { Store } from './ports/store.ts';
import type { UsageCounter } from './ports/usage.ts';
import { notFoundPage } from './pages/not-found-page.ts';
import { MUTUAL_TLS_ENDPOINTS } from './protocol/endpoints/metadata.ts';
import type { AccessTokenIssuer } from './protocol/issue-access-token.ts';
import type { KeyRing } from './protocol/key-ring.ts';

/** A server that is put together and listens nowhere yet. */
export interface Tessera {
  readonly issuer: string;
  readonly app: FastifyInstance;
  /** Asks for certificates; the same application behind it. */
  readonly mutualTls?: Server;
  readonly store: Store;
  readonly keyRing: KeyRing;
  readonly metrics: Metrics;
  readonly passwords: Passwords;
  readonly issueAccessToken: AccessTokenIssuer;
  /** Tells apps that sessions have ended; of one session, or of all that are due. Never rejects. */
  readonly tellApps: TellApps;
  /** Sends the mails that are due; where mail is delivered at all. */
  readonly deliverMail: () => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  /** Rejects while the server cannot serve. */
  readonly ready: () => Promise<void>;
  /** From now on not ready, though everything is answered: it is about to close. */
  leave(): void;
  /** Refuses new requests, ends the ones under way, lets go of the database. */
  close(): Promise<void>;
}

export async function createTessera(parts: TesseraParts): Promise<Tessera> {
  const foundation = await createFoundation(parts);
  // As everything else here sees it, policies included.
  const { config, issuer, store, logger } = foundation.parts;
  const { clock, random, keyRing, passwords, issueAccessToken, tellApps, mail, metrics } = foundation;
  const reported = { ...foundation, logger };
  const [leaks, limits] = [leakHandling(foundation), listenerLimitsOf(config)];
  const load = watchLoad(config, foundation.random(4), foundation.rates.rate_per_address, metrics.shed);
  const app = createHttpApp({
    clock,
    random,
    trustedProxies: config.trusted_proxies,
    ...(parts.tls === undefined ? {} : { tls: parts.tls }),
    limits,
    shedding: load.shedding,
    notFoundPage,
    ...(parts.traces === undefined ? {} : { traces: parts.traces }),
    report: (report) => reportRequest(report, reported),
    exposed: (token, context) => leaks.exposed(token, 'anonymous', context),
  });
  if (parts.hosts !== undefined) refuseOtherHosts(app, parts.hosts);
  leadToIssuerHost(app, issuer);
  leadUnderIssuerPath(app, issuer);
  let isLeaving = false;
  const ready = async (): Promise<void> => {
    if (isLeaving) throw new Leaving('the server is stopping');
    await store.ping();
  };
  registerHealth(app, { started: () => true, ready });
  const documents = clientDocuments(foundation);
  await mountOAuth(app, foundation, documents, leaks);
  // Only the pages read cookies; the OAuth endpoints need not pay for them.
  await app.register(async (pages: FastifyInstance) => {
    await pages.register(fastifyCookie);
    await mountPages(pages, foundation, documents);
  });
  await mountApis(app, foundation);
  const stopChores = startChores(foundation);
  const leaveDuty = startDuty(foundation);
  const mutualTls =
    parts.mutualTls &&
    foundation.certificates?.listener(parts.mutualTls, app, Object.values(MUTUAL_TLS_ENDPOINTS), limits);
  return {
    issuer,
    app,
    ...(mutualTls === undefined ? {} : { mutualTls }),
    store,
    keyRing,
    metrics,
    passwords,
    issueAccessToken,
    tellApps,
    deliverMail: async () => void (await mail.delivery?.deliver()),
    clock,
    random,
    ready,
    leave() {
      isLeaving = true;
    },
    async close() {
      stopChores();
      load.stop();
      mail.delivery?.stop();
      await leaveDuty();
      mutualTls?.close();
      await closeWithin(CLOSING_GRACE_MS, app);
      mutualTls?.closeAllConnections();
      await writeDownAll(foundation);
      await store.close();
    },
  };
}

/** A last use that is lost costs nobody anything; a stop that fails for it would. */
async function writeDownAll(foundation: Foundation): Promise<void> {
  await foundation.secretUses.writeDown().catch(() => undefined);
  await foundation.grantUses.writeDown().catch(() => undefined);
  await foundation.personalTokens.lastUses.writeDown().catch(() => undefined);
  await foundation.sightings.writeDown().catch(() => undefined);
  await foundation.clientTokenUses.writeDown().catch(() => undefined);
  await foundation.refusalLog.writeDown().catch(() => undefined);
  await foundation.auditLog.link().catch(() => undefined);
  await foundation.usageCounts.writeDown().catch(() => undefined);
}

interface Reported {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly refusalLog: RefusalLog;
  readonly usageCounts: Pick<UsageCounter, 'refused'>;
  readonly clock: Clock;
}

function reportRequest(
  report: RequestReport,
  { metrics, logger, refusalLog, usageCounts, clock }: Reported,
): void {
  metrics.answered(report);
  // Too many to tell of each.
  if (report.shed === true) return;
  const { refusal } = report;
  if (refusal === undefined) {
    logger[levelOf(report.status)](report, 'answered');
    return;
  }
  // What the request called itself, and its token, stay out of the log.
  const { refusal: _, ...rest } = report;
  const { error: refused, description, detail, claimedClientId, redirectUri, tokenId } = refusal;
  logger[levelOf(report.status)]({ ...rest, refused, detail }, 'answered');
  usageCounts.refused(refused, claimedClientId);
  const { requestId, method, path, status, address } = report;
  refusalLog.note({
    requestId,
    at: clock(),
    method,
    path,
    status,
    error: refused,
    description,
    address,
    ...(detail === undefined ? {} : { detail }),
    ...(claimedClientId === undefined ? {} : { claimedClientId }),
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(tokenId === undefined ? {} : { tokenId }),
  });
}

function levelOf(status: number): 'error' | 'info' | 'debug' {
  if (status >= 500) return 'error';
  return status >= 400 ? 'info' : 'debug';
}

/** How long requests under way may take when the server stops. */
const CLOSING_GRACE_MS = 5000;

/** Browsers open connections ahead of need: one that never asked anything would hold the end up for minutes. */
async function closeWithin(graceMs: number, app: FastifyInstance): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([app.close(), grace]);
  clearTimeout(timer);
  app.server.closeAllConnections();
}
