// What was published when, and what was signed with it: whether somebody could refuse a good token follows from that alone.

interface KnownKey {
  /** By node: when it was first seen in the set that the node publishes. */
  readonly seenAt: Map<string, number>;
  signedAt: number | undefined;
  /** When the last token that it signed ends. */
  neededUntil: number;
  /** Its announcement could not be waited for. */
  hurried: boolean;
  revoked: boolean;
}

export interface PublishedSet {
  readonly node: string;
  /** Milliseconds, by the servers' clock. */
  readonly at: number;
  readonly kids: readonly string[];
}

export class KeyHistory {
  readonly #keys = new Map<string, KnownKey>();
  readonly #nodes: number;
  readonly #cacheMs: number;
  /** Milliseconds from the announcement of a key to its first signature: the least there was. */
  leastAhead = Infinity;
  mostAtOnce = 0;

  /** @param cacheMs how long a verifier may go on with a set that it has fetched */
  constructor(nodes: number, cacheMs: number) {
    this.#nodes = nodes;
    this.#cacheMs = cacheMs;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** @returns what is wrong with it, in words */
  published({ node, at, kids }: PublishedSet): readonly string[] {
    for (const kid of kids) {
      const { seenAt } = this.#key(kid);
      if (!seenAt.has(node)) seenAt.set(node, at);
    }
    this.mostAtOnce = Math.max(this.mostAtOnce, kids.length);
    const wrong: string[] = [];
    for (const [kid, { neededUntil, revoked }] of this.#keys) {
      const isThere = kids.includes(kid);
      if (!isThere && !revoked && neededUntil > at)
        wrong.push('a key has left before the last token it signed');
      if (isThere && revoked) wrong.push('a key that was taken back is published');
    }
    return wrong;
  }

  /** @returns what is wrong with it, in words */
  signed(kid: string, token: { readonly at: number; readonly endsAt: number }): readonly string[] {
    const key = this.#key(kid);
    key.neededUntil = Math.max(key.neededUntil, token.endsAt);
    const isFirst = key.signedAt === undefined;
    key.signedAt ??= token.at;
    if (key.revoked) return ['a key that was taken back has signed'];
    if (!isFirst || key.hurried) return [];
    const everywhereAt = key.seenAt.size < this.#nodes ? Infinity : Math.max(...key.seenAt.values());
    const ahead = token.at - everywhereAt;
    this.leastAhead = Math.min(this.leastAhead, ahead);
    return ahead >= this.#cacheMs ? [] : [`a key signs ${ahead / 1000} s after it was announced`];
  }

  revoke(kid: string): void {
    this.#key(kid).revoked = true;
  }

  /** The first of all, and one that stands in for another that was taken back. */
  hurry(kid: string): void {
    this.#key(kid).hurried = true;
  }

  #key(kid: string): KnownKey {
    let known = this.#keys.get(kid);
    if (known === undefined) {
      known = { seenAt: new Map(), signedAt: undefined, neededUntil: 0, hurried: false, revoked: false };
      this.#keys.set(kid, known);
    }
    return known;
  }
}
