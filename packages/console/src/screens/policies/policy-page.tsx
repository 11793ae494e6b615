/** One access policy: what it says, and everything that it said before. */
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Policy } from '../../api/described.ts';
import { useAsk, useList, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { screen } from '../../shell/address.ts';
import { NotHere } from '../../shell/not-here.tsx';
import { useMay } from '../../shell/organizations.ts';
import { conditionsText } from './condition-rows.ts';
import { PolicyForm } from './policy-form.tsx';
import { ModeMark, outcomeText } from './policy-words.tsx';

export function PolicyPage({ id }: { readonly id: string }) {
  const asked = useAsk('GET /admin/v1/policies/{id}', { path: { id } });
  return (
    <Asked what="the policy" asked={asked} absent={<NotHere />}>
      {(policy) => <Shown policy={policy} />}
    </Asked>
  );
}

function Shown({ policy }: { readonly policy: Policy }) {
  const [deleting, setDeleting] = useState(false);
  const change = useTell('PATCH /admin/v1/policies/{id}');
  const isFixed = !useMay('policy.manage');
  const path = { id: policy.id };
  return (
    <>
      <PageHeader
        title={policy.name}
        above={<Link to={screen('/policies')}>Access policies</Link>}
        command={`policy get ${policy.id}`}
      />
      <p>
        <ModeMark mode={policy.mode} />{' '}
        {policy.server_wide ? 'for every token of this server' : 'for the apps and APIs of its organization'}
      </p>
      <div className="section">
        <PolicyForm
          // What was saved is what the form begins with.
          key={policy.version}
          policy={policy}
          verb="Save"
          isFixed={isFixed}
          problem={change.error}
          busy={change.isPending}
          said={change.isSuccess && 'Saved.'}
          onSave={(body) => change.mutate({ path, body })}
        >
          <button type="button" className="quiet" onClick={() => setDeleting(true)}>
            Delete this policy
          </button>
        </PolicyForm>
      </div>
      <History id={policy.id} />
      {deleting && <DeletePolicy policy={policy} onClose={() => setDeleting(false)} />}
    </>
  );
}

function History({ id }: { readonly id: string }) {
  const list = useList('GET /admin/v1/policies/{id}/history', { path: { id } });
  return (
    <section className="section">
      <h2>History</h2>
      <ListView
        label="versions"
        list={list}
        keyOf={({ version }) => version}
        empty={<EmptyState text="Nothing has changed yet." />}
        columns={[
          { name: 'Version', cell: ({ version, what }) => `${version}, ${what}` },
          { name: 'When', cell: ({ at }) => <Moment at={at} /> },
          { name: 'By', cell: ({ by }) => <code>{by}</code> },
          { name: 'Name', cell: ({ policy }) => policy.name },
          { name: 'Mode', cell: ({ policy }) => <ModeMark mode={policy.mode} /> },
          { name: 'Conditions', cell: ({ policy }) => conditionsText(policy.conditions) },
          { name: 'Then', cell: ({ policy }) => outcomeText(policy.outcome) },
        ]}
      />
    </section>
  );
}

function DeletePolicy({ policy, onClose }: { readonly policy: Policy; readonly onClose: () => void }) {
  const remove = useTell('DELETE /admin/v1/policies/{id}');
  const [, go] = useLocation();
  return (
    <Confirm
      title={`Delete ${policy.name}?`}
      verb="Delete"
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ path: { id: policy.id } }, { onSuccess: () => go('/') })}
    >
      <p>Tokens that it may have concerned are renewed without it. Its history stays.</p>
    </Confirm>
  );
}
