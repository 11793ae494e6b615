/** When and where a token was last used, as far as its issuer was asked about it. */
import { type Static, Type } from '../schema/type.ts';
import type { TokenUse } from '../domain/token-use.ts';
import { Seconds, toSeconds } from './seconds.ts';

export const LastUseSchema = Type.Object(
  {
    at: Seconds('When'),
    by: Type.String({ description: 'The client that asked about it: its API' }),
    address: Type.Optional(Type.String({ description: 'Of the caller, where the API tells it' })),
    user_agent: Type.Optional(Type.String({ description: 'Of the caller, where the API tells it' })),
  },
  { title: 'LastUse' },
);

export function toLastUseWire({ at, by, address, userAgent }: TokenUse): Static<typeof LastUseSchema> {
  return {
    at: toSeconds(at),
    by,
    ...(address !== undefined && { address }),
    ...(userAgent !== undefined && { user_agent: userAgent }),
  };
}
