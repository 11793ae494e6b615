/** The duty: this node's place in the circle, and what it does for all while it is on duty. */
import { readFileSync } from 'node:fs';
import { type Chore, createChoreRunner } from '../cluster/chore.ts';
import { createDutyWatch, type DutyWatch } from '../cluster/duty-watch.ts';
import type { DutyTimes } from '../ports/cluster.ts';
import { auditEvent } from '../protocol/audit-event.ts';
import { warnOfEnds } from '../protocol/personal-tokens/warn-of-ends.ts';
import type { SigningAlg } from '../domain/resource.ts';
import type { Config } from '../config.ts';
import { remindOwners } from './agent-reviews.ts';
import { cleanUp } from './clean-up.ts';
import type { Foundation } from './foundation.ts';

const BEAT_EVERY_MS = 1000;

export function dutyTimes({ duty_turn: turn, duty_lease: lease }: Config): DutyTimes {
  return { turnMs: turn * 1000, leaseMs: lease * 1000 };
}

/** Joins the circle, and does what is due whenever the duty is here. @returns leaves it */
export function startDuty(foundation: Foundation): () => Promise<void> {
  const { parts, random } = foundation;
  const { store, config, logger } = parts;
  const watch = createDutyWatch({
    cluster: store.cluster,
    id: `node_${Buffer.from(random(12)).toString('base64url')}`,
    name: config.node_name,
    version: version(),
    settings: parts.settings,
    times: dutyTimes(config),
    monotonic: () => performance.now(),
  });
  const runner = createChoreRunner({
    chores: dutyChores(foundation),
    done: (chore, count) => foundation.metrics.choreDone(chore, true, count),
    cluster: store.cluster,
    onDuty: (fence) => store.onDuty(fence),
    // Compared with what the database noted by its own clock, whatever the time of this server is made to be.
    clock: Date.now,
    failed(chore, error) {
      foundation.metrics.choreDone(chore, false, 0);
      logger.warn({ error, chore }, 'a chore failed; it will run again');
    },
  });
  foundation.metrics.show({
    name: 'tessera_on_duty',
    help: '1 while this node is on duty. Over all nodes the sum is 1, or 0 for a moment.',
    read: async () => [[[], watch.fence() === undefined ? 0 : 1]],
  });
  foundation.metrics.show({
    name: 'tessera_duty_turn',
    help: 'The number of the last turn of this node on duty; higher with each turn of any node.',
    type: 'counter',
    read: async () => [[[], watch.fence()?.number ?? 0]],
  });
  let reporting: Promise<void> | undefined;
  const reportAndRun = async (): Promise<void> => {
    // While the database hangs, one report waits for it, not one a second.
    reporting ??= reported(watch, foundation).finally(() => {
      reporting = undefined;
    });
    await reporting;
    const fence = watch.fence();
    if (fence !== undefined) await runner.run(fence);
  };
  let beating = Promise.resolve();
  const beat = (): void => {
    beating = reportAndRun();
  };
  beat();
  const timer = setInterval(beat, BEAT_EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await beating;
    await watch.leave().catch(() => undefined);
  };
}

/** Of this program, as its package says. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Never rejects: a node that cannot reach the database says so, and is not on duty once its lease is over. */
async function reported(watch: DutyWatch, { parts }: Foundation): Promise<void> {
  try {
    await watch.report();
  } catch (error) {
    parts.logger.warn({ error }, 'this node cannot report to the others');
  }
}

/** Everything that must be done once, whatever the number of nodes. */
function dutyChores(foundation: Foundation): readonly Chore[] {
  const { parts, clock, tellApps, mail, auditLog } = foundation;
  const { config } = parts;
  return [
    {
      name: 'mail',
      // A person waits for it.
      everyMs: 1000,
      run: async ({ outbox }) => (await mail.delivery?.deliver(outbox)) ?? 0,
    },
    // What an app could not be told at once is tried again; of many sign-outs at once, everything is left to this.
    { name: 'sign-out notices', everyMs: 1000, run: ({ logoutNotices }) => tellApps.ofAll(logoutNotices) },
    {
      name: 'clean-up',
      everyMs: 10_000,
      run: (store) => cleanUp(store, clock(), config.refresh_token_grace * 1000),
    },
    { name: 'token partitions', everyMs: 60_000, run: ({ maintenance }) => maintenance.partition(clock()) },
    // What was cut off the end of the log is missed from the next anchor on.
    { name: 'audit anchors', everyMs: 60_000, run: ({ auditChain }) => auditLog.anchor(auditChain) },
    { name: 'old usage', everyMs: 600_000, run: ({ usage }) => usage.purge(clock()) },
    { name: 'old audit events', everyMs: 3_600_000, run: ({ auditChain }) => auditLog.prune(auditChain) },
    { name: 'tokens that end soon', everyMs: 60_000, run: (store) => tellOfEnds(store, foundation) },
    { name: 'unused registrations', everyMs: 10 * 60_000, run: (store) => sweep(store, foundation) },
    { name: 'agent reviews', everyMs: 60_000, run: (store) => remindOwners(store, foundation) },
    { name: 'key rotation', everyMs: 60_000, run: (store) => rotateOldKeys(store, foundation) },
  ];
}

type Work = Parameters<Chore['run']>[0];

/** Owners of personal access tokens that end soon; nobody where no mail is delivered. */
async function tellOfEnds(
  { personalAccessTokens }: Work,
  { parts, clock, mail: { sealMail } }: Foundation,
): Promise<number> {
  if (sealMail === undefined) return 0;
  const { issuer, store } = parts;
  return warnOfEnds(clock(), { issuer, personalAccessTokens, users: store.users, sealMail });
}

/** Apps that registered themselves and are not used. */
async function sweep({ registrations }: Work, { parts, clock, random }: Foundation): Promise<number> {
  const at = clock();
  const unusedSince = at - parts.config.unused_registration_lifetime * 1000;
  const swept = await registrations.sweep(unusedSince, at, (clientId) =>
    auditEvent(
      { at, requestId: 'sweep', address: '' },
      { type: 'client.deleted', outcome: 'success', actor: 'system', clientId, reason: 'unused' },
      random,
    ),
  );
  return swept.length;
}

/** Announces the successor of each key that has signed for long enough; it signs once every verifier can know it. */
async function rotateOldKeys(
  { signingKeys }: Work,
  { parts, clock, random, keyRing }: Foundation,
): Promise<number> {
  const { signing_key_lifetime: lifetime } = parts.config;
  if (lifetime === 0) return 0;
  const at = clock();
  const newest = new Map<SigningAlg, number>();
  for (const { alg, activeFrom, retiresAt } of await keyRing.list()) {
    if (retiresAt === undefined) newest.set(alg, Math.max(newest.get(alg) ?? 0, activeFrom));
  }
  const due = [...newest].filter(([, activeFrom]) => at - activeFrom >= lifetime * 1000);
  for (const [alg] of due) {
    const audit = auditEvent(
      { at, requestId: 'key rotation', address: '' },
      { type: 'key.rotated', outcome: 'success', actor: 'system', detail: { alg, immediately: false } },
      random,
    );
    // oxlint-disable-next-line no-await-in-loop -- two keys at most; each in a transaction of its own
    await keyRing.rotate(alg, { immediately: false, audit, through: signingKeys });
  }
  return due.length;
}
