/** The audit log's chain: links what was written, seals it, lets go of what is old, and reads it again. */
import { anchorText } from '../audit/anchor.ts';
import { anchorLog, pruneLog } from '../audit/anchor-log.ts';
import { type AuditReport, verifyLog, type VerifyLog } from '../audit/verify-log.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { Logger } from '../observe/logs.ts';
import type { Config } from '../config.ts';

export interface AuditLog {
  link(): Promise<void>;
  /** @param through what writes it; refuses where another node is on duty @returns how many anchors were made */
  anchor(through?: AuditChain): Promise<number>;
  /** @param through as above @returns how many events left */
  prune(through?: AuditChain): Promise<number>;
  /** @param known an anchor that was kept elsewhere */
  verify(known?: VerifyLog['known']): Promise<AuditReport>;
}

interface AuditLogParts {
  readonly config: Config;
  readonly store: Store;
  /** 32 bytes: what anchors are sealed with. */
  readonly anchorKey: Uint8Array;
  readonly logger: Logger;
}

export function createAuditLog(
  { config, store, anchorKey, logger }: AuditLogParts,
  clock: Clock,
  random: Random,
): AuditLog {
  const log = { chain: store.auditChain, key: anchorKey };
  const link = async (): Promise<void> => {
    await log.chain.link(random);
  };
  return {
    link,
    async anchor(through = log.chain) {
      await link();
      const anchor = await anchorLog({ ...log, chain: through }, clock());
      // Where logs are kept elsewhere, this is what the database cannot take back.
      if (anchor !== undefined) logger.info({ anchor: anchorText(anchor) }, 'the audit log is anchored');
      return anchor === undefined ? 0 : 1;
    },
    async prune(through = log.chain) {
      const { audit_retention: retention } = config;
      if (retention === 0) return 0;
      const events = await pruneLog({ ...log, chain: through }, clock() - retention * 1000, clock());
      if (events > 0) logger.info({ events }, 'old events left the audit log');
      return events;
    },
    async verify(known) {
      await link();
      return verifyLog({ ...log, ...(known && { known }) });
    },
  };
}
