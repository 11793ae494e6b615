/**
 * What happens to a token that somebody found: it ends, its owner is told, and the audit log knows. One that came in a
 * URL is exposed, perhaps by its owner; whether it ends too is a setting.
 * @spec RFC 6750 §5.3, RFC 9700 §4.3.2
 */
import type { Random } from '@tessera/tokens';
import type { Client } from '../../domain/client.ts';
import { isMailAddress, type SealedMail } from '../../domain/mail-message.ts';
import type { Audit } from '../../ports/audit.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Outbox, SealMail } from '../../ports/outbox.ts';
import type { UsedIdentifiers } from '../../ports/used-identifiers.ts';
import type { Users } from '../../ports/users.ts';
import { auditEvent } from '../audit-event.ts';
import type { RequestContext } from '../request-context.ts';
import type { FoundLeak, LeakFinder } from './found-leak.ts';
import { leakMail } from './leak-mail.ts';

export interface LeakHandling {
  /** Ends a reported token. @param reporter who says so: a client id, or `anonymous` */
  reported(token: string, reporter: string, context: RequestContext): Promise<void>;
  /** A token came in a URL. */
  exposed(token: string, reporter: string, context: RequestContext): Promise<void>;
}

export interface LeakHandlingDependencies {
  readonly issuer: string;
  readonly findLeak: LeakFinder;
  readonly clients: Pick<Clients, 'find'>;
  readonly users: Pick<Users, 'find'>;
  /** The addresses of those who look after an app. */
  readonly ownersOf: (client: Client) => Promise<readonly string[]>;
  /** Absent where no mail is ever delivered. */
  readonly sealMail?: SealMail;
  readonly outbox: Pick<Outbox, 'enqueue'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly usedIdentifiers: UsedIdentifiers;
  readonly random: Random;
  /** Whether a token that came in a URL ends. */
  readonly revokeExposed: boolean;
}

/** So often at most is somebody told of one app's tokens: whoever holds many cannot fill a mailbox. */
const NOTICE_EVERY_MS = 15 * 60_000;
/** Whoever calls the same URL again and again does not fill the audit log. */
const NOTED_EVERY_MS = 3_600_000;
/** One exposure is told once, however often the URL is called. */
const EXPOSURE_KNOWN_MS = 24 * 3600 * 1000;

type How = 'reported' | 'url';

export function createLeakHandling(dependencies: LeakHandlingDependencies): LeakHandling {
  const { findLeak, audit, usedIdentifiers, outbox, random, revokeExposed } = dependencies;

  const end = async (leak: FoundLeak, how: How, reporter: string, context: RequestContext) => {
    const mails = await mailsAbout(leak, how, true, context.at, dependencies);
    const event = auditEvent(
      context,
      { ...detailsOf('token.leaked', leak, reporter), outcome: 'success', detail: { what: leak.what, how } },
      random,
    );
    await leak.end({ at: context.at, audit: event, mails });
  };

  return {
    async reported(token, reporter, context) {
      const leak = await findLeak(token, context.at);
      if (leak !== undefined) await end(leak, 'reported', reporter, context);
    },

    async exposed(token, reporter, context) {
      const leak = await findLeak(token, context.at);
      if (leak === undefined) return;
      const details = {
        ...detailsOf('token.exposed', leak, reporter),
        outcome: 'failure' as const,
        reason: 'exposed' as const,
        detail: { where: 'url' },
      };
      const noted = `row ${leak.id}`;
      if (await usedIdentifiers.remember('leak_notice', noted, context.at + NOTED_EVERY_MS, context.at)) {
        await audit.record(auditEvent(context, details, random));
      }
      if (revokeExposed) return end(leak, 'url', reporter, context);
      const until = context.at + EXPOSURE_KNOWN_MS;
      if (!(await usedIdentifiers.remember('leak_notice', `exposed ${leak.id}`, until, context.at))) return;
      const mails = await mailsAbout(leak, 'url', false, context.at, dependencies);
      await Promise.all(mails.map((mail) => outbox.enqueue(mail)));
    },
  };
}

function detailsOf(type: 'token.leaked' | 'token.exposed', leak: FoundLeak, actor: string) {
  const { clientId, userId, grantId, act } = leak;
  return {
    type,
    actor,
    ...(clientId === undefined ? {} : { clientId }),
    ...(userId === undefined ? {} : { userId }),
    ...(grantId === undefined ? {} : { grantId }),
    ...(act === undefined ? {} : { act }),
  };
}

async function mailsAbout(
  leak: FoundLeak,
  how: How,
  ended: boolean,
  at: number,
  dependencies: LeakHandlingDependencies,
): Promise<readonly SealedMail[]> {
  const { issuer, sealMail, usedIdentifiers } = dependencies;
  if (sealMail === undefined) return [];
  const { clients, users, ownersOf } = dependencies;
  const client = leak.clientId === undefined ? undefined : await clients.find(leak.clientId);
  const person = leak.userId === undefined ? undefined : await users.find(leak.userId);
  const isPersons = leak.userId !== undefined;
  const told = isPersons ? [person?.email] : client === undefined ? [] : await ownersOf(client);
  const addresses = [...new Set(told)].filter((to) => to !== undefined && isMailAddress(to));
  const mails: SealedMail[] = [];
  for (const to of addresses) {
    if (to === undefined) continue;
    const notice = `${to} ${leak.clientId ?? ''} ${leak.what} ${ended}`;
    // oxlint-disable-next-line no-await-in-loop -- a handful, each its own write
    if (!(await usedIdentifiers.remember('leak_notice', notice, at + NOTICE_EVERY_MS, at))) continue;
    mails.push(
      sealMail(leakMail({ issuer, to, what: leak.what, app: client?.name, isPersons, how, ended, at }), at),
    );
  }
  return mails;
}
