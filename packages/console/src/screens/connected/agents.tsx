/** Agents: apps that act for their owner, with a purpose, permissions and a date on which they are asked about again. */
import { useState } from 'react';
import type { Agent } from '../../api/described.ts';
import { useList, useTell } from '../../api/use-api.ts';
import { ConfirmTell } from '../../parts/confirm-tell.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ListView } from '../../parts/list-view.tsx';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';

export function Agents() {
  const list = useList('GET /account/v1/agents', {});
  const [stopping, setStopping] = useState<Agent>();
  const resume = useTell('POST /account/v1/agents/{id}/resume');
  const confirm = useTell('POST /account/v1/agents/{id}/confirm');
  return (
    <>
      <ListView
        label="agents"
        list={list}
        keyOf={(agent) => agent.client_id}
        empty={
          <EmptyState text="No agent acts for you. An agent is an app of your own with a purpose and few permissions, which you can stop at any time.">
            <code>tessera agent create</code>
          </EmptyState>
        }
        columns={[
          {
            name: 'Agent',
            cell: (agent) => (
              <>
                {agent.client_name} <span className="small muted beside-name">{agent.purpose}</span>
              </>
            ),
          },
          { name: 'State', cell: (agent) => <AgentState agent={agent} /> },
          { name: 'May', cell: (agent) => <AgentPermissions agent={agent} /> },
          { name: 'Asked about again', cell: (agent) => <Moment at={agent.review_at} /> },
          {
            name: 'Actions',
            quiet: true,
            cell: (agent) => {
              const of = <span className="hidden"> {agent.client_name}</span>;
              const path = { id: agent.client_id };
              if (agent.status === 'stopped') {
                return (
                  <button type="button" className="plain" onClick={() => resume.mutate({ path })}>
                    Resume{of}
                  </button>
                );
              }
              return (
                <>
                  {agent.status === 'due' && (
                    <button
                      type="button"
                      className="plain"
                      onClick={() => confirm.mutate({ path, body: {} })}
                    >
                      Confirm{of}
                    </button>
                  )}
                  <button type="button" className="plain" onClick={() => setStopping(agent)}>
                    Stop{of}
                  </button>
                </>
              );
            },
          },
        ]}
      />
      {stopping !== undefined && <Stop agent={stopping} onClose={() => setStopping(undefined)} />}
    </>
  );
}

function AgentState({ agent: { status } }: { readonly agent: Agent }) {
  if (status === 'active') return <StateMark state="live" />;
  return status === 'due' ? (
    <StateMark state="waiting" word="confirm it" />
  ) : (
    <StateMark state="revoked" word="stopped" />
  );
}

function AgentPermissions({ agent }: { readonly agent: Agent }) {
  return (
    <ul className="plain-list">
      {agent.permissions.flatMap(({ resource, resource_name: api, scopes }) =>
        scopes.map(({ name, description }) => (
          <li key={`${resource} ${name}`}>
            {description} <span className="muted">· {api}</span>
          </li>
        )),
      )}
    </ul>
  );
}

function Stop({ agent, onClose }: { readonly agent: Agent; readonly onClose: () => void }) {
  const stop = useTell('POST /account/v1/agents/{id}/stop');
  return (
    <ConfirmTell
      title={`Stop ${agent.client_name}?`}
      verb="Stop"
      tell={stop}
      given={{ path: { id: agent.client_id } }}
      onClose={onClose}
    >
      <p>Its tokens are refused from now on, and it gets no others until you resume it.</p>
    </ConfirmTell>
  );
}
