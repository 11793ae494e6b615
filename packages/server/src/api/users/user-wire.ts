/** A person as the API shows them. The password's hash is not part of it. */
import { type Static, Type } from 'typebox';
import type { User } from '../../domain/user.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export const Role = Type.Enum(['admin', 'member'], {
  description: 'What the person may do in Tessera itself',
});
export const UserStatus = Type.Enum(['active', 'disabled'], {
  description: 'A disabled person cannot sign in',
});
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: '^\\s*[^\\s@\\x00-\\x1f\\x7f]+@[^\\s@\\x00-\\x1f\\x7f]+\\s*$',
  description: 'Compared without regard to case',
});
export const DisplayName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\x00-\\x1f\\x7f]*\\S[^\\x00-\\x1f\\x7f]*$',
});
export const Password = Type.String({
  minLength: 8,
  maxLength: 256,
  writeOnly: true,
  description: 'Kept as an Argon2id hash only',
});

export const UserSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String(),
    email_verified: Type.Boolean(),
    display_name: Type.String(),
    role: Role,
    status: UserStatus,
    organization_id: Type.String({ description: 'The personal organization' }),
    has_password: Type.Boolean({ description: 'Whether the person can sign in with a password' }),
    created_at: Seconds('When the account was made'),
    updated_at: Seconds('When it was last changed'),
  },
  { title: 'User' },
);

export const UserPage = PageOf(UserSchema, 'Users');

export function toUserWire(user: User): Static<typeof UserSchema> {
  return {
    id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    display_name: user.displayName,
    role: user.role,
    status: user.status,
    organization_id: user.organizationId,
    has_password: user.passwordHash !== undefined,
    created_at: toSeconds(user.createdAt),
    updated_at: toSeconds(user.updatedAt),
  };
}
