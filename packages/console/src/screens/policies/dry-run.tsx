/** Which policies would apply to a request for a token, and why. Nothing is issued. */
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import type { PolicyAnswer, PolicyQuestion } from '../../api/described.ts';
import { useTell } from '../../api/use-api.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { useOwned, useOwnedFlag } from '../../shell/organizations.ts';

const FIELDS = [
  ['client_id', 'App', 'The id of the app that asks.'],
  ['resource', 'API', 'Its identifier. Empty: the default one.'],
  ['scope', 'Permissions', 'Scopes, with spaces between.'],
  ['user_id', 'Person', 'An id. Empty: the app asks for itself.'],
  ['network', 'Network', 'The address that the request comes from.'],
  ['auth_age', 'Age of the sign-in', 'In seconds. Empty: just now.'],
] as const;

const ACRS = [
  { value: '', text: 'unknown' },
  { value: 'urn:tessera:acr:pwd', text: 'password' },
  { value: 'urn:tessera:acr:mfa', text: 'more than one factor' },
] as const;

const BINDINGS = [
  { value: 'none', text: 'none: a bearer token' },
  { value: 'dpop', text: 'DPoP' },
  { value: 'mtls', text: 'mutual TLS' },
] as const;

type Question = Readonly<Record<string, string>>;

export function DryRun() {
  const [question, setQuestion] = useState<Question>({ acr: '', binding: 'none' });
  const owned = useOwned();
  const ask = useTell('POST /admin/v1/policies/dry-run');
  const set = (name: string) => (value: string) => setQuestion((before) => ({ ...before, [name]: value }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask.mutate({ body: { ...bodyOf(question), ...owned } });
  };
  return (
    <>
      <PageHeader
        title="Try a request"
        above={<Link to="/">Access policies</Link>}
        lead="Say who asks for what, and from where: each policy says whether it would apply, and why. Nothing is issued."
        command={`policy dry-run --client my-app --network 198.51.100.7${useOwnedFlag()}`}
      />
      <form className="form" onSubmit={submit}>
        {FIELDS.map(([name, label, hint]) => (
          <TextField
            key={name}
            label={label}
            hint={hint}
            mono
            autoComplete="off"
            type={name === 'auth_age' ? 'number' : 'text'}
            value={question[name] ?? ''}
            onText={set(name)}
            wrong={ask.error?.of(name)}
          />
        ))}
        <SelectField label="Sign-in" value={question['acr'] ?? ''} choices={ACRS} onChoice={set('acr')} />
        <SelectField
          label="Binding"
          value={question['binding'] ?? 'none'}
          choices={BINDINGS}
          onChoice={set('binding')}
        />
        <FormFoot verb="Ask" problem={ask.error} busy={ask.isPending} />
      </form>
      {ask.data !== undefined && <Answer answer={ask.data} />}
    </>
  );
}

function bodyOf(question: Question): PolicyQuestion {
  const given = Object.entries(question).filter(([, value]) => value !== '');
  const body = given.map(([name, value]) => [name, name === 'auth_age' ? Number(value) : value]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was typed is for the server to judge
  return Object.fromEntries(body) as PolicyQuestion;
}

const DECISIONS = {
  allow: ['live', 'a token is given'],
  block: ['refused', 'no token'],
  step_up: ['waiting', 'a better sign-in is asked for'],
  consent: ['waiting', 'the person is asked again'],
} as const;

const RESULTS = {
  met: ['✓', 'met'],
  not_met: ['○', 'not met'],
  failed: ['✕', 'failed'],
} as const;

function Answer({ answer }: { readonly answer: PolicyAnswer }) {
  const [state, word] = DECISIONS[answer.decision];
  return (
    <section className="section" aria-live="polite">
      <h2>
        <StateMark state={state} word={word} />
      </h2>
      <p className="muted">{limitsOf(answer)}</p>
      {answer.policies.length === 0 && <p>There are no policies.</p>}
      {answer.policies.map((policy) => (
        <section key={policy.id} className="section">
          <h3>
            <Link to={`/${encodeURIComponent(policy.id)}`}>{policy.name}</Link>
          </h3>
          <p>
            {policy.applies ? 'Applies' : 'Does not apply'}: {policy.why}.
            {policy.mode !== 'enforce' && (policy.mode === 'off' ? ' It is off.' : ' It only reports.')}
          </p>
          {policy.conditions.length > 0 && (
            <div className="section-foot">
              <DataTable
                label={`conditions of ${policy.name}`}
                rows={policy.conditions}
                keyOf={({ name }) => name}
                columns={[
                  { name: 'Condition', cell: ({ name }) => <code>{name}</code> },
                  {
                    name: 'Result',
                    cell: ({ result }) => <Result result={result} />,
                  },
                  { name: 'Expected', cell: ({ expected }) => expected },
                  { name: 'Got', cell: ({ got }) => got },
                ]}
              />
            </div>
          )}
        </section>
      ))}
    </section>
  );
}

function Result({ result }: { readonly result: keyof typeof RESULTS }) {
  const [shape, word] = RESULTS[result];
  return (
    <span>
      <span aria-hidden="true">{shape}</span> {word}
    </span>
  );
}

function limitsOf(answer: PolicyAnswer): string {
  const parts = [
    answer.acr_values === undefined ? undefined : `It has to meet ${answer.acr_values.join(' and ')}.`,
    answer.max_age === undefined ? undefined : `It may be ${answer.max_age} s old.`,
    answer.lengthen_to === undefined ? undefined : `The token lives at least ${answer.lengthen_to} s.`,
    answer.shorten_to === undefined ? undefined : `The token lives at most ${answer.shorten_to} s.`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}
