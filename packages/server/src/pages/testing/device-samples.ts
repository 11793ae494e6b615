import { deviceCodePage, deviceConfirmationPage, deviceResultPage } from '../device-page.ts';
import { CONSENT } from './consent-samples.ts';
import { account, AGENT_PURPOSE } from './sample-person.ts';

/** The pages for devices, from the code to the end. */
export function devicePages(): Record<string, string> {
  const page = { action: '/device', formToken: 'form-token', account };
  const confirmation = {
    ...page,
    userCode: 'WDJB-MJHT',
    client: { name: 'Demo television', host: 'tv.example' },
    api: CONSENT.api,
    scopes: CONSENT.scopes,
    optional: CONSENT.optional,
    deviceAddress: '2001:db8:85a3::8a2e:370:7334',
    ownAddress: '192.0.2.7',
    secondsAgo: 42,
    lifetimeSeconds: 180 * 86_400,
  };
  return {
    'device-code': deviceCodePage(page),
    'device-code-from-link': deviceCodePage({ ...page, userCode: 'WDJB-MJHT' }),
    'device-code-unknown': deviceCodePage({ ...page, userCode: 'wdjb mjh', error: 'unknown' }),
    'device-code-too-many': deviceCodePage({ ...page, error: 'too_many', retryAfterSeconds: 60 }),
    'device-confirm': deviceConfirmationPage(confirmation),
    'device-confirm-identity': deviceConfirmationPage({
      ...confirmation,
      api: undefined,
      scopes: [],
      deviceAddress: '192.0.2.7',
      lifetimeSeconds: undefined,
    }),
    'device-confirm-agent': deviceConfirmationPage({
      ...confirmation,
      client: { name: 'Tidy' },
      agentPurpose: AGENT_PURPOSE,
    }),
    'device-allowed': deviceResultPage({ outcome: 'allowed', clientName: 'Demo television' }),
    'device-denied': deviceResultPage({ outcome: 'denied', clientName: 'Demo television' }),
    'device-gone': deviceResultPage({ outcome: 'gone' }),
  };
}
