/**
 * What has ended, as the issuer tells it the moment it happens: heard from its stream, kept until the tokens concerned
 * have expired.
 * @spec RFC 7009 §1
 */
import type { AccessToken } from './access-token.ts';
import type { Clock } from './clock.ts';
import { Ended } from './ended.ts';
import { openEventSource } from './event-source.ts';
import type { EventSource, ServerSentEvent } from './event-source.ts';
import type { Fetch } from './fetch-json.ts';
import type { KeySource } from './jwks.ts';
import type { Forgetful } from './revocation.ts';

export interface RevocationEventsOptions {
  /** Where the issuer's stream is; undefined for one that has none. */
  address(): Promise<string | undefined>;
  /** The `Authorization` header of the API's client. */
  readonly authorization: string;
  readonly clock: Clock;
  readonly fetch: Fetch | undefined;
  readonly keys: Pick<KeySource, 'revoke' | 'expire'>;
}

/** A place in a status list. */
export interface EndedStatus {
  readonly uri: string;
  readonly idx: number;
}

export interface RevocationEvents {
  /** Connects, unless it has. */
  start(memory: Forgetful): void;
  /**
   * Since when nothing that ended can have been missed, by `performance.now()`; undefined while the stream is cut
   * off, catching up, or not there.
   */
  readonly liveSince: number | undefined;
  /** Resolves when the stream is live, or has failed to become so; for one that was just cut off: again. */
  settled(): Promise<void>;
  /** Whether it has ended by what was heard. @param idHash gives what the server knows the token by */
  hasEnded(
    accessToken: AccessToken,
    status: EndedStatus | undefined,
    idHash: () => Uint8Array | undefined,
  ): boolean;
  close(): void;
}

export function createRevocationEvents(options: RevocationEventsOptions): RevocationEvents {
  return new HeardEvents(options);
}

class HeardEvents implements RevocationEvents {
  readonly #options: RevocationEventsOptions;
  readonly #tokens: Ended;
  readonly #statuses: Ended;
  readonly #grants: Ended;
  readonly #clients: Ended<number>;
  readonly #resources: Ended<number>;
  readonly #policies: Ended<PolicyChange>;
  /** Seconds: whatever was issued before has ended. */
  #epoch = 0;
  #source: EventSource | undefined;
  #memory: Forgetful | undefined;
  /** When knowledge without a gap began; a connection that is taken up where it broke off goes on with it. */
  #since: number | undefined;
  #isLive = false;
  #settle: (() => void) | undefined;
  #settled: Promise<void> | undefined;
  #closed = false;

  constructor(options: RevocationEventsOptions) {
    this.#options = options;
    const { clock } = options;
    this.#tokens = new Ended(clock);
    this.#statuses = new Ended(clock);
    this.#grants = new Ended(clock);
    this.#clients = new Ended(clock);
    this.#resources = new Ended(clock);
    this.#policies = new Ended(clock);
  }

  get liveSince(): number | undefined {
    return this.#isLive ? this.#since : undefined;
  }

  start(memory: Forgetful): void {
    if (this.#source !== undefined || this.#closed) return;
    this.#memory = memory;
    this.#unsettle();
    const { authorization, fetch } = this.#options;
    this.#source = openEventSource({
      address: () => this.#options.address(),
      headers: { authorization },
      fetch,
      onEvent: (event) => this.#hear(event),
      onCut: () => {
        if (this.#isLive) this.#unsettle();
        else this.#settle?.();
        this.#isLive = false;
      },
    });
  }

  #unsettle(): void {
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async settled(): Promise<void> {
    await this.#settled;
  }

  close(): void {
    this.#closed = true;
    this.#source?.close();
    this.#isLive = false;
    this.#settle?.();
  }

  hasEnded(
    accessToken: AccessToken,
    status: EndedStatus | undefined,
    idHash: () => Uint8Array | undefined,
  ): boolean {
    const { aud, clientId, iat, claims, format } = accessToken;
    if (iat < this.#epoch) return true;
    if (status !== undefined && this.#statuses.size > 0 && this.#statuses.has(keyOf(status))) return true;
    if (this.#grants.size > 0) {
      const { grant_id: grantId } = claims;
      if (typeof grantId === 'string' && this.#grants.has(grantId)) return true;
    }
    // Of what was forgotten nobody else tells: it may be one of those.
    if (status === undefined && format !== 'opaque') {
      if (this.#tokens.hasForgotten(iat)) return true;
      if (claims['grant_id'] !== undefined && this.#grants.hasForgotten(iat)) return true;
    }
    if (this.#clients.size > 0 && iat < (this.#clients.get(clientId) ?? 0)) return true;
    if (this.#resources.size > 0 && aud.some((each) => iat < (this.#resources.get(each) ?? 0))) return true;
    if (this.#policies.size > 0 && this.#isJudgedAnew(accessToken)) return true;
    // A token with a status has been looked for already, and an opaque one is asked about.
    if (this.#tokens.size === 0 || status !== undefined || format === 'opaque') return false;
    const hash = idHash();
    return hash !== undefined && this.#tokens.has(Buffer.from(hash).toString('base64url'));
  }

  /** Whether a policy that concerns the token has changed since it was judged. */
  #isJudgedAnew({ aud, clientId, iat, claims, format }: AccessToken): boolean {
    const { policy_epoch: claimed, grant_id: grantId, org_id: organizationId } = claims;
    const epoch = typeof claimed === 'number' ? claimed : 0;
    // Common Access Tokens never say what they were judged by: of them the time alone tells.
    const late = format === 'cat' ? 0 : LATE_SECONDS;
    const names = [
      ANY,
      `client ${clientId}`,
      `grant ${String(grantId)}`,
      typeof organizationId === 'string' ? `organization ${organizationId}` : ANY_ORGANIZATION,
      ...aud.map((each) => `resource ${each}`),
    ];
    return names.some((name) => {
      const change = this.#policies.get(name);
      return change !== undefined && iat < change.before + late && epoch < change.epoch;
    });
  }

  /** Lists that are fetched from now on tell of what is not known here any more. */
  #lookAnewIf(hasForgotten: boolean): void {
    if (hasForgotten) this.#since = performance.now();
  }

  /** Two changes at the same time may be told of in either order: the newest of each name counts. */
  #change(name: string, exp: number, { epoch, before }: PolicyChange): void {
    const known = this.#policies.get(name);
    const newest = {
      name,
      epoch: Math.max(epoch, known?.epoch ?? 0),
      before: Math.max(before, known?.before ?? 0),
    };
    this.#policies.add(name, exp, newest);
  }

  #hear({ event, data }: ServerSentEvent): void {
    if (event === 'reset') {
      this.#since = undefined;
      this.#memory?.forgetAll();
    } else if (event === 'live') {
      this.#since ??= performance.now();
      this.#isLive = true;
      this.#settle?.();
    } else if (event === 'ended') {
      this.#end(parse(data));
    }
  }

  /** What cannot be read may have been anything: then nothing that is remembered is good, and no list. */
  #end(ended: Readonly<Record<string, unknown>>): void {
    const { token, grant, client_id: client, resource, before, status, kid, epoch } = ended;
    const exp = typeof ended['exp'] === 'number' ? ended['exp'] : Number.POSITIVE_INFINITY;
    const change = readPolicyChange(ended);
    if (typeof token === 'string') {
      const place = readPlace(status);
      if (place === undefined) this.#tokens.add(token, exp, true);
      else this.#lookAnewIf(this.#statuses.add(keyOf(place), exp, true));
      this.#memory?.forgetToken(Buffer.from(token, 'base64url'));
    } else if (typeof grant === 'string') {
      this.#grants.add(grant, exp, true);
      this.#memory?.forgetGrant(grant);
    } else if (typeof client === 'string' && typeof before === 'number') {
      this.#lookAnewIf(this.#clients.add(client, exp, before));
      this.#memory?.forgetAll();
    } else if (typeof resource === 'string' && typeof before === 'number') {
      this.#lookAnewIf(this.#resources.add(resource, exp, before));
      this.#memory?.forgetAll();
    } else if (change !== undefined) {
      this.#change(change.name, exp, change);
      // Some tokens do not say whose they are.
      if (change.name.startsWith('organization ')) this.#change(ANY_ORGANIZATION, exp, change);
      this.#memory?.forgetAll();
    } else {
      if (typeof kid === 'string') this.#options.keys.revoke(kid);
      if (typeof epoch === 'number' && typeof before === 'number') {
        // What is counted up may have been set back with the rest, and every token from before has ended.
        if (before > this.#epoch) this.#policies.clear();
        this.#epoch = Math.max(this.#epoch, before);
        this.#options.keys.expire();
      }
      // Lists may have been signed with the key, and places in them given anew.
      this.#since = performance.now();
      this.#memory?.forgetAll();
    }
  }
}

/** A change of an access policy: tokens issued before it are good again once they were judged by it. */
interface PolicyChange {
  /** Of which tokens. */
  readonly name: string;
  readonly epoch: number;
  /** Seconds. */
  readonly before: number;
}

/** In the place of a name: every token, and every one that names no organization. */
const ANY = 'any';
const ANY_ORGANIZATION = 'any organization';

/** A change is written down some time after it was asked for, and clocks differ: what was issued meanwhile says by its number what it was judged by. */
const LATE_SECONDS = 600;

/** @returns undefined for what cannot be read */
function readPolicyChange({ policy, before }: Readonly<Record<string, unknown>>): PolicyChange | undefined {
  if (typeof policy !== 'object' || policy === null || typeof before !== 'number') return undefined;
  const { epoch, client_id: client, grant_id: grant, resource, org_id: organization }: PolicyWire = policy;
  if (typeof epoch !== 'number') return undefined;
  const named = Object.entries({ client, grant, resource, organization }).filter(
    ([, id]) => id !== undefined,
  );
  const [[kind, id] = []] = named;
  // What names more than one thing, or something unknown, is taken for everything.
  const isPlain = named.length === 1 && Object.keys(policy).length === 2;
  return { name: isPlain && typeof id === 'string' ? `${kind} ${id}` : ANY, epoch, before };
}

interface PolicyWire {
  readonly epoch?: unknown;
  readonly client_id?: unknown;
  readonly grant_id?: unknown;
  readonly resource?: unknown;
  readonly org_id?: unknown;
}

function keyOf({ uri, idx }: EndedStatus): string {
  return `${idx} ${uri}`;
}

function parse(data: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function readPlace(status: unknown): EndedStatus | undefined {
  if (typeof status !== 'object' || status === null || !('uri' in status) || !('idx' in status))
    return undefined;
  const { uri, idx } = status;
  return typeof uri === 'string' && typeof idx === 'number' ? { uri, idx } : undefined;
}
