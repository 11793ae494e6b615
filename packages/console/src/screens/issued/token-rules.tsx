/** Token rules: what an organization allows of personal access tokens. */
import { type FormEvent, useState } from 'react';
import type { Member, Organization, TokenRules as Rules } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { CheckBox, SelectField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ChooseOrganization } from '../../shell/choose-organization.tsx';
import { useTeams } from '../../shell/organizations.ts';

const DAY_SECONDS = 86_400;
const LONGEST_DAYS = 366;

export function TokenRules() {
  const { team } = useTeams();
  return team === undefined ? <ChooseOrganization /> : <RulesOf key={team.id} organization={team} />;
}

function RulesOf({ organization }: { readonly organization: Organization }) {
  const path = { id: organization.id };
  const rules = useAsk('GET /admin/v1/organizations/{id}/token-rules', { path });
  const members = useAsk('GET /admin/v1/organizations/{id}/members', { path, query: { limit: 200 } });
  return (
    <>
      <p className="page-lead muted">
        What {organization.name} allows of personal access tokens: of those made in it, and of those for its
        APIs. A token that breaks a rule is refused from now on, however old it is.
      </p>
      <div className="section-foot">
        <Asked what="the token rules" asked={rules}>
          {(found) => (
            <Asked what="the members" asked={members}>
              {({ items }) => <RulesForm organization={organization} rules={found} members={items} />}
            </Asked>
          )}
        </Asked>
      </div>
    </>
  );
}

const CREATORS: readonly { readonly value: Rules['who_may_create']; readonly text: string }[] = [
  { value: 'everyone', text: 'Everybody, of APIs that are open to all' },
  { value: 'developers', text: 'Developers, admins and owners' },
  { value: 'admins', text: 'Admins and owners' },
  { value: 'nobody', text: 'Nobody' },
];

interface RulesFormProps {
  readonly organization: Organization;
  readonly rules: Rules;
  readonly members: readonly Member[];
}

function RulesForm({ organization, rules, members }: RulesFormProps) {
  const [wanted, setWanted] = useState(rules);
  const change = useTell('PATCH /admin/v1/organizations/{id}/token-rules');
  const isFixed = !organization.may.includes('token_rules.manage');
  const set = (members_: Partial<Rules>): void => {
    change.reset();
    setWanted((before) => ({ ...before, ...members_ }));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { organization_id: _, updated_at: __, ...body } = wanted;
    change.mutate({ path: { id: organization.id }, body });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label="Longest life, in days"
        type="number"
        required
        min={60 / DAY_SECONDS}
        max={LONGEST_DAYS}
        step="any"
        disabled={isFixed}
        value={String(Number((wanted.max_lifetime / DAY_SECONDS).toFixed(4)))}
        onText={(days) => set({ max_lifetime: Math.round(Number(days) * DAY_SECONDS) })}
        wrong={change.error?.of('max_lifetime')}
      />
      <SelectField
        label="Who may make them"
        value={wanted.who_may_create}
        choices={CREATORS}
        disabled={isFixed}
        onChoice={(choice) =>
          set({
            who_may_create: CREATORS.find(({ value }) => value === choice)?.value ?? wanted.who_may_create,
          })
        }
      />
      <Switches rules={wanted} isFixed={isFixed} onChange={set} />
      <Exempt rules={wanted} members={members} isFixed={isFixed} onChange={set} />
      {rules.updated_at !== undefined && (
        <p className="small muted">
          Changed <Moment at={rules.updated_at} />.
        </p>
      )}
      {isFixed ? (
        <p className="note small">Admins and owners of the organization change them.</p>
      ) : (
        <FormFoot
          verb="Save the rules"
          problem={change.error}
          busy={change.isPending}
          said={change.isSuccess && 'Saved.'}
        />
      )}
    </form>
  );
}

interface PartProps {
  readonly rules: Rules;
  readonly isFixed: boolean;
  readonly onChange: (members: Partial<Rules>) => void;
}

const SWITCHES = [
  {
    member: 'approval_required',
    text: 'Each waits for approval',
    hint: 'Admins and owners get a mail, and decide under Awaiting approval.',
  },
  {
    member: 'allow_never_expiring',
    text: 'They may live forever',
    hint: 'A token without an end works until somebody revokes it.',
  },
  { member: 'allow_full_scope', text: 'They may have every permission of an API at once' },
] as const;

function Switches({ rules, isFixed, onChange }: PartProps) {
  return (
    <fieldset>
      <legend>What they may be</legend>
      <div className="options">
        {SWITCHES.map(({ member, ...shown }) => (
          <CheckBox
            key={member}
            {...shown}
            checked={rules[member]}
            disabled={isFixed}
            onCheck={(on) => onChange({ [member]: on })}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** Who is exempt and no member is kept; only an id is known of them. */
function Exempt({ rules, members, isFixed, onChange }: PartProps & Pick<RulesFormProps, 'members'>) {
  const exempt = rules.exempt_user_ids;
  const known = members.map(({ user_id: id, display_name: name, email }) => ({ id, name, email }));
  const others = exempt.filter((id) => known.every((member) => member.id !== id));
  const people = [...known, ...others.map((id) => ({ id, name: id, email: 'no member' }))];
  if (people.length === 0) return null;
  return (
    <details>
      <summary>
        {exempt.length === 0
          ? 'They apply to everybody'
          : `They do not apply to ${exempt.length} ${exempt.length === 1 ? 'person' : 'people'}`}
      </summary>
      <fieldset className="section-foot">
        <legend>None of it applies to</legend>
        <div className="options">
          {people.map(({ id, name, email }) => (
            <CheckBox
              key={id}
              text={name}
              hint={email}
              checked={exempt.includes(id)}
              disabled={isFixed}
              onCheck={(on) =>
                onChange({ exempt_user_ids: on ? [...exempt, id] : exempt.filter((each) => each !== id) })
              }
            />
          ))}
        </div>
      </fieldset>
    </details>
  );
}
