/** An issued access token as the admin API shows it: its row. The token itself is not kept anywhere. */
import { type Static, Type } from '../../schema/type.ts';
import { TESSERA_API_IDENTIFIER } from '../../domain/resource.ts';
import type { TokenUse } from '../../domain/token-use.ts';
import type { AccessTokenState } from '../../ports/access-tokens.ts';
import type { Resources } from '../../ports/resources.ts';
import { PageOf } from '../paging.ts';
import type { TokenUses } from '../../ports/token-uses.ts';
import type { LastUses } from '../../protocol/last-uses.ts';
import { LastUseSchema, toLastUseWire } from '../last-use-wire.ts';
import { Seconds, toSeconds } from '../seconds.ts';
import { writeTokenId } from './token-id.ts';

export const TokenSchema = Type.Object(
  {
    token_id: Type.String({
      description: 'The base64url SHA-256 of the token, or of the jti of a JWT or CWT, the cti of a CAT',
    }),
    client_id: Type.String(),
    user_id: Type.Optional(Type.String({ description: 'Absent: the client got it for itself' })),
    grant_id: Type.Optional(Type.String()),
    resource: Type.Optional(
      Type.String({
        description: `The identifier of its API, such as ${TESSERA_API_IDENTIFIER}; absent: the default`,
      }),
    ),
    scopes: Type.Array(Type.String()),
    format: Type.Enum(['opaque', 'jwt', 'cwt', 'cat']),
    issued_at: Seconds('When it was issued'),
    expires_at: Seconds('When it ends or ended'),
    status: Type.Enum(['live', 'expired', 'revoked']),
    lifetime_reason: Type.String({ description: 'The rule that decided how long it lives' }),
    revoked_at: Type.Optional(Seconds('When it, its grant or its person was ended')),
    last_used: Type.Optional(LastUseSchema),
  },
  { title: 'IssuedToken' },
);

export const TokenPage = PageOf(TokenSchema, 'IssuedTokens');

export type TokenWire = Static<typeof TokenSchema>;

/** @param resource the identifier of the API it is for */
export function toTokenWire(
  { row, endedAt }: AccessTokenState,
  resource: string | undefined,
  now: number,
  lastUse?: TokenUse,
): TokenWire {
  return {
    token_id: writeTokenId(row.id),
    client_id: row.clientId,
    ...(row.userId !== undefined && { user_id: row.userId }),
    ...(row.grantId !== undefined && { grant_id: row.grantId }),
    ...(resource !== undefined && { resource }),
    scopes: [...row.scopes],
    format: row.format,
    issued_at: toSeconds(row.issuedAt),
    expires_at: toSeconds(row.expiresAt),
    status: endedAt !== undefined ? 'revoked' : now >= row.expiresAt ? 'expired' : 'live',
    lifetime_reason: row.lifetimeReason,
    ...(endedAt !== undefined && { revoked_at: toSeconds(endedAt) }),
    ...(lastUse !== undefined && { last_used: toLastUseWire(lastUse) }),
  };
}

/** The identifiers of the APIs that these tokens are for, each looked up once. */
export async function resourceIdentifiers(
  states: readonly AccessTokenState[],
  resources: Pick<Resources, 'find'>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(states.flatMap(({ row }) => (row.resourceId === undefined ? [] : [row.resourceId])));
  const found = await Promise.all([...ids].map((id) => resources.find(id)));
  return new Map(
    found.flatMap((resource) => (resource === undefined ? [] : [[resource.id, resource.identifier]])),
  );
}

export interface LastUseDependencies {
  readonly tokenUses: Pick<TokenUses, 'find'>;
  readonly lastUses: Pick<LastUses, 'latest'>;
}

/** When an API last asked about it; undefined for a token that nobody asks about, such as a JWT. */
export async function lastUseOf(
  { row }: AccessTokenState,
  { tokenUses, lastUses }: LastUseDependencies,
): Promise<TokenUse | undefined> {
  return lastUses.latest(writeTokenId(row.id), await tokenUses.find(row.id));
}
