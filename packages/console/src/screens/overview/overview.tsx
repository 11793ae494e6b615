/** Overview: what was issued, verified and refused in the last day, why, and what waits for somebody. */
import { Link } from 'wouter';
import type { Overview as OverviewAnswer } from '../../api/described.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { Bars } from '../../parts/bars.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { screen } from '../../shell/address.ts';
import { useOwned } from '../../shell/organizations.ts';

const EVERY_MS = 5000;

export default function Overview() {
  const asked = useAsk('GET /admin/v1/overview', { query: useOwned() }, { every: EVERY_MS });
  return (
    <>
      <PageHeader
        title="Overview"
        lead="The last 24 hours. Tokens that APIs check by themselves are not counted as verified here."
        command="audit list"
      />
      <Asked what="the last 24 hours" asked={asked}>
        {(overview) => <Figures overview={overview} />}
      </Asked>
    </>
  );
}

function Figures({ overview }: { readonly overview: OverviewAnswer }) {
  const { times, per, totals, needs_you: needs } = overview;
  const quiet = totals.issued === 0 && totals.verified === 0 && totals.refused === 0;
  return (
    <>
      {quiet ? (
        <EmptyState text="No tokens yet. Register an app; the first token takes a minute.">
          <Link to={screen('/apps/new')} className="button">
            Register an app
          </Link>
        </EmptyState>
      ) : (
        <div className="figures">
          <Bars what="issued" per={per} counts={times.map(({ issued }) => issued)} />
          <Bars what="verified" per={per} counts={times.map(({ verified }) => verified)} />
          <Bars what="refused" per={per} counts={times.map(({ refused }) => refused)} />
        </div>
      )}
      <section className="section">
        <h2>Needs you</h2>
        {needs.length === 0 ? (
          <p className="muted">Nothing waits for you.</p>
        ) : (
          <ul className="plain-list">
            {needs.map((need) => (
              <li key={`${need.kind} ${need.id}`}>
                <Need need={need} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="section">
        <h2>Why refused</h2>
        <Reasons reasons={overview.refusal_reasons} />
      </section>
    </>
  );
}

type NeedOf = OverviewAnswer['needs_you'][number];

const NEEDS: Readonly<Record<NeedOf['kind'], { to: (id: string) => string; text: string }>> = {
  key_due: { to: () => '/keys', text: 'A signing key is due for a successor' },
  token_pending: { to: () => '/issued/awaiting', text: 'A personal access token awaits approval' },
  registration: { to: (id) => `/apps/${encodeURIComponent(id)}`, text: 'An app registered itself' },
};

function Need({ need: { kind, id, at } }: { readonly need: NeedOf }) {
  const { to, text } = NEEDS[kind];
  return (
    <>
      <Link to={screen(to(id))}>{text}</Link>, <Moment at={at} />. <code className="small muted">{id}</code>
    </>
  );
}

function Reasons({ reasons }: { readonly reasons: OverviewAnswer['refusal_reasons'] }) {
  if (reasons.length === 0) return <p className="muted">Nothing was refused.</p>;
  return (
    <ol className="reasons">
      {reasons.map(({ reason, count, percent }) => (
        <li key={reason}>
          <Link to={screen(`/activity/refused?reason=${encodeURIComponent(reason)}`)}>
            <code>{reason}</code>
          </Link>
          <meter min={0} max={100} value={percent} aria-label={`${reason}: ${percent} percent`} />
          <span className="numeric">
            {percent} % · {count}
          </span>
        </li>
      ))}
    </ol>
  );
}
