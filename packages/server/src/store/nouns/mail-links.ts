import type { MailLink } from '../../domain/mail-link.ts';
import type { ByMail, MailLinks } from '../../ports/mail-links.ts';
import { nullable, present } from '../columns.ts';
import type { Database } from '../database.ts';
import { lastly, lockingStatement, row, statement, step } from '../statement.ts';
import type { Step, Verb } from '../statement.ts';
import { recordAudit } from './audit.ts';
import { enqueueMail } from './outbox.ts';

interface LinkColumns {
  readonly hash: Uint8Array;
  readonly purpose: MailLink['purpose'];
  readonly user_id: string | null;
  readonly email: string;
  readonly particulars: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

const insertLink = statement(
  'mail_link_insert',
  `INSERT INTO mail_links (hash, purpose, user_id, email, particulars, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const GOOD = 'hash = $1 AND used_at IS NULL AND expires_at > $2';
const findGood = statement('mail_link_find', `SELECT * FROM mail_links WHERE ${GOOD}`);
// Of two that use a link at once, the second waits here, and then finds it used.
const lockGood = lockingStatement('mail_link_lock', `SELECT seq FROM mail_links WHERE ${GOOD}`);
const useLink = statement('mail_link_use', 'UPDATE mail_links SET used_at = $2 WHERE hash = $1');
const endLinks = statement(
  'mail_links_end',
  'UPDATE mail_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL',
);

/** Whether the change may go on, with the link locked until the end of the transaction. */
export function* mayGoOn({ link }: ByMail): Verb<boolean> {
  return link === undefined || (yield* row(lockGood, link.hash, link.at)) !== undefined;
}

/** What goes with the change: the link is used up, the mails wait. */
export function byMailSteps({ link, mails = [] }: ByMail): readonly Step[] {
  return [...(link === undefined ? [] : [step(useLink, link.hash, link.at)]), ...mails.map(enqueueMail)];
}

/** Links from before a change of address or password are good for nothing after it. */
export function endLinksOfUser(userId: string, at: number): Step {
  return step(endLinks, userId, at);
}

export function createMailLinks(database: Database): MailLinks {
  return {
    create: (link, mail, audit) =>
      database.write(function* () {
        yield* lastly(
          step(
            insertLink,
            link.hash,
            link.purpose,
            nullable(link.userId),
            link.email,
            nullable(link.interaction),
            link.createdAt,
            link.expiresAt,
          ),
          ...(mail === undefined ? [] : [enqueueMail(mail)]),
          recordAudit(audit),
        );
      }),
    async find(hash, now) {
      const [found] = await database.find<LinkColumns>(findGood, hash, now);
      return found === undefined ? undefined : toLink(found);
    },
  };
}

function toLink(columns: LinkColumns): MailLink {
  return present({
    hash: columns.hash,
    purpose: columns.purpose,
    userId: columns.user_id,
    email: columns.email,
    interaction: columns.particulars,
    createdAt: columns.created_at,
    expiresAt: columns.expires_at,
  });
}
