import type { LogoutNotice } from '../domain/logout-notice.ts';

/** Notices are written by the verb that ends the session, and kept until they are delivered or given up. */
export interface LogoutNotices {
  /**
   * Takes notices that are due, so that no other node tries them before `retryAt`; counts the attempt.
   * @param sid only those of one session; absent: of all
   * @param except clients whose notices stay where they are
   */
  claim(claim: {
    readonly at: number;
    readonly retryAt: number;
    readonly limit: number;
    readonly sid?: string;
    readonly except?: readonly string[];
  }): Promise<readonly LogoutNotice[]>;
  /** Delivered, or not worth another attempt. */
  drop(notice: LogoutNotice): Promise<void>;
  /** Sets when a notice is due again, in milliseconds. */
  postpone(notice: LogoutNotice, until: number): Promise<void>;
  /** As `postpone`, for one that was claimed and not tried: that was no attempt. */
  giveBack(notice: LogoutNotice, until: number): Promise<void>;
}
