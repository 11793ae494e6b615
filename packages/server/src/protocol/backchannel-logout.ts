/**
 * Tells the apps that knew a session that it has ended: a signed logout token to each, again for a while where it
 * does not arrive.
 * @spec OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.5
 */
import { type Client, isSelfRegistered } from '../domain/client.ts';
import type { LogoutNotice } from '../domain/logout-notice.ts';
import { type Attempt, createBacklog } from '../limits/backlog.ts';
import type { Clients } from '../ports/clients.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogoutNotices } from '../ports/logout-notices.ts';
import { type Outbound, OutboundRefusal } from '../ports/outbound.ts';
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
/** Until the next try where nothing was sent, as its address takes no more for now. */
const BUSY_MS = 10_000;
/** Apps of one session that are told at once; the others by the node on duty. */
const APPS_OF_A_SESSION = 20;
const AT_ONCE = 16;
const AT_ONCE_TO_ONE = 4;

export interface BackchannelLogoutDependencies {
  readonly issuer: string;
  readonly logoutNotices: LogoutNotices;
  readonly clients: Pick<Clients, 'find'>;
  readonly outbound: Pick<Outbound, 'post'>;
  /** For apps that registered themselves, so that nobody makes this server flood a stranger. */
  readonly outboundToStrangers: Pick<Outbound, 'post'>;
  readonly keyRing: Pick<KeyRing, 'signElsewhere'>;
  readonly subjectOf: SubjectIdentifiers;
  readonly clock: Clock;
  readonly random: Random;
  /** Called when an app could not be told; `last` when it will not be tried again. */
  readonly undelivered: (notice: LogoutNotice, last: boolean) => void;
}

export interface BackchannelLogout {
  /** Tells the apps of a session that has just ended. Resolves once each has been tried. */
  ofSession(sid: string): Promise<void>;
  /**
   * Tells whoever is due, of all sessions, and soon returns; an app that hangs holds up no other.
   * @param through what claims them; refuses where another node is on duty
   * @returns how many were tried
   */
  ofAll(through?: Pick<LogoutNotices, 'claim'>): Promise<number>;
}

export function createBackchannelLogout(dependencies: BackchannelLogoutDependencies): BackchannelLogout {
  const { logoutNotices, clock } = dependencies;
  const backlog = createBacklog<LogoutNotice>({
    atOnce: AT_ONCE,
    atOnceToOne: AT_ONCE_TO_ONE,
    receiverOf: ({ clientId }) => clientId,
    attempt: (notice) => tell(notice, dependencies),
  });
  return {
    async ofSession(sid) {
      const at = clock();
      const notices = await logoutNotices.claim({
        at,
        retryAt: at + CLAIM_MS,
        limit: APPS_OF_A_SESSION,
        sid,
      });
      await Promise.all(notices.map((notice) => tell(notice, dependencies)));
    },
    ofAll: (through = logoutNotices) =>
      backlog.workOff((limit, except) => {
        const at = clock();
        return through.claim({ at, retryAt: at + CLAIM_MS, limit, except });
      }),
  };
}

async function tell(notice: LogoutNotice, dependencies: BackchannelLogoutDependencies): Promise<Attempt> {
  const { logoutNotices, clients, clock, undelivered } = dependencies;
  const client = await clients.find(notice.clientId);
  const uri = client?.metadata.backchannel_logout_uri;
  // Gone, disabled, or no longer interested.
  if (client?.status !== 'active' || uri === undefined) {
    await logoutNotices.drop(notice);
    return 'over';
  }
  const outcome = await post(uri, await logoutToken(notice, client, dependencies), client, dependencies);
  if (outcome === 'busy') {
    await logoutNotices.giveBack(notice, clock() + BUSY_MS);
    return 'busy';
  }
  const wait = RETRY_AFTER_MS[notice.attempts - 1];
  if (outcome === 'refused') undelivered(notice, wait === undefined);
  await (outcome === 'taken' || wait === undefined
    ? logoutNotices.drop(notice)
    : logoutNotices.postpone(notice, clock() + wait));
  return 'over';
}

/** §2.8: 200 is success; frameworks that answer 204 are meant as well. */
async function post(
  uri: string,
  token: string,
  client: Client,
  { outbound, outboundToStrangers }: BackchannelLogoutDependencies,
): Promise<'taken' | 'refused' | 'busy'> {
  const body = new URLSearchParams({ logout_token: token }).toString();
  const through = isSelfRegistered(client) ? outboundToStrangers : outbound;
  try {
    const { status } = await through.post(uri, body, 'application/x-www-form-urlencoded');
    return status === 200 || status === 204 ? 'taken' : 'refused';
  } catch (error) {
    return error instanceof OutboundRefusal && error.reason === 'busy' ? 'busy' : 'refused';
  }
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
