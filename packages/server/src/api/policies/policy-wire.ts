/** An access policy as the admin API takes and shows it. */
import { CONDITIONS } from '../../access/policies/conditions/index.ts';
import { OUTCOMES } from '../../access/policies/outcomes/index.ts';
import { type Policy, POLICY_MODES, type PolicyVersion } from '../../domain/policy.ts';
import { type Static, type TSchema, Type } from '../../schema/type.ts';
import { Identifier } from '../identifier.ts';
import { PageOf } from '../paging.ts';
import { Seconds, toSeconds } from '../seconds.ts';

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\x00-\\x1f\\x7f]*$' });
const Description = Type.String({ maxLength: 1000, pattern: '^[^\\x00-\\x09\\x0b-\\x1f\\x7f]*$' });
const Mode = Type.Enum([...POLICY_MODES], {
  description: 'report_only: what it would do is written to the audit log and not done',
});

/** One member for each condition; all of them have to be met. */
const Conditions = Type.Object(
  Object.fromEntries(CONDITIONS.map(({ name, schema }) => [name, Type.Optional(schema)])),
  {
    additionalProperties: false,
    description: 'All of them have to be met; without any the policy always applies',
  },
);
const Outcome = Type.Union(
  OUTCOMES.map(({ schema }) => schema),
  { description: 'What happens where they are met' },
);
/** As stored: what this program does not know is shown, too. */
const AnyMembers = Type.Record(Type.String(), Type.Unknown());

export const NewPolicy = Type.Object(
  {
    name: Name,
    description: Type.Optional(Description),
    organization_id: Type.Optional(Identifier),
    server_wide: Type.Optional(
      Type.Boolean({
        description: 'For every token of this server; by operators only. Else for those of the organization',
      }),
    ),
    mode: Type.Optional(Mode),
    conditions: Type.Optional(Conditions as TSchema as typeof AnyMembers),
    outcome: Outcome as TSchema as typeof AnyMembers,
  },
  { additionalProperties: false, title: 'NewPolicy' },
);

export const PolicyChanges = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Type.Union([Description, Type.Null()])),
    mode: Type.Optional(Mode),
    conditions: Type.Optional(Conditions as TSchema as typeof AnyMembers),
    outcome: Type.Optional(Outcome as TSchema as typeof AnyMembers),
  },
  { additionalProperties: false, title: 'PolicyChanges' },
);

const members = {
  id: Identifier,
  name: Type.String(),
  description: Type.Optional(Type.String()),
  organization_id: Type.String(),
  server_wide: Type.Boolean(),
  mode: Mode,
  conditions: AnyMembers,
  outcome: AnyMembers,
  version: Type.Integer({ description: 'Counts up with every change' }),
  created_at: Seconds('When it was made'),
  updated_at: Seconds('When it was last changed'),
};

export const PolicySchema = Type.Object(members, { title: 'Policy' });
export const PolicyPage = PageOf(PolicySchema, 'Policies');

const PolicyVersionSchema = Type.Object(
  {
    version: Type.Integer(),
    what: Type.Enum(['created', 'updated', 'deleted']),
    at: Seconds('When'),
    by: Type.String({ description: 'Who did it' }),
    policy: PolicySchema,
  },
  { title: 'PolicyVersion' },
);
export const PolicyHistory = PageOf(PolicyVersionSchema, 'PolicyHistory');

export function toPolicyWire(policy: Policy): Static<typeof PolicySchema> {
  return {
    id: policy.id,
    name: policy.name,
    ...(policy.description !== undefined && { description: policy.description }),
    organization_id: policy.organizationId,
    server_wide: policy.serverWide,
    mode: policy.mode,
    conditions: { ...policy.conditions },
    outcome: { ...policy.outcome },
    version: policy.version,
    created_at: toSeconds(policy.createdAt),
    updated_at: toSeconds(policy.updatedAt),
  };
}

export function toVersionWire({
  version,
  what,
  at,
  actor,
  policy,
}: PolicyVersion): Static<typeof PolicyVersionSchema> {
  return { version, what, at: toSeconds(at), by: actor, policy: toPolicyWire(policy) };
}
