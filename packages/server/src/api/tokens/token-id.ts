/** The id of a token's row, as text. */
import { Problem } from '../problem.ts';

const TOKEN_ID_BYTES = 32;

/** @throws Problem `not_found` for what is not the id of any token */
export function readTokenId(tokenId: string): Uint8Array {
  const id = Buffer.from(tokenId, 'base64url');
  if (id.length !== TOKEN_ID_BYTES || id.toString('base64url') !== tokenId) {
    throw new Problem('not_found', 'No token has this id');
  }
  return id;
}

export function writeTokenId(id: Uint8Array): string {
  return Buffer.from(id).toString('base64url');
}
