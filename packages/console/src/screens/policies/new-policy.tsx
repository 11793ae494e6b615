/** A new access policy: one that only reports, until somebody has looked at what it would do. */
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTell } from '../../api/use-api.ts';
import { CheckBox } from '../../parts/field.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { OwnerField, ownerFlag, useOwner } from '../../shell/owner-field.tsx';
import { useSession } from '../../shell/session.ts';
import { PolicyForm } from './policy-form.tsx';

const EMPTY = { name: '', mode: 'report_only', conditions: {}, outcome: { kind: 'block' } } as const;

export function NewPolicyForm() {
  const [serverWide, setServerWide] = useState(false);
  const [, go] = useLocation();
  const make = useTell('POST /admin/v1/policies');
  const owning = useOwner('policy.manage');
  const isOperator = useSession()?.person.role === 'admin';
  return (
    <>
      <PageHeader
        title="New policy"
        above={<Link to="/">Access policies</Link>}
        lead="It begins by reporting only: look in Activity at what it would do, then enforce it."
        command={`policy create policy.yaml${serverWide ? ' --server-wide' : ownerFlag(owning)}`}
      />
      <PolicyForm
        policy={EMPTY}
        verb="Make the policy"
        problem={make.error}
        busy={make.isPending}
        cancel="/"
        owner={
          <>
            <OwnerField {...owning} />
            {isOperator && (
              <CheckBox
                text="For every token of this server"
                hint="Else for the tokens of the organization's apps, and for its APIs."
                checked={serverWide}
                onCheck={setServerWide}
              />
            )}
          </>
        }
        onSave={(policy) => {
          const body = {
            ...policy,
            ...(serverWide
              ? { server_wide: true }
              : owning.owner !== undefined && { organization_id: owning.owner.id }),
          };
          make.mutate({ body }, { onSuccess: ({ id }) => go(`/${encodeURIComponent(id)}`) });
        }}
      />
    </>
  );
}
