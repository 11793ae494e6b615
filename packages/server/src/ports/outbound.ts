/** Requests to addresses that somebody else chose: a client's keys, its metadata document, its logout URL. */

export interface OutboundLimits {
  /** Media types for the Accept header; absent: JSON. */
  readonly accept?: string;
  /** A larger answer is refused, whatever its Content-Length says; absent: 64 KiB. */
  readonly maxBytes?: number;
  /** For everything together: name, connection, answer to its last byte; absent: five seconds. */
  readonly timeoutMs?: number;
  /** For the Authorization header: a token that this very address has given; absent: none is sent. */
  readonly authorization?: string;
}

export interface OutboundAnswer {
  /** Never 3xx: a redirect is a refusal. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Sends no cookie and no credential, follows nothing, and never reaches an address that is not public. */
export interface Outbound {
  /** @throws OutboundRefusal */
  get(url: string, limits?: OutboundLimits): Promise<OutboundAnswer>;
  /** @throws OutboundRefusal */
  post(url: string, body: string, contentType: string, limits?: OutboundLimits): Promise<OutboundAnswer>;
}

export type OutboundRefusalReason =
  /** Not https, or with a user name in it, or no URL at all. */
  | 'url'
  /** The name stands for an address that is not public. */
  | 'address'
  /** Too many requests under way or lately, to this origin or in all. */
  | 'busy'
  | 'redirect'
  | 'too_large'
  | 'timeout'
  /** No such name, no connection, no trust, or an answer that is not HTTP. */
  | 'unreachable';

/** For logs and tests. Whoever chose the URL is told only that it could not be fetched: the reason maps a network. */
export class OutboundRefusal extends Error {
  override readonly name = 'OutboundRefusal';
  readonly reason: OutboundRefusalReason;

  constructor(reason: OutboundRefusalReason) {
    super(`the outbound request was refused: ${reason}`);
    this.reason = reason;
  }
}
