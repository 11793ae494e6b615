import type { AgentStanding } from '../domain/agent.ts';
import type { GrantEndReason } from '../domain/grant.ts';
import type { SealedMail } from '../domain/mail-message.ts';
import type { Page, PageRequest } from './page.ts';

/** Agents beyond what they are as clients: as clients they are written and deleted by `Clients`. */
export interface Agents {
  /** How it stands at this moment, read from the database each time; undefined unless it is an agent. */
  standing(clientId: string): Promise<AgentStanding | undefined>;
  /**
   * Client ids, newest first.
   * @param filter `ownersIn`: only of people who are members of one of these organizations, or whose own it is
   */
  list(
    filter: { readonly ownerId?: string; readonly ownersIn?: readonly string[] },
    page: PageRequest,
  ): Promise<Page<string>>;
  /** The active agents of a person that may act with the tokens of an app, oldest first. */
  actingWith(ownerId: string, clientId: string): Promise<readonly string[]>;
  /**
   * Notes that an owner has been reminded of a review, and writes the mail that does it, in one transaction.
   * @param mail absent where nothing would deliver it
   * @returns false if the owner has been reminded of it, or the review is another one by now
   */
  remind(clientId: string, reviewAt: number, mail: SealedMail | undefined): Promise<boolean>;
  /** Active agents whose review is due by then and whose owners have not been reminded of it, the most urgent first. */
  dueForReview(until: number): Promise<readonly string[]>;
  /**
   * Ends whatever an agent holds, and the tokens of others that name it as an actor. After it has been stopped: what
   * was issued while that was written ends with this.
   */
  endHeld(clientId: string, at: number, reason: GrantEndReason): Promise<void>;
}
