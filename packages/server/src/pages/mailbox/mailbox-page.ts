/** The demo's mailbox: what this server would have sent, newest first, and one mail as it was written. */
import { html, type Html } from '../html.ts';
import { layout } from '../layout.ts';
import { moment } from '../moment.ts';

export interface ShownMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly receivedAt: number;
}

export function mailboxPage(mails: readonly ShownMail[]): string {
  const main = html`<h1>Mailbox</h1>
<p class="muted">The demo sends no mail. What it would have sent, to whatever address, is here until it stops.</p>
${
  mails.length === 0
    ? html`<p class="note">No mail yet. <a href="/signup">Sign up</a>, or ask for <a href="/recover">another password</a>, and read the answer here.</p>`
    : html`<ol class="mails">${mails.map(
        ({ id, to, subject, receivedAt }) =>
          html`<li><a href="${`/mailbox/${id}`}">${subject}</a> <span class="small muted">to ${to}, ${moment(receivedAt)}</span></li>`,
      )}</ol>`
}`;
  return layout({ title: 'Mailbox', main, shape: 'narrow' });
}

/** @param issuer links that lead there can be followed; others are text */
export function mailPage({ to, subject, text, receivedAt }: ShownMail, from: string, issuer: string): string {
  const main = html`<h1>${subject}</h1>
<dl class="facts small">
<div><dt>From</dt><dd>${from}</dd></div>
<div><dt>To</dt><dd>${to}</dd></div>
<div><dt>Arrived</dt><dd>${moment(receivedAt)}</dd></div>
</dl>
<div class="mail-text">${withLinks(text, issuer)}</div>
<p><a href="/mailbox">All mails</a></p>`;
  return layout({ title: subject, main, shape: 'narrow' });
}

export function noSuchMailPage(): string {
  const main = html`<h1>This mail is not here</h1>
<p>The mailbox keeps the last hundred mails until the demo stops.</p>
<p><a href="/mailbox">All mails</a></p>`;
  return layout({ title: 'This mail is not here', main, shape: 'narrow' });
}

function withLinks(text: string, issuer: string): readonly Html[] {
  return text.split(/(https?:\/\/\S+)/).map((part) => {
    const isOurs = part.startsWith(`${issuer}/`);
    return isOurs ? html`<a href="${part}">${part}</a>` : html`${part}`;
  });
}
