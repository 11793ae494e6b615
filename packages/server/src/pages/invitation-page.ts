/** The pages of an invitation: whose it is, who invites, what the person would be there; and how it ended. */
import type { OrganizationRole } from '../domain/membership.ts';
import { inWords } from './duration.ts';
import { hiddenFields } from './hidden-fields.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { BREAK } from './mark.ts';
import { problemBox, type ShownProblem } from './problem.ts';

const ACTION = '/invitation';
const SIGN_IN = '/login?next=invitation';

export type InvitationError = 'form_expired' | 'too_many';

const PROBLEMS: Readonly<Record<InvitationError, ShownProblem>> = {
  form_expired: {
    what: 'This page had been open for too long.',
    whatToDo: 'Nothing was decided. Choose again.',
  },
  too_many: {
    what: 'That was asked for too often.',
    whatToDo: 'Try again in a quarter of an hour.',
  },
};

interface Invited {
  readonly organization: string;
  readonly inviter: { readonly displayName: string; readonly email: string };
  readonly role: OrganizationRole;
  /** How long it is still good. */
  readonly secondsLeft: number;
}

/** What a role is, for the person who is to have it. */
const ROLES: Readonly<Record<OrganizationRole, string>> = {
  owner: 'Owner: you may do everything there, and decide who else may.',
  admin: 'Admin: you look after members, apps and APIs.',
  developer: 'Developer: you make apps and APIs, and look after them.',
  member: 'Member: you see its apps and APIs.',
};

function facts({ inviter, role, secondsLeft }: Invited): Html {
  return html`<dl class="facts small">
<div><dt>Invited by</dt><dd>${inviter.displayName} · ${inviter.email}</dd></div>
<div><dt>You would be</dt><dd>${ROLES[role]}</dd></div>
<div><dt>Good for</dt><dd>${inWords(secondsLeft)}</dd></div>
</dl>`;
}

export interface InvitationPage extends Invited {
  readonly formToken: string;
  readonly account: { readonly displayName: string; readonly email: string };
  readonly error?: InvitationError | undefined;
}

export function invitationPage(props: InvitationPage): string {
  const title = `Join ${props.organization}?`;
  const problem = props.error && PROBLEMS[props.error];
  const main = html`<h1>${title}</h1>
${problemBox(problem)}
<div class="halves">
<div><span class="small muted">You</span><span class="what">${props.account.displayName}</span><span class="small muted">${props.account.email}</span></div>
${BREAK}
<div><span class="small muted">Organization</span><span class="what">${props.organization}</span></div>
</div>
${facts(props)}
<form method="post" action="${ACTION}">
${hiddenFields({ form_token: props.formToken })}
<div class="buttons">
<button type="submit" name="step" value="accept">Join</button>
<button type="submit" name="step" value="decline" class="quiet">Decline</button>
</div>
</form>
<p class="small muted">Members see your name and email address. You can leave at any time.</p>`;
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

export interface InvitedPage extends Invited {
  /** Where an account can be made from here, for the invited address. */
  readonly formToken?: string | undefined;
  readonly error?: InvitationError | undefined;
}

/** For whoever is not signed in: the link came by mail, so that they may read what it is. */
export function invitedPage({ formToken, error, ...props }: InvitedPage): string {
  const title = `You are invited to ${props.organization}`;
  const problem = error && PROBLEMS[error];
  const signsUp = formToken !== undefined;
  const main = html`<h1>${title}</h1>
${problemBox(problem)}
<p>${signsUp ? 'Make an account with the address that the mail was sent to, or sign in if you have one that opens by another provider.' : 'Sign in with the address that the mail was sent to.'} Then you can join or decline.</p>
${facts(props)}
${
  signsUp
    ? html`<form method="post" action="${ACTION}">
${hiddenFields({ form_token: formToken })}
<div class="buttons">
<button type="submit" name="step" value="sign_up">Create an account</button>
<a class="button quiet" href="${SIGN_IN}">Sign in</a>
</div>
</form>`
    : html`<p><a class="button" href="${SIGN_IN}">Sign in</a></p>`
}`;
  return layout({
    title: problem ? `Error: ${title}` : title,
    main,
    shape: 'narrow',
    announcement: problem?.what,
  });
}

/** For an account whose confirmed address is not the invited one. Which one that is stays unsaid. */
export function notYoursPage(account: { readonly email: string }): string {
  const title = 'This invitation is for another address';
  const main = html`<h1>${title}</h1>
<p>You are signed in as <strong>${account.email}</strong>. An invitation is good only for the address that it was sent to, and only once that address is confirmed.</p>
<p>Confirm the address of your account, or sign out and sign in with the one that the mail was sent to. Then open the link in the mail again.</p>
<div class="buttons"><a class="button" href="/logout">Sign out</a></div>`;
  return layout({ title, main, shape: 'narrow', announcement: title });
}

export interface InvitationResult {
  readonly outcome: 'added' | 'member_already' | 'declined' | 'gone';
  readonly organization?: string | undefined;
}

export function invitationResultPage({
  outcome,
  organization = 'the organization',
}: InvitationResult): string {
  const { title, text } = {
    added: {
      title: `You joined ${organization}`,
      text: 'It is among your organizations now, in the console and on the command line.',
    },
    member_already: {
      title: `You are in ${organization} already`,
      text: 'Your role stays as it was. The invitation has ended.',
    },
    declined: {
      title: 'You declined',
      text: `Nobody at ${organization} sees more of you than before. You can close this page.`,
    },
    gone: {
      title: 'This invitation has ended',
      text: 'It was used, taken back, replaced by a newer one, or is too old. Ask whoever invited you for another.',
    },
  }[outcome];
  const main = html`<h1>${title}</h1>
<p>${text}</p>
${(outcome === 'added' || outcome === 'member_already') && html`<p><a class="button" href="/console">Open the console</a></p>`}`;
  return layout({ title, main, shape: 'narrow', announcement: title });
}
