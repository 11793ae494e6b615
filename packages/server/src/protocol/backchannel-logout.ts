/**
 * Tells the apps that knew a session that it has ended: a signed logout token to each, again for a while where it
 * does not arrive.
 * @spec OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.5
 */
import type { Client } from '../domain/client.ts';
import type { LogoutNotice } from '../domain/logout-notice.ts';
import type { Clients } from '../ports/clients.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogoutNotices } from '../ports/logout-notices.ts';
import type { Outbound } from '../ports/outbound.ts';
import type { Random } from '../ports/random.ts';
import { isAnswerSigningAlg } from './client-metadata/signed-answers.ts';
import type { KeyRing } from './key-ring.ts';
import { sessionIdentifierOf, type SubjectIdentifiers } from './subject-identifier.ts';

/** Recipients check it on receipt (§2.4 recommends two minutes at most). */
const LOGOUT_TOKEN_LIFETIME_SECONDS = 120;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** How long after each failed attempt the next one comes; after the last there is none. */
const RETRY_AFTER_MS = [10_000, 60_000, 600_000, 3_600_000];
/** While a node tries, no other does. */
const CLAIM_MS = 30_000;
const AT_ONCE = 20;

export interface BackchannelLogoutDependencies {
  readonly issuer: string;
  readonly logoutNotices: LogoutNotices;
  readonly clients: Clients;
  readonly outbound: Outbound;
  readonly keyRing: KeyRing;
  readonly subjectOf: SubjectIdentifiers;
  readonly clock: Clock;
  readonly random: Random;
  /** Called when an app could not be told; `last` when it will not be tried again. */
  readonly undelivered: (notice: LogoutNotice, last: boolean) => void;
}

/**
 * Delivers what is due: of one session, or of all.
 * @returns a function that resolves, when every notice that was due has been tried once, with how many there were;
 * `through` claims them, and refuses where another node is on duty
 */
export function createBackchannelLogout(
  dependencies: BackchannelLogoutDependencies,
): (sid?: string, through?: Pick<LogoutNotices, 'claim'>) => Promise<number> {
  const { logoutNotices, clock } = dependencies;
  return async (sid, through = logoutNotices) => {
    const at = clock();
    const claim = { at, retryAt: at + CLAIM_MS, limit: AT_ONCE, ...(sid === undefined ? {} : { sid }) };
    const notices = await through.claim(claim);
    await Promise.all(notices.map((notice) => tell(notice, dependencies)));
    return notices.length;
  };
}

async function tell(notice: LogoutNotice, dependencies: BackchannelLogoutDependencies): Promise<void> {
  const { logoutNotices, clients, outbound, clock, undelivered } = dependencies;
  const client = await clients.find(notice.clientId);
  const uri = client?.metadata.backchannel_logout_uri;
  // Gone, disabled, or no longer interested.
  if (client?.status !== 'active' || uri === undefined) return logoutNotices.drop(notice);
  const body = new URLSearchParams({
    logout_token: await logoutToken(notice, client, dependencies),
  }).toString();
  const delivered = await outbound.post(uri, body, 'application/x-www-form-urlencoded').then(
    ({ status }) => status === 200 || status === 204,
    () => false,
  );
  if (delivered) return logoutNotices.drop(notice);
  const wait = RETRY_AFTER_MS[notice.attempts - 1];
  undelivered(notice, wait === undefined);
  return wait === undefined ? logoutNotices.drop(notice) : logoutNotices.postpone(notice, clock() + wait);
}

function logoutToken(
  { sid, userId }: LogoutNotice,
  client: Client,
  { issuer, keyRing, subjectOf, clock, random }: BackchannelLogoutDependencies,
): Promise<string> {
  const alg = client.metadata.id_token_signed_response_alg;
  const iat = Math.floor(clock() / 1000);
  return keyRing.signElsewhere(isAnswerSigningAlg(alg) ? alg : 'RS256', 'logout+jwt', {
    iss: issuer,
    aud: client.id,
    iat,
    exp: iat + LOGOUT_TOKEN_LIFETIME_SECONDS,
    jti: Buffer.from(random(16)).toString('base64url'),
    sub: subjectOf(userId, client),
    sid: sessionIdentifierOf(sid, client, subjectOf),
    events: { [EVENT]: {} },
  });
}
