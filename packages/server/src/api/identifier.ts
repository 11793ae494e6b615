/** Identifiers on the wire: the schema of one in a path, and new ones. */
import type { Random } from '@tessera/tokens';
import { Type } from '../schema/type.ts';

/** An identifier in a path or a query: printable ASCII, so that every database can look for it. */
export const Identifier = Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' });

export const IdParameter = Type.Object({ id: Identifier });

/** A new identifier: the noun's prefix, then 128 random bits. */
export function newIdentifier(
  prefix: 'app' | 'usr' | 'org' | 'res' | 'tri' | 'iat' | 'idp' | 'pol' | 'rsk',
  random: Random,
): string {
  return `${prefix}_${Buffer.from(random(16)).toString('base64url')}`;
}
