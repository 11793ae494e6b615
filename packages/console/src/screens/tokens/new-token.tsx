/** Create a new personal access token: name, expiration, API, permissions; then it is shown, this once. */
import { type FormEvent, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { CreatedPersonalAccessToken, PersonalAccessTokenOption } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { SelectField, TextField } from '../../parts/field.tsx';
import { FormFoot } from '../../parts/form-foot.tsx';
import { useNow } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { screen } from '../../shell/address.ts';
import { useDraft } from '../../shell/draft.ts';
import { useOrganizations } from '../../shell/organizations.ts';
import { useSession } from '../../shell/session.ts';
import { endOf, type Expiration, ExpirationField } from './expiration.tsx';
import { PermissionField } from './permission-field.tsx';
import { TokenShown } from './token-shown.tsx';

export function NewToken() {
  const asked = useAsk('GET /account/v1/personal-access-token-options', {});
  const there = usePlace();
  return (
    <>
      <PageHeader
        title="Create a new personal access token"
        above={<Link to="/">Personal access tokens</Link>}
        lead="It can do no more than you, and no more than you tick here."
        command="pat create --name deploy-ci"
      />
      <Asked what="the APIs" asked={asked}>
        {({ items }) => (
          <TokenForm
            key={there.organizationId}
            options={items.filter((option) => option.may_create && there.reaches(option))}
            organizationId={there.organizationId}
          />
        )}
      </Asked>
    </>
  );
}

interface Place {
  /** Undefined: the one that is usual for the API. */
  readonly organizationId: string | undefined;
  readonly reaches: (option: PersonalAccessTokenOption) => boolean;
}

/** A token of an organization is for its own APIs, and for those of all: their tokens are usually personal. */
function usePlace(): Place {
  const { chosen } = useOrganizations();
  const personal = useSession()?.person.organization_id;
  if (chosen === undefined || (chosen.role === undefined && chosen.id !== personal)) {
    return { organizationId: undefined, reaches: () => true };
  }
  const near = [chosen.id, personal];
  return { organizationId: chosen.id, reaches: ({ organization_id: usual }) => near.includes(usual) };
}

interface TokenFormProps {
  readonly options: readonly PersonalAccessTokenOption[];
  readonly organizationId: string | undefined;
}

interface Draft {
  readonly name: string;
  readonly description: string;
  /** Empty: the first that is offered. */
  readonly resource: string;
  readonly expiration: Expiration;
  readonly scopes: readonly string[];
}

const EMPTY: Draft = { name: '', description: '', resource: '', expiration: { days: 7 }, scopes: [] };

function TokenForm({ options, organizationId }: TokenFormProps) {
  const [draft, setDraft] = useDraft('new-token', EMPTY);
  const set = (members: Partial<Draft>): void => setDraft({ ...draft, ...members });
  const { name, description, expiration, scopes } = draft;
  const [created, setCreated] = useState<CreatedPersonalAccessToken>();
  const now = useNow(60_000);
  const [, go] = useLocation();
  const create = useTell('POST /account/v1/personal-access-tokens');
  const option = options.find((each) => each.resource === draft.resource) ?? options[0];
  if (option === undefined) {
    return (
      <EmptyState text="There is no API that you may make tokens for. Whoever runs this server registers APIs, and decides who makes tokens." />
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate(
      {
        body: {
          name,
          ...(description !== '' && { description }),
          resource: option.resource,
          ...(organizationId !== undefined && { organization_id: organizationId }),
          scopes,
          ...endOf(expiration, Date.now()),
        },
      },
      { onSuccess: setCreated },
    );
  };
  const problem = create.error;
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label="Name"
        hint="What will use it, such as deploy-ci."
        required
        maxLength={100}
        autoComplete="off"
        value={name}
        onText={(text) => set({ name: text })}
        wrong={problem?.of('name')}
      />
      <TextField
        label="Description (optional)"
        maxLength={500}
        autoComplete="off"
        value={description}
        onText={(text) => set({ description: text })}
        wrong={problem?.of('description')}
      />
      <ExpirationField
        value={expiration}
        onChange={(chosen) => set({ expiration: chosen })}
        maxLifetimeSeconds={option.max_lifetime}
        allowNever={option.allow_never_expiring}
        now={now}
      />
      <SelectField
        label="API"
        value={option.resource}
        choices={options.map((each) => ({ value: each.resource, text: `${each.name} · ${each.resource}` }))}
        onChoice={(value) => set({ resource: value, scopes: [] })}
        wrong={problem?.of('resource')}
      />
      <PermissionField
        scopes={option.scopes}
        chosen={scopes}
        onChange={(chosen) => set({ scopes: chosen })}
        allowAll={option.allow_full_scope}
        wrong={problem?.of('scopes')}
      />
      {option.approval_required && (
        <p className="note small">
          Somebody in your organization has to approve it first. Until then it is refused.
        </p>
      )}
      <FormFoot verb="Create the token" problem={problem} busy={create.isPending} cancel="/" />
      {created !== undefined && <TokenShown token={created} onDone={() => go(screen('/settings/tokens'))} />}
    </form>
  );
}
