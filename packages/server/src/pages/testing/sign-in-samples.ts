/** The pages of signing in and out, of second factors, and of the account. */
import { accountPage } from '../account-page.ts';
import { qrCode } from '../qr-code.ts';
import { secondStepPage, type SecondStepPage } from '../second-step-page.ts';
import {
  type AppSetUpPage,
  appSetUpPage,
  factorAddedPage,
  type SetUpPage,
  setUpPage,
} from '../set-up-page.ts';
import { signInPage } from '../sign-in-page.ts';
import { signedOutPage, signOutPage } from '../sign-out-page.ts';
import { account, AT } from './sample-person.ts';

const signIn = {
  action: '/login',
  interaction: 'sealed',
  formToken: 'form-token',
  passkey: {
    action: '/login/passkey',
    options: { challenge: 'c2VhbGVk', rpId: 'localhost', userVerification: 'required', allowCredentials: [] },
    sealed: 'sealed'.repeat(30),
  },
};

export const ACCOUNT_FACTS = {
  signedInAt: AT,
  endsAt: AT + 14 * 86_400_000,
  factors: { passkeys: 0, authenticatorApps: 1 },
  setUpUrl: '/login/set-up',
  providers: [
    {
      name: 'Example ID',
      linked: true,
      linkUrl: '/login/with/idp_1?link=link-token',
      unlinkAction: '/login/with/idp_1/unlink',
    },
    {
      name: 'Workplace',
      linked: false,
      linkUrl: '/login/with/idp_2?link=link-token',
      unlinkAction: '/login/with/idp_2/unlink',
    },
  ],
  signOutAction: '/logout',
  formToken: 'form-token',
} as const;

const ASKED_PASSKEY = {
  options: { challenge: 'c2VhbGVk', rpId: 'localhost', allowCredentials: [] },
  sealed: 'sealed',
};

export const SECOND_STEP: SecondStepPage = {
  action: '/login/second-step',
  otherUrl: '/login/second-step?with=recovery_code',
  startOverUrl: '/login',
  fields: { step: 'sealed', form_token: 'form-token' },
  email: account.email,
  asks: 'code',
  hasApp: true,
  hasRecoveryCodes: true,
  passkey: ASKED_PASSKEY,
};

export const SET_UP: SetUpPage = {
  action: '/login/set-up',
  appUrl: '/login/set-up?kind=app',
  backUrl: '/login',
  fields: { step: 'sealed', form_token: 'form-token' },
  email: account.email,
  why: 'wished',
  passkey: ASKED_PASSKEY,
};

const APP_SET_UP: AppSetUpPage = {
  action: '/login/set-up',
  backUrl: '/login/set-up',
  fields: { step: 'sealed', form_token: 'form-token', asked: 'sealed' },
  qrCode: await qrCode('otpauth://totp/Tessera:ada%40example.test?secret=JBSWY3DPEHPK3PXP', 'QR code'),
  secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
};

export const SIGN_IN_SAMPLES: Readonly<Record<string, string>> = {
  'sign-in-with-doors': signInPage({
    ...signIn,
    notice: 'password_changed',
    signUp: '/signup?interaction=sealed',
    recovery: '/recover',
  }),
  'sign-in': signInPage({
    ...signIn,
    clientName: 'Demo player',
    hint: 'Demo: ada@example.test / tile-moss-4410',
  }),
  'sign-in-providers': signInPage({
    ...signIn,
    providers: [
      { name: 'Example ID', url: '/login/with/idp_1' },
      { name: 'Workplace', url: '/login/with/idp_2' },
    ],
  }),
  'sign-in-refused': signInPage({ ...signIn, email: 'ada@example.test', error: 'refused' }),
  'sign-in-too-many': signInPage({
    ...signIn,
    email: 'ada@example.test',
    error: 'too_many',
    retryAfterSeconds: 300,
  }),
  'sign-out': signOutPage({ action: '/logout', formToken: 'form-token', account, clientName: 'Demo player' }),
  'signed-out': signedOutPage({
    signInUrl: '/login',
    continueTo: { url: 'http://127.0.0.1:4430/', clientName: 'Demo player' },
  }),
  account: accountPage({
    account: { ...account, role: 'member' },
    ...ACCOUNT_FACTS,
  }),
  'second-step': secondStepPage(SECOND_STEP),
  'second-step-wrong-code': secondStepPage({ ...SECOND_STEP, passkey: undefined, error: 'code' }),
  'second-step-passkey': secondStepPage({ ...SECOND_STEP, hasApp: false, error: 'passkey' }),
  'second-step-recovery': secondStepPage({ ...SECOND_STEP, asks: 'recovery_code', error: 'recovery_code' }),
  'set-up': setUpPage(SET_UP),
  'set-up-required': setUpPage({ ...SET_UP, why: 'required', error: 'passkey' }),
  'set-up-app': appSetUpPage({ ...APP_SET_UP, error: 'code' }),
  'factor-added': factorAddedPage({
    kind: 'app',
    goOnUrl: '/login/go-on',
    recoveryCodes: Array.from({ length: 10 }, (_, index) => `4H2K-9MZQ-P7XW-TB0${index}`),
  }),
};
