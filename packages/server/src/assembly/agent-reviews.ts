/** Owners are told a week before the review date of an agent, after which it gets no tokens. */
import { isMailAddress, type SealedMail } from '../domain/mail-message.ts';
import type { DutyStore } from '../ports/store.ts';
import type { Foundation } from './foundation.ts';

const AHEAD_MS = 7 * 24 * 3600 * 1000;

/** Once for each review date. @returns how many mails were written */
export async function remindOwners(
  { agents }: Pick<DutyStore, 'agents'>,
  foundation: Foundation,
): Promise<number> {
  const { parts, clock, mail } = foundation;
  if (mail.sealMail === undefined) return 0;
  let reminded = 0;
  for (const clientId of await agents.dueForReview(clock() + AHEAD_MS)) {
    // oxlint-disable-next-line no-await-in-loop -- in the background, one at a time
    const agent = await parts.store.clients.find(clientId);
    if (agent?.agent === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop -- as above
    const written = await reminder(agent.name, agent.agent, foundation);
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (await agents.remind(clientId, agent.agent.reviewAt, written)) reminded += 1;
  }
  return reminded;
}

async function reminder(
  name: string,
  { ownerId, purpose, reviewAt }: { ownerId: string; purpose: string; reviewAt: number },
  { parts, clock, mail }: Foundation,
): Promise<SealedMail | undefined> {
  const owner = await parts.store.users.find(ownerId);
  if (owner === undefined || !isMailAddress(owner.email)) return undefined;
  const on = new Date(reviewAt).toISOString().slice(0, 10);
  const text = `Hello ${owner.displayName},

Your agent "${name}" gets no more tokens from ${on} on, unless you say that it is still needed. You made it for this:

  ${purpose.replaceAll('\n', '\n  ')}

Still needed? Confirm it under Connected apps in ${parts.issuer}/console, or with: tessera agent confirm
Not needed any more? Do nothing, or stop it there at once.
`;
  const draft = { to: owner.email, subject: `Is your agent "${name}" still needed?`, text } as const;
  return mail.sealMail?.({ ...draft, purpose: 'agent_review' }, clock());
}
