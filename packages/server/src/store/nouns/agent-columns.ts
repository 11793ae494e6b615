import type { AgentDetails } from '../../domain/agent.ts';
import type { Client } from '../../domain/client.ts';
import { fromJson, toJson } from '../columns.ts';
import { statement, step } from '../statement.ts';
import type { Step } from '../statement.ts';

// The owner of an agent stays its owner.
const keepAgent = statement(
  'agent_keep',
  `INSERT INTO agents (client_id, owner_id, review_at, details) VALUES ($1, $2, $3, $4)
   ON CONFLICT (client_id) DO UPDATE SET review_at = excluded.review_at, details = excluded.details`,
);

/** What makes a client an agent, beside its own row; nothing for the others. A client never stops being an agent. */
export function agentSteps({ id, agent }: Client): readonly Step[] {
  if (agent === undefined) return [];
  const { ownerId, reviewAt, ...details } = agent;
  return [step(keepAgent, id, ownerId, reviewAt, toJson(details))];
}

/** NULL everywhere: no agent. */
export function toAgent(
  ownerId: string | null,
  reviewAt: number | null,
  details: string | null,
): AgentDetails | undefined {
  if (ownerId === null || reviewAt === null || details === null) return undefined;
  return { ...fromJson<Omit<AgentDetails, 'ownerId' | 'reviewAt'>>(details), ownerId, reviewAt };
}
