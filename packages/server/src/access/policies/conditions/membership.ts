/** In which organization the person is, and as what. */
import { ORGANIZATION_ROLES } from '../../../domain/membership.ts';
import { type Static, Type } from '../../../schema/type.ts';
import { expectedOf } from './any-or-none.ts';
import { condition } from './condition.ts';

const Places = Type.Array(
  Type.Object(
    {
      organization_id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$' }),
      roles: Type.Optional(
        Type.Array(Type.Enum([...ORGANIZATION_ROLES]), {
          minItems: 1,
          maxItems: 4,
          description: 'Absent: any of them',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 50 },
);

type Place = Static<typeof Places>[number];

export const membership = condition({
  name: 'membership',
  schema: Type.Object(
    { any_of: Type.Optional(Places), none_of: Type.Optional(Places) },
    { additionalProperties: false, minProperties: 1, description: 'Organizations, with roles in them' },
  ),
  needs: 'memberships',
  prepare: ({ any_of: any, none_of: none }) => {
    const expected = expectedOf({ any_of: any?.map(named), none_of: none?.map(named) });
    return ({ person }) => {
      if (person === undefined) return { met: false, expected, got: 'nobody' };
      const { memberships } = person;
      if (memberships === undefined) throw new Error('the memberships are not known');
      const isIn = ({ organization_id: id, roles }: Place): boolean =>
        memberships.some(
          ({ organizationId, role }) => organizationId === id && (roles?.includes(role) ?? true),
        );
      const got = memberships.map(({ organizationId, role }) => `${role} of ${organizationId}`).join(', ');
      return {
        met: (any?.some(isIn) ?? true) && !(none?.some(isIn) ?? false),
        expected,
        got: got === '' ? 'in no organization' : got,
      };
    };
  },
});

function named({ organization_id: id, roles }: Place): string {
  return `${roles === undefined ? 'anybody' : roles.join(' or ')} of ${id}`;
}
