import type { AuditEvent } from '../domain/audit-event.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type {
  PersonalAccessToken,
  PersonalTokenEnd,
  PersonalTokenStatus,
} from '../domain/personal-access-token.ts';
import type { TokenUse } from '../domain/token-use.ts';
import type { User } from '../domain/user.ts';
import type { Page, PageRequest } from './page.ts';

/** A token with what is known of its owner and of its last use. */
export interface PersonalTokenState {
  readonly token: PersonalAccessToken;
  readonly owner: Pick<User, 'id' | 'organizationId' | 'role' | 'status' | 'email' | 'displayName'>;
  readonly lastUse?: TokenUse;
}

export interface PersonalTokenFilter {
  readonly userId?: string;
  /** Those made in one of them, and those that wait or waited for its approval. */
  readonly organizationIds?: readonly string[];
  /** Those about which one of them decides. */
  readonly deciders?: readonly string[];
  readonly resourceId?: string;
  /** The status that they have at this time. */
  readonly status?: { readonly is: PersonalTokenStatus; readonly at: number };
}

export interface PersonalAccessTokens {
  /** @returns false if the owner has `MOST_PERSONAL_TOKENS` already */
  create(token: PersonalAccessToken, audit: AuditEvent, mails?: readonly SealedMail[]): Promise<boolean>;
  find(id: string): Promise<PersonalTokenState | undefined>;
  /** @param hash SHA-256 of the token */
  findByHash(hash: Uint8Array): Promise<PersonalTokenState | undefined>;
  /**
   * Another name, description, end or other scopes.
   * @returns false if it is revoked, or is not `before` any more
   */
  update(
    token: PersonalAccessToken,
    audit: AuditEvent,
    before: PersonalAccessToken,
    mails?: readonly SealedMail[],
  ): Promise<boolean>;
  /**
   * Puts another token in the place of one, once.
   * @param endsAt when the old one ends; not later than `at`: at once
   * @returns `ended`: it is revoked, or another has taken its place already; `too_many`: with
   * both of them the owner would have more than `MOST_PERSONAL_TOKENS`
   */
  regenerate(
    successor: PersonalAccessToken,
    old: { readonly id: string; readonly at: number; readonly endsAt: number },
    audit: AuditEvent,
    mails?: readonly SealedMail[],
  ): Promise<'regenerated' | 'ended' | 'too_many'>;
  /** @returns false if it was revoked before */
  revoke(
    id: string,
    at: number,
    reason: PersonalTokenEnd,
    audit: AuditEvent,
    mails?: readonly SealedMail[],
  ): Promise<boolean>;
  /**
   * One decision a token: to let it be used, or to revoke it as `denied`.
   * @returns false if it was decided before, or is revoked
   */
  decide(id: string, decision: PersonalTokenDecision, audit: AuditEvent, mail?: SealedMail): Promise<boolean>;
  /**
   * Live tokens that end in a span of time, whose owner was not told yet that so few days are left. Not those that
   * were made for no longer, and not those that another has taken the place of.
   */
  endingWithin(span: {
    /** Milliseconds. */
    readonly at: number;
    readonly until: number;
    readonly days: number;
    readonly limit: number;
  }): Promise<readonly PersonalAccessToken[]>;
  /** Notes that the owner is told, and sends the mail. @returns false if they were told before, or it has ended */
  warn(id: string, days: number, mail: SealedMail | undefined): Promise<boolean>;
  list(filter: PersonalTokenFilter, page: PageRequest): Promise<Page<PersonalTokenState>>;
}

export interface PersonalTokenDecision {
  readonly outcome: 'approved' | 'denied';
  readonly by: string;
  /** For which organization they decide. */
  readonly organizationId: string;
  /** Milliseconds. */
  readonly at: number;
  readonly reason?: string;
}
