// What a client knows of one sign-in: what it was given, what it gave back, and what it never heard the answer to.

export type Step =
  | 'push'
  | 'authorize'
  | 'exchange'
  | 'ask'
  | 'approve'
  | 'poll'
  | 'refresh'
  | 'revoke access token'
  | 'revoke grant';

/** One line of a journal. */
export interface Entry {
  readonly chain: string;
  readonly app: 'public' | 'confidential' | 'device';
  readonly step: Step;
  readonly phase: 'intent' | 'answer' | 'no answer';
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What was presented. */
  readonly presented?: string;
  readonly status?: number;
  readonly error?: string;
  readonly gives?: Readonly<Record<string, string>>;
}

/** `maybe`: it was asked for, and nobody heard the answer. */
export type Happened = 'no' | 'maybe' | 'yes';

export interface OneTime {
  readonly value: string;
  /** The verifier of a code, the user code of a device. */
  readonly beside: string;
  readonly givenAt: number;
  used: Happened;
}

/** Codes and requests live for a minute: nothing can be said of one that is nearly over. */
const FRESH_MS = 40_000;

export function isFresh({ givenAt }: OneTime): boolean {
  return Date.now() - givenAt < FRESH_MS;
}

export interface HeldToken {
  readonly value: string;
  readonly issuedAt: number;
  revoked: Happened;
}

export interface Chain {
  readonly id: string;
  readonly app: Entry['app'];
  requestUri?: OneTime;
  code?: OneTime;
  device?: OneTime;
  approved: Happened;
  readonly accessTokens: HeldToken[];
  /** The newest last; those before it were replaced. */
  readonly refreshTokens: string[];
  rotated: Happened;
  ended: Happened;
}

export function newChain(id: string, app: Entry['app']): Chain {
  return { id, app, approved: 'no', accessTokens: [], refreshTokens: [], rotated: 'no', ended: 'no' };
}

/** Writes what an entry says into the chain. */
export function apply(chain: Chain, entry: Entry): void {
  if (entry.phase === 'no answer') return;
  if (entry.phase === 'intent') intend(chain, entry);
  else if (entry.status === 200) succeed(chain, entry);
  else refuse(chain, entry);
}

const maybe = (before: Happened): Happened => (before === 'yes' ? 'yes' : 'maybe');

/** From here on it may have happened. What has happened for certain stays so. */
function intend(chain: Chain, { step, presented }: Entry): void {
  if (step === 'authorize' && chain.requestUri) chain.requestUri.used = maybe(chain.requestUri.used);
  if (step === 'exchange' && chain.code) chain.code.used = maybe(chain.code.used);
  if (step === 'poll' && chain.device && chain.approved !== 'no')
    chain.device.used = maybe(chain.device.used);
  if (step === 'approve') chain.approved = maybe(chain.approved);
  if (step === 'refresh') chain.rotated = 'maybe';
  if (step === 'revoke grant') chain.ended = maybe(chain.ended);
  if (step === 'revoke access token') {
    const token = chain.accessTokens.find(({ value }) => value === presented);
    if (token) token.revoked = maybe(token.revoked);
  }
}

function succeed(chain: Chain, { step, presented, gives = {}, at }: Entry): void {
  const oneTime = (value = '', beside = ''): OneTime => ({
    value,
    beside,
    givenAt: at,
    used: 'no',
  });
  if (step === 'push') chain.requestUri = oneTime(gives['request_uri'], gives['verifier']);
  if (step === 'ask') chain.device = oneTime(gives['device_code'], gives['user_code']);
  if (step === 'approve') chain.approved = 'yes';
  if (step === 'revoke grant') chain.ended = 'yes';
  if (step === 'authorize' && chain.requestUri) {
    chain.requestUri.used = 'yes';
    chain.code = oneTime(gives['code'], chain.requestUri.beside);
  }
  if (step === 'exchange' && chain.code) chain.code.used = 'yes';
  if (step === 'poll' && chain.device) {
    chain.device.used = 'yes';
    chain.approved = 'yes';
  }
  if (step === 'refresh') chain.rotated = 'no';
  if (step === 'exchange' || step === 'poll' || step === 'refresh') {
    const { access_token: accessToken, refresh_token: refreshToken } = gives;
    if (accessToken && !chain.accessTokens.some(({ value }) => value === accessToken))
      chain.accessTokens.push({ value: accessToken, issuedAt: at, revoked: 'no' });
    if (refreshToken && chain.refreshTokens.at(-1) !== refreshToken) chain.refreshTokens.push(refreshToken);
  }
  if (step === 'revoke access token') {
    const token = chain.accessTokens.find(({ value }) => value === presented);
    if (token) token.revoked = 'yes';
  }
}

/** A refusal settles what was open: it had been done already. A code that comes twice ends what came of it. */
function refuse(chain: Chain, { step, error }: Entry): void {
  if (step === 'authorize' && chain.requestUri) chain.requestUri.used = 'yes';
  if (step === 'exchange' && chain.code) {
    chain.code.used = 'yes';
    chain.ended = 'yes';
  }
  if (step === 'poll' && error === 'invalid_grant' && chain.device) chain.device.used = 'yes';
  if (step === 'poll' && error === 'authorization_pending') {
    chain.approved = 'no';
    if (chain.device) chain.device.used = 'no';
  }
  if (step === 'refresh') chain.ended = 'yes';
}
