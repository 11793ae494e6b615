/** The pages of an invitation, with names as somebody might choose them who means no good. */
import { invitationPage, invitationResultPage, invitedPage, notYoursPage } from '../invitation-page.ts';

const account = { displayName: 'Grace "><script>alert(1)</script> Hopper', email: 'grace@example.test' };
const INVITATION = {
  organization: 'Quartet <img src=x onerror=alert(1)> & a name that is rather long, as some are',
  inviter: { displayName: 'Ada <b>Lovelace</b>', email: 'ada@example.test' },
  role: 'developer',
  secondsLeft: 6.5 * 86_400,
} as const;

export const INVITATION_SAMPLES: Readonly<Record<string, string>> = {
  invitation: invitationPage({ ...INVITATION, account, formToken: 'form-token' }),
  'invitation-expired-form': invitationPage({
    ...INVITATION,
    account,
    formToken: 'form-token',
    error: 'form_expired',
  }),
  'invitation-signed-out': invitedPage({ ...INVITATION, role: 'owner' }),
  'invitation-sign-up': invitedPage({ ...INVITATION, formToken: 'form-token' }),
  'invitation-sign-up-too-many': invitedPage({
    ...INVITATION,
    formToken: 'form-token',
    error: 'too_many',
  }),
  'invitation-not-yours': notYoursPage(account),
  'invitation-added': invitationResultPage({ outcome: 'added', organization: INVITATION.organization }),
  'invitation-declined': invitationResultPage({ outcome: 'declined', organization: 'Quartet' }),
  'invitation-gone': invitationResultPage({ outcome: 'gone' }),
};
