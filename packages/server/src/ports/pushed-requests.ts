import type { PushedRequest } from '../domain/pushed-request.ts';

export interface PushedRequests {
  push(request: PushedRequest): Promise<void>;
  /** The request, unless it has expired at `now` or was answered before under the id `answeredAs`. */
  find(hash: Uint8Array, answeredAs: string, now: number): Promise<PushedRequest | undefined>;
}
