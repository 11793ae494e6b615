/** The formats of access tokens that a verifier knows, in the order in which a token is held against them. */
import { createCatFormat } from './cat.ts';
import { createCwtFormat } from './cwt.ts';
import { createJwtFormat } from './jwt.ts';
import { createOpaqueFormat } from './opaque.ts';
import type { FormatParts, TokenFormat } from './token-format.ts';

export function createFormats(parts: FormatParts): readonly TokenFormat[] {
  return [createOpaqueFormat(parts), createJwtFormat(parts), createCwtFormat(parts), createCatFormat(parts)];
}
