/**
 * Whether a token of one issuer has ended before its time: by the issuer's events where the API may hear them, and by
 * its status lists.
 * @spec draft-ietf-oauth-status-list-15 §8.3
 */
import type { Clock } from './clock.ts';
import type { FetchLimits } from './fetch-json.ts';
import type { Fetch } from './fetch-json.ts';
import { basicCredentials } from './introspection-endpoint.ts';
import type { KeySource } from './jwks.ts';
import { tokenIdHash } from './revocation.ts';
import type { Forgetful, RevocationSource, VerifiedToken } from './revocation.ts';
import { createRevocationEvents } from './revocation-events.ts';
import type { RevocationEvents } from './revocation-events.ts';
import { createStatusLists } from './status.ts';
import type { Status, StatusLists, StatusReference } from './status.ts';
import { TokenError } from './token-error.ts';

export interface IssuerRevocationParts {
  readonly issuer: string;
  readonly keys: KeySource;
  /** Where the issuer tells what ends; undefined where it does not. */
  eventsAddress(): Promise<string | undefined>;
  /** Absent: the API cannot listen, and looks at the status lists only. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string } | undefined;
  readonly clock: Clock;
  readonly limits: FetchLimits;
  /** The one that was given; absent: Node's own. */
  readonly fetch: Fetch | undefined;
  /** Whether a token passes whose status cannot be known now. */
  readonly onStale: 'allow' | 'deny';
  /** Whether answers about opaque tokens are remembered: only then is there something to hear about them. */
  readonly remembersOpaque: boolean;
}

/** What may be heard and looked up about the tokens of one issuer. */
export function createIssuerRevocation(parts: IssuerRevocationParts): RevocationSource {
  return new IssuerRevocation(parts);
}

class IssuerRevocation implements RevocationSource {
  readonly #issuer: string;
  readonly #isStaleAllowed: boolean;
  readonly #remembersOpaque: boolean;
  readonly #lists: StatusLists;
  readonly #events: RevocationEvents | undefined;
  #memory: Forgetful | undefined;
  #hasHeard = false;
  #firstWord: Promise<void> | undefined;

  constructor(parts: IssuerRevocationParts) {
    const { issuer, keys, clock, limits, credentials, fetch, onStale } = parts;
    this.#issuer = issuer;
    this.#isStaleAllowed = onStale === 'allow';
    this.#remembersOpaque = parts.remembersOpaque;
    this.#lists = createStatusLists(issuer, keys, clock, limits);
    if (credentials !== undefined) {
      const authorization = basicCredentials(credentials);
      const address = (): Promise<string | undefined> => parts.eventsAddress();
      this.#events = createRevocationEvents({ address, authorization, clock, fetch, keys });
    }
  }

  start(memory: Forgetful): void {
    this.#memory = memory;
  }

  close(): void {
    this.#events?.close();
  }

  check(verified: VerifiedToken): void | Promise<void> {
    const { accessToken } = verified;
    if (accessToken.iss !== this.#issuer) return;
    const { format, claims } = accessToken;
    if (format === 'opaque' && !this.#remembersOpaque) return;
    // Nothing is fetched before the first token that needs it.
    if (this.#memory !== undefined) this.#events?.start(this.#memory);
    // Of policies that changed before we listened only the beginning of the stream tells.
    if (!this.#hasHeard && this.#events !== undefined && format !== 'opaque') {
      this.#firstWord ??= firstWordOf(this.#events);
      return this.#firstWord.then(() => {
        this.#hasHeard = true;
        return this.check(verified);
      });
    }
    const reference = claims['status'] === undefined ? undefined : referenceOf(claims['status']);
    this.#refuseEnded(verified, reference);
    // Whoever takes an opaque token has just asked.
    if (format === 'opaque') return;
    if (reference === undefined) return this.#checkUnlisted(verified);
    const status = this.#lists.statusOf(reference, format, this.#events?.liveSince);
    if (typeof status === 'string') return this.#judge(status);
    return this.#judgeOnceKnown(status, verified, reference);
  }

  async #judgeOnceKnown(
    status: Promise<Status>,
    verified: VerifiedToken,
    reference: StatusReference,
  ): Promise<void> {
    const known = await status;
    // What was heard while the list was on its way may not be in it.
    this.#refuseEnded(verified, reference);
    this.#judge(known);
  }

  /** By what was heard. @throws TokenError */
  #refuseEnded(verified: VerifiedToken, reference?: StatusReference): void {
    const heard = this.#events?.hasEnded(verified.accessToken, reference, () => tokenIdHash(verified));
    if (heard === true) throw new TokenError('revoked');
  }

  #judge(status: Status): void {
    if (status === 'ended') throw new TokenError('revoked');
    if (status === 'invalid') throw new TokenError('invalid_claims');
    if (status === 'unknown' && !this.#isStaleAllowed) throw new TokenError('unavailable');
  }

  /** Of a Common Access Token only events tell. Other tokens without a status have none that could be known. */
  #checkUnlisted(verified: VerifiedToken): void | Promise<void> {
    if (verified.accessToken.format !== 'cat' || this.#isStaleAllowed) return;
    const events = this.#events;
    if (events === undefined || events.liveSince !== undefined) return;
    return requireLive(events).then(() => this.#refuseEnded(verified));
  }
}

/** A stream that says nothing holds up nobody for longer. */
const FIRST_WORD_MS = 500;
/** Nor those who may not go on without it: streams end now and then, and are taken up again within a second. */
const LIVE_AGAIN_MS = 2000;

async function firstWordOf(events: RevocationEvents, longestMs = FIRST_WORD_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestMs);
  });
  await Promise.race([events.settled(), tooLong]);
  clearTimeout(timer);
}

/** @throws TokenError `unavailable` unless the stream becomes live */
async function requireLive(events: RevocationEvents): Promise<void> {
  await firstWordOf(events, LIVE_AGAIN_MS);
  if (events.liveSince === undefined) throw new TokenError('unavailable');
}

/** @throws TokenError `invalid_claims` for a status that is told in a way unknown here */
function referenceOf(status: unknown): StatusReference {
  const list =
    typeof status === 'object' && status !== null && 'status_list' in status ? status.status_list : undefined;
  if (typeof list === 'object' && list !== null && 'idx' in list && 'uri' in list) {
    const { idx, uri } = list;
    if (typeof idx === 'number' && Number.isSafeInteger(idx) && idx >= 0 && typeof uri === 'string') {
      return { idx, uri };
    }
  }
  throw new TokenError('invalid_claims');
}
