/** Said where a person lets an agent in: who acts for whom, and what for. */
import { type Html, html } from './html.ts';

/** @param purpose absent: the app is no agent, and nothing is said */
export function agencyNote(
  purpose: string | undefined,
  agent: string,
  owner: { readonly displayName: string },
): Html | false {
  return (
    purpose !== undefined &&
    html`<p class="note small"><strong>${agent} is your agent:</strong> it will act for you, ${owner.displayName}, by itself, also while you are away. What you made it for: “${purpose}”</p>`
  );
}
