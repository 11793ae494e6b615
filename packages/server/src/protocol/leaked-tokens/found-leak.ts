import type { Actor } from '../../domain/actor.ts';
import type { LeakEnd } from '../../ports/leaked-tokens.ts';

/** Something live that somebody found where it should not be. */
export interface FoundLeak {
  /** As people call it. */
  readonly what: string;
  /** The app that it is for; absent: a person's own. */
  readonly clientId?: string;
  /** Whose it is; absent: the app's own, so its organization is told. */
  readonly userId?: string;
  readonly grantId?: string;
  /** Who acts with it for its subject. */
  readonly act?: Actor;
  /** What it is known by, so that one exposure is told once. Never the string itself. */
  readonly id: string;
  /** Ends it. @returns false if it had ended meanwhile */
  end(end: LeakEnd): Promise<boolean>;
}

/** @param at milliseconds @returns undefined for what is unknown, has ended, or ends by itself soon */
export type LeakFinder = (token: string, at: number) => Promise<FoundLeak | undefined>;
