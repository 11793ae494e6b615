/** What people are written about their accounts. Nothing in a mail comes from whoever caused it. */
import type { MailDraft } from '../ports/outbox.ts';

/** @param issuer without a slash at its end */
export function signUpMail(issuer: string, to: string, secret: string, expiresAt: number): MailDraft {
  return {
    to,
    purpose: 'sign_up',
    subject: `Finish your account at ${hostOf(issuer)}`,
    expiresAt,
    text: `Somebody, probably you, wants to make an account at ${hostOf(issuer)} with this address.

Open this link within 15 minutes to choose a name and a password:

${linkTo(issuer, '/verify-email', secret)}

It works once. If it was not you, do nothing: without the link there is no account.
`,
  };
}

export function signUpKnownMail(issuer: string, to: string): MailDraft {
  return {
    to,
    purpose: 'sign_up_known',
    subject: `You have an account at ${hostOf(issuer)}`,
    text: `Somebody, probably you, wanted to make an account at ${hostOf(issuer)} with this address. There is one already.

Sign in: ${issuer}/login
If you have forgotten the password: ${issuer}/recover

If it was not you, do nothing: nothing has changed.
`,
  };
}

export function recoveryMail(issuer: string, to: string, secret: string, expiresAt: number): MailDraft {
  return {
    to,
    purpose: 'recovery',
    subject: `Choose another password at ${hostOf(issuer)}`,
    expiresAt,
    text: `Somebody, probably you, has forgotten the password of your account at ${hostOf(issuer)}.

Open this link within 15 minutes to choose another one:

${linkTo(issuer, '/recover', secret)}

It works once. If it was not you, do nothing: your password stays as it is.
`,
  };
}

export function recoveryUnknownMail(issuer: string, to: string): MailDraft {
  return {
    to,
    purpose: 'recovery_unknown',
    subject: `No account at ${hostOf(issuer)} with this address`,
    text: `Somebody, probably you, asked for another password at ${hostOf(issuer)}. No account there can be recovered with this address.

You may have used another address: try that one at ${issuer}/recover
If it was not you, do nothing.
`,
  };
}

export function setPasswordMail(issuer: string, to: string, secret: string, expiresAt: number): MailDraft {
  return {
    to,
    purpose: 'set_password',
    subject: `Your account at ${hostOf(issuer)}`,
    expiresAt,
    text: `An administrator has made an account for you at ${hostOf(issuer)}.

Open this link within 15 minutes to choose a password:

${linkTo(issuer, '/recover', secret)}

It works once. If it is too late, ask for another link at ${issuer}/recover
`,
  };
}

export function verifyEmailMail(issuer: string, to: string, secret: string, expiresAt: number): MailDraft {
  return {
    to,
    purpose: 'verify_email',
    subject: `Confirm your address at ${hostOf(issuer)}`,
    expiresAt,
    text: `You asked to confirm that this is the address of your account at ${hostOf(issuer)}.

Open this link within 15 minutes:

${linkTo(issuer, '/verify-email', secret)}

It works once. If you did not ask, do nothing.
`,
  };
}

export function changeEmailMail(issuer: string, to: string, secret: string, expiresAt: number): MailDraft {
  return {
    to,
    purpose: 'change_email',
    subject: `Confirm your new address at ${hostOf(issuer)}`,
    expiresAt,
    text: `Somebody, probably you, wants this to be the address of their account at ${hostOf(issuer)}.

Open this link within 15 minutes to confirm it:

${linkTo(issuer, '/verify-email', secret)}

It works once. If it was not you, do nothing: their account keeps its address.
`,
  };
}

export function changeEmailKnownMail(issuer: string, to: string): MailDraft {
  return {
    to,
    purpose: 'change_email_known',
    subject: `Your address at ${hostOf(issuer)}`,
    text: `Somebody, perhaps you, wanted to give this address to another account at ${hostOf(issuer)}. It belongs to an account already, so nothing has changed.

If it was you: sign in with this address, or delete that account first.
`,
  };
}

export function emailChangedMail(issuer: string, to: string): MailDraft {
  return {
    to,
    purpose: 'email_changed',
    subject: `Your address at ${hostOf(issuer)} was changed`,
    text: `Your account at ${hostOf(issuer)} now has another address. This one can no longer be used to sign in or to recover it.

If it was not you, tell the administrator of ${hostOf(issuer)} at once.
`,
  };
}

/** @param tokensEnded whether the personal access tokens ended with the old password */
export function passwordChangedMail(issuer: string, to: string, tokensEnded: boolean): MailDraft {
  const tokens = tokensEnded
    ? 'Your personal access tokens have ended, too.'
    : `Your personal access tokens are as good as before. Look whether you know all of them: ${issuer}/console/settings/tokens`;
  return {
    to,
    purpose: 'password_changed',
    subject: `Your password at ${hostOf(issuer)} was changed`,
    text: `The password of your account at ${hostOf(issuer)} was changed. Whoever was signed in has been signed out.
${tokens}

If it was not you, choose another one at once: ${issuer}/recover
`,
  };
}

export function accountDeletedMail(issuer: string, to: string): MailDraft {
  return {
    to,
    purpose: 'account_deleted',
    subject: `Your account at ${hostOf(issuer)} was deleted`,
    text: `Your account at ${hostOf(issuer)} was deleted, as you asked. Its sessions and tokens have ended.

If it was not you, tell the administrator of ${hostOf(issuer)} at once.
`,
  };
}

function linkTo(issuer: string, path: string, secret: string): string {
  return `${issuer}${path}?link=${secret}`;
}

function hostOf(issuer: string): string {
  return new URL(issuer).host;
}
