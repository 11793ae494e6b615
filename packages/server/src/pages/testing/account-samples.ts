/** The pages of sign-up, recovery, mailed links and the demo's mailbox, as they come in life. */
import {
  confirmEmailPage,
  emailConfirmedPage,
  linkGonePage,
  newAccountPage,
  newPasswordPage,
} from '../account/mail-link-pages.ts';
import { mailRequestClosedPage, mailRequestPage, mailSentPage } from '../account/mail-request-page.ts';
import { mailboxPage, mailPage } from '../mailbox/mailbox-page.ts';

const email = 'ada@example.test';
const formToken = 'form-token';
const AT = Date.UTC(2027, 0, 15, 8, 0);
const mail = {
  id: 'msg_Ck3n0p0dB5cGmFmLr2vJ1w',
  to: email,
  subject: 'Finish your account at localhost:4400',
  text: `Somebody, probably you, wants to make an account at localhost:4400 with this address.

Open this link within 15 minutes to choose a name and a password:

http://localhost:4400/verify-email?link=tsr_ml_1fHt0Zk3WJqYp9cL5nB7vRxD2mGsA8uEo4TiKyQwXjM3bF1xw9

It works once. If it was not you, do nothing: without the link there is no account.
`,
  receivedAt: AT,
};

export const ACCOUNT_SAMPLES: Readonly<Record<string, string>> = {
  'sign-up': mailRequestPage({ kind: 'sign_up', formToken }),
  'sign-up-no-address': mailRequestPage({
    kind: 'sign_up',
    formToken,
    email: 'ada',
    error: 'not_an_address',
  }),
  'recover-too-many': mailRequestPage({ kind: 'recovery', formToken, email, error: 'too_many' }),
  'recover-no-mail': mailRequestClosedPage('recovery', 'no_mail'),
  'mail-sent': mailSentPage('sign_up', 'a.rather.long.name.of.somebody@an-organization.example.test'),
  'new-account': newAccountPage({ email, formToken }),
  'new-account-short-password': newAccountPage({ email, formToken, displayName: 'Ada', error: 'too_short' }),
  'new-account-bad-name': newAccountPage({ email, formToken, displayName: 'Ada', error: 'bad_name' }),
  'new-password': newPasswordPage({ email, formToken }),
  'new-password-with-tokens': newPasswordPage({ email, formToken, endTokens: true }),
  'confirm-email': confirmEmailPage({ email, formToken, isChange: true }),
  'email-confirmed': emailConfirmedPage(email),
  'link-gone': linkGonePage({ signUp: true, recovery: true }),
  mailbox: mailboxPage([mail, { ...mail, id: 'msg_2', subject: 'Your password was changed' }]),
  mail: mailPage(mail, 'Tessera', 'http://localhost:4400'),
};
