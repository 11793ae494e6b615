/** A person as the API shows them. The password's hash is not part of it. */
import { type Static, Type } from '../../schema/type.ts';
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

const Text = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 500, description }));
const WebAddress = (description: string) =>
  Type.Optional(Type.String({ maxLength: 2048, pattern: '^https?://[^\\s]+$', description }));

/** Told to apps by the scopes `profile`, `phone` and `address` (OpenID Connect Core §5.1). */
export const Claims = Type.Object(
  {
    given_name: Text('First name or names'),
    family_name: Text('Last name or names'),
    middle_name: Text('Middle name or names'),
    nickname: Text('What friends say'),
    preferred_username: Text('Short name; not unique'),
    profile: WebAddress('A page about the person'),
    picture: WebAddress('An image of the person'),
    website: WebAddress("The person's own page"),
    gender: Text('As the person says'),
    birthdate: Type.Optional(
      Type.String({ pattern: '^\\d{4}(-\\d{2}-\\d{2})?$', description: 'YYYY-MM-DD, 0000-MM-DD or YYYY' }),
    ),
    zoneinfo: Text('A time zone such as Europe/Berlin'),
    locale: Text('A language tag such as en-GB'),
    phone_number: Type.Optional(
      Type.String({ pattern: '^\\+[0-9][0-9() .-]{3,30}(;ext=[0-9]+)?$', description: 'E.164' }),
    ),
    phone_number_verified: Type.Optional(Type.Boolean()),
    address: Type.Optional(
      Type.Object(
        {
          formatted: Text('The whole address'),
          street_address: Text('Street and number'),
          locality: Text('Town'),
          region: Text('Region'),
          postal_code: Text('Postal code'),
          country: Text('Country'),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, title: 'StandardClaims', description: 'Replaced as a whole' },
);

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
    claims: Claims,
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
    claims: user.claims,
    created_at: toSeconds(user.createdAt),
    updated_at: toSeconds(user.updatedAt),
  };
}
