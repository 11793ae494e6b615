/** Activity: what happened, and what was refused. */
import { fixOf } from '@tessera/cli/fixes';
import { useState } from 'react';
import { Redirect, Route, Switch, useSearch } from 'wouter';
import type { AuditEvent } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { SelectField } from '../../parts/field.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useMay, useOwned } from '../../shell/organizations.ts';
import { useSession } from '../../shell/session.ts';

export default function Activity() {
  const readsAudit = useMay('audit.read');
  const tabs = [
    ...(readsAudit ? [{ to: '/', name: 'Audit log' }] : []),
    { to: '/refused', name: 'Refused requests' },
  ];
  return (
    <>
      <PageHeader
        title="Activity"
        lead="What happened, who did it, and what was refused and why. No token or secret stands here."
        command="audit list"
      />
      <Tabs label="Activity" tabs={tabs} />
      <Switch>
        <Route path="/">{readsAudit ? <AuditLog /> : <Redirect to="/refused" replace />}</Route>
        <Route path="/refused">
          <Refused />
        </Route>
      </Switch>
    </>
  );
}

const OUTCOMES = [
  { value: '', text: 'Everything' },
  { value: 'success', text: 'What was done' },
  { value: 'failure', text: 'What failed' },
];

function AuditLog() {
  const [outcome, setOutcome] = useState('');
  const filter = outcome === 'success' || outcome === 'failure' ? ({ outcome } as const) : {};
  const list = useList('GET /admin/v1/audit-events', { query: { ...filter, ...useOwned() } });
  return (
    <>
      <div className="form section-tools">
        <SelectField label="Show" value={outcome} choices={OUTCOMES} onChoice={setOutcome} />
      </div>
      <ListView
        label="events"
        list={list}
        keyOf={(event) => event.id}
        empty={<EmptyState text="Nothing has happened yet that somebody may have to answer for." />}
        columns={[
          { name: 'What', cell: (event) => <code>{event.type}</code> },
          { name: 'When', cell: (event) => <Moment at={event.at} /> },
          { name: 'By', cell: (event) => <code>{event.actor}</code> },
          { name: 'About', cell: (event) => about(event) },
          {
            name: 'Outcome',
            cell: ({ outcome: how, reason }) => (reason === undefined ? how : `${how}: ${reason}`),
          },
          { name: 'From', cell: ({ address }) => address ?? '' },
        ]}
      />
      <Verify />
    </>
  );
}

function about({ subject, client_id: client, resource_id: resource }: AuditEvent) {
  const named = [...new Set([subject, client, resource])].filter((each) => each !== undefined);
  return named.map((each) => (
    <span key={each}>
      <code>{each}</code>{' '}
    </span>
  ));
}

/** The whole log is the operators' to check. */
function Verify() {
  const session = useSession();
  const verify = useTell('POST /admin/v1/audit-events/verify');
  if (session?.person.role !== 'admin') return null;
  return (
    <section className="section">
      <h2>Is it whole?</h2>
      <p className="page-lead muted">
        Events are chained: one that was changed, taken out or put in later is found. To keep it or to look
        through it: <code>tessera audit export --format csv</code>
      </p>
      {verify.error !== null && <ProblemBox problem={verify.error} />}
      <div className="buttons">
        <button
          type="button"
          className="quiet"
          disabled={verify.isPending}
          onClick={() => verify.mutate({ body: {} })}
        >
          Check the audit log
        </button>
        {verify.data !== undefined && (
          <span className="said" role="status">
            {verify.data.intact
              ? `Whole: ${verify.data.events} events, ${verify.data.anchors} anchors.`
              : `Not whole: ${verify.data.findings.map(({ kind, where }) => `${kind} at ${where}`).join('; ')}.`}
          </span>
        )}
      </div>
    </section>
  );
}

function Refused() {
  const list = useList('GET /admin/v1/refusals', { query: useOwned() }, { every: 5000 });
  const reason = new URLSearchParams(useSearch()).get('reason');
  const shown =
    reason === null || list.items === undefined
      ? list
      : { ...list, items: list.items.filter(({ error }) => error === reason) };
  return (
    <ListView
      label="refusals"
      list={shown}
      keyOf={(refusal) => refusal.request_id}
      empty={<EmptyState text="Nothing refused. Calls appear here within a second." />}
      columns={[
        {
          name: 'Refused',
          cell: (refusal) => (
            <code>
              {refusal.status} {refusal.error}
            </code>
          ),
        },
        { name: 'When', cell: (refusal) => <Moment at={refusal.at} /> },
        {
          name: 'Request',
          cell: (refusal) => (
            <code>
              {refusal.method} {refusal.path}
            </code>
          ),
        },
        { name: 'Why', cell: (refusal) => refusal.description },
        { name: 'Fix', cell: (refusal) => fixOf(refusal) },
        { name: 'App', cell: ({ client_id: id }) => (id === undefined ? '' : <code>{id}</code>) },
      ]}
    />
  );
}
