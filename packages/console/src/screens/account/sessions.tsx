/** Where one is signed in, and the way to end that. */
import type { Session } from '../../api/described.ts';
import { useAsk, useTell } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Moment } from '../../parts/moment.tsx';
import { ProblemBox } from '../../parts/problem-box.tsx';
import { browserOf } from './browser-name.ts';

export function Sessions() {
  return (
    <Asked what="sessions" asked={useAsk('GET /account/v1/sessions', {})}>
      {({ items }) => <SessionTable sessions={items} />}
    </Asked>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly Session[] }) {
  const end = useTell('DELETE /account/v1/sessions/{id}');
  const endOthers = useTell('DELETE /account/v1/sessions');
  const problem = end.error ?? endOthers.error;
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} />}
      <DataTable
        label="Sessions"
        rows={sessions}
        keyOf={(session) => session.id}
        columns={[
          { name: 'Browser', cell: (session) => <Where session={session} /> },
          { name: 'From', cell: ({ address }) => address ?? 'unknown' },
          { name: 'Signed in', cell: (session) => <Moment at={session.signed_in_at} /> },
          { name: 'Last seen', cell: (session) => <Moment at={session.last_seen_at} /> },
          { name: 'Ends if unused', cell: (session) => <Moment at={session.ends_at} /> },
          { name: 'Ends at the latest', cell: (session) => <Moment at={session.latest_end_at} /> },
          {
            name: 'Actions',
            quiet: true,
            cell: (session) =>
              session.current ? null : (
                <button
                  type="button"
                  className="plain"
                  disabled={end.isPending}
                  onClick={() => end.mutate({ path: { id: session.id } })}
                >
                  Sign out<span className="hidden"> {browserOf(session.user_agent)}</span>
                </button>
              ),
          },
        ]}
      />
      {sessions.length > 1 && (
        <p className="more">
          <button
            type="button"
            className="quiet"
            disabled={endOthers.isPending}
            onClick={() => endOthers.mutate({})}
          >
            Sign out everywhere else
          </button>
        </p>
      )}
    </>
  );
}

function Where({ session }: { readonly session: Session }) {
  return (
    <>
      {browserOf(session.user_agent)}
      {session.current && <span className="badge">this one</span>}
    </>
  );
}
