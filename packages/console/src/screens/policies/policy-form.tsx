/** What a policy is made of, as a form: for a new one, and for one that is there. */
import { type FormEvent, type ReactNode, useState } from 'react';
import type { NewPolicy, Policy } from '../../api/described.ts';
import type { ApiProblem } from '../../api/problem.ts';
import { RadioField, SelectField, TextArea, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { ConditionLines } from './condition-lines.tsx';
import { conditionsOf, rowsOf } from './condition-rows.ts';
import { MODES, OUTCOMES, plain } from './policy-words.tsx';

export type PolicyBody = Required<
  Pick<NewPolicy, 'name' | 'mode' | 'conditions' | 'outcome' | 'description'>
>;

export interface PolicyFormProps {
  readonly policy: Pick<Policy, 'name' | 'mode' | 'conditions' | 'outcome' | 'description'>;
  readonly verb: string;
  readonly problem: ApiProblem | null;
  readonly busy: boolean;
  readonly said?: string | false;
  readonly cancel?: string;
  readonly isFixed?: boolean;
  readonly onSave: (body: PolicyBody) => void;
  /** Above the conditions. */
  readonly owner?: ReactNode;
  /** Beside the button. */
  readonly children?: ReactNode;
}

export function PolicyForm({ policy, onSave, owner, children, isFixed = false, ...foot }: PolicyFormProps) {
  const [name, setName] = useState(policy.name);
  const [description, setDescription] = useState(policy.description ?? '');
  const [mode, setMode] = useState(policy.mode);
  const [{ rows, others }, setConditions] = useState(() => rowsOf(policy.conditions));
  const [outcome, setOutcome] = useState(policy.outcome);
  const { problem } = foot;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const body = { name, description, mode, conditions: conditionsOf(rows, others), outcome };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was typed is for the server to judge
    onSave(body as PolicyBody);
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField label="Name" required maxLength={100} autoComplete="off" value={name} onText={setName} />
      <TextArea
        label="What it is for"
        maxLength={1000}
        rows={2}
        value={description}
        onText={setDescription}
      />
      {owner}
      <ConditionLines
        rows={rows}
        wrong={(of) => problem?.of(`conditions/${of}`)}
        onChange={(changed) => setConditions({ rows: changed, others })}
      />
      <Outcome outcome={outcome} onChange={setOutcome} />
      <RadioField label="What becomes of it" value={mode} choices={MODES} onChoice={setMode} />
      {isFixed ? (
        <p className="note small">Admins and owners of the organization change it.</p>
      ) : (
        <FormFoot {...foot}>{children}</FormFoot>
      )}
    </form>
  );
}

function Outcome({
  outcome,
  onChange,
}: {
  readonly outcome: Policy['outcome'];
  readonly onChange: (outcome: Policy['outcome']) => void;
}) {
  const { kind, seconds, acr, max_age: age } = outcome;
  const set = (members: Policy['outcome']): void => {
    const all = Object.entries({ ...outcome, ...members });
    onChange(Object.fromEntries(all.filter(([, value]) => value !== undefined)));
  };
  return (
    <>
      <SelectField
        label="What it does then"
        value={String(kind)}
        choices={OUTCOMES}
        onChoice={(choice) => onChange(START[choice] ?? { kind: choice })}
      />
      {seconds !== undefined && (
        <TextField
          label="Seconds"
          type="number"
          required
          min={1}
          max={86_400}
          value={plain(seconds)}
          onText={(text) => set({ seconds: Number(text) })}
        />
      )}
      {kind === 'step_up' && (
        <>
          <TextField
            label="The sign-in has to meet"
            mono
            autoComplete="off"
            hint="urn:tessera:acr:mfa asks for a second factor. Empty: as it is."
            value={plain(acr)}
            onText={(text) => set({ acr: text === '' ? undefined : text })}
          />
          <TextField
            label="It may be so many seconds old"
            hint="Empty: as old as it is."
            type="number"
            min={60}
            value={plain(age)}
            onText={(text) => set({ max_age: text === '' ? undefined : Number(text) })}
          />
        </>
      )}
    </>
  );
}

const START: Readonly<Record<string, Policy['outcome']>> = {
  shorten_lifetime: { kind: 'shorten_lifetime', seconds: 300 },
  lengthen_lifetime: { kind: 'lengthen_lifetime', seconds: 7200 },
  step_up: { kind: 'step_up', acr: 'urn:tessera:acr:mfa' },
};
