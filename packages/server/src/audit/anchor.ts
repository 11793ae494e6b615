/**
 * An anchor says where the chains were at one time. Its seal needs a key that is not in the database, and covers the
 * seal before it: whoever can write the database can neither make one nor take one out of the middle.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditAnchor, ChainPlace } from '../domain/audit-chain.ts';

export type UnsealedAnchor = Omit<AuditAnchor, 'seal'>;

export function sealAnchor(key: Uint8Array, anchor: UnsealedAnchor): AuditAnchor {
  return { ...anchor, seal: sealOf(key, anchor) };
}

export function isSealed(key: Uint8Array, anchor: AuditAnchor): boolean {
  const seal = sealOf(key, anchor);
  return seal.length === anchor.seal.length && timingSafeEqual(seal, anchor.seal);
}

/** For a log, a mail, a sheet of paper: `3.Zm9v…`. Whoever kept one can tell whether the log was cut since. */
export function anchorText({ number, seal }: Pick<AuditAnchor, 'number' | 'seal'>): string {
  return `${number}.${Buffer.from(seal).toString('base64url')}`;
}

/** Undefined unless `anchorText` could have written it. */
export function readAnchorText(text: string): Pick<AuditAnchor, 'number' | 'seal'> | undefined {
  const [, digits, seal] = /^([1-9][0-9]{0,14})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (digits === undefined || seal === undefined) return undefined;
  const read = { number: Number(digits), seal: new Uint8Array(Buffer.from(seal, 'base64url')) };
  return anchorText(read) === text ? read : undefined;
}

/** Places as they are sealed and stored: in the order of their chains. */
export function placesText(places: readonly ChainPlace[]): string {
  return JSON.stringify(
    places
      .toSorted((one, other) => one.chain - other.chain)
      .map(({ chain, position, link }) => [chain, position, Buffer.from(link).toString('base64url')]),
  );
}

function sealOf(key: Uint8Array, anchor: UnsealedAnchor): Uint8Array {
  const { number, at, heads, floors, prunedBefore, previous } = anchor;
  const said = [number, at, placesText(heads), placesText(floors), prunedBefore];
  return new Uint8Array(
    createHmac('sha256', key)
      .update(JSON.stringify([...said, Buffer.from(previous).toString('base64url')]))
      .digest(),
  );
}
