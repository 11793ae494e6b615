/** Cryptographically strong random bytes: `size` of them, fresh on every call. */
export type Random = (size: number) => Uint8Array;
