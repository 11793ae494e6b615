/** `/account/v1/profile`: who you are, and what of it you may change yourself. */
import { type Static, Type } from '../../../schema/type.ts';
import type { User } from '../../../domain/user.ts';
import { requestContext } from '../../../http/app.ts';
import { accountEvent } from '../../../people/account-event.ts';
import { type Api, caller } from '../../api.ts';
import { changeTime, requireWritten } from '../../one-at-a-time.ts';
import { operation } from '../../operation.ts';
import { Problem } from '../../problem.ts';
import { Seconds, toSeconds } from '../../seconds.ts';
import { Claims, DisplayName, Role } from '../../users/user-wire.ts';
import type { OwnAccountDependencies } from '../own-account.ts';

const ProfileSchema = Type.Object(
  {
    id: Type.String(),
    email: Type.String({ description: 'Changed by `POST /account/v1/email`' }),
    email_verified: Type.Boolean(),
    display_name: Type.String(),
    role: Role,
    organization_id: Type.String({ description: 'The personal organization' }),
    has_password: Type.Boolean({ description: 'Whether you can sign in with a password' }),
    claims: Claims,
    created_at: Seconds('When the account was made'),
  },
  { title: 'Profile' },
);

const ProfileChanges = Type.Object(
  { display_name: Type.Optional(DisplayName), claims: Type.Optional(Claims) },
  { additionalProperties: false, title: 'ProfileChanges' },
);

export function registerProfile(api: Api, dependencies: OwnAccountDependencies): void {
  const get = operation({
    operationId: 'getProfile',
    summary: 'Show yourself',
    tag: 'profile',
    answers: { 200: { description: 'The person whose token this is', schema: ProfileSchema } },
  });
  api.get('/profile', { schema: get }, async (request) => toProfile(caller(request)));

  const update = operation({
    operationId: 'updateProfile',
    summary: 'Change what is said of yourself',
    description:
      'Members that are given replace what was; of `claims`, `phone_number_verified` is the administrator’s and stays.',
    tag: 'profile',
    answers: { 200: { description: 'You, as you are now', schema: ProfileSchema } },
  });
  const { users, clock, random, oneAtATime } = dependencies;
  api.patch('/profile', { schema: { ...update, body: ProfileChanges } }, (request) =>
    oneAtATime(async () => {
      const { display_name, claims } = request.body;
      const context = requestContext(request, clock);
      const before = await users.find(caller(request).id);
      if (before === undefined) throw new Problem('not_found', 'This account is gone');
      const after: User = {
        ...before,
        ...(display_name !== undefined && { displayName: display_name.trim() }),
        ...(claims !== undefined && { claims: ownClaims(claims, before) }),
        updatedAt: changeTime(context.at, before),
      };
      const event = {
        type: 'user.updated',
        outcome: 'success',
        actor: before.id,
        userId: before.id,
        detail: { changed: Object.keys(request.body).toSorted().join(' ') },
      } as const;
      requireWritten(await users.update(after, accountEvent(context, event, random), before));
      return toProfile(after);
    }),
  );
}

/** That somebody has checked a number is not for its owner to say. */
function ownClaims(given: User['claims'], { claims: before }: User): User['claims'] {
  const { phone_number_verified: _, ...own } = given;
  const isChecked = before.phone_number_verified === true && own.phone_number === before.phone_number;
  return isChecked ? { ...own, phone_number_verified: true } : own;
}

function toProfile(person: User): Static<typeof ProfileSchema> {
  return {
    id: person.id,
    email: person.email,
    email_verified: person.emailVerified,
    display_name: person.displayName,
    role: person.role,
    organization_id: person.organizationId,
    has_password: person.passwordHash !== undefined,
    claims: person.claims,
    created_at: toSeconds(person.createdAt),
  };
}
