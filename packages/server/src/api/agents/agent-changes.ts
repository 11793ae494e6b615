/** What is done to an agent, by its owner or an administrator: each change is one write with its audit event. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { requestContext } from '../../http/app.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { caller } from '../api.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import type { Agent } from './agent-wire.ts';

export interface AgentChangeDependencies {
  readonly clients: Pick<Clients, 'find' | 'update'>;
  readonly agents: Pick<Agents, 'endHeld'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

export interface AgentChange {
  readonly type: Extract<AuditEventType, `agent.${string}`>;
  /** @param at milliseconds, later than the last change @throws Problem */
  readonly change: (before: Agent, at: number) => Agent;
  readonly detail?: Readonly<Record<string, string>>;
  /** Whether the agent has less after it. */
  readonly narrows?: (after: Agent, before: Agent) => boolean;
}

/**
 * Reads, changes and writes an agent; where it has less after that, ends what it holds. That comes after the write: see
 * protocol/agent-grants.
 * @param find @throws Problem where there is none for the caller
 */
export function changeAgent(
  request: FastifyRequest,
  find: () => Promise<Agent>,
  { type, change, detail, narrows }: AgentChange,
  { clients, agents, clock, random, oneAtATime }: AgentChangeDependencies,
): Promise<Agent> {
  return oneAtATime(async () => {
    const before = await find();
    const context = requestContext(request, clock);
    const at = changeTime(context.at, before);
    const after = { ...change(before, at), updatedAt: at };
    const event = {
      type,
      outcome: 'success',
      actor: caller(request).id,
      userId: before.agent.ownerId,
      clientId: before.id,
      ...(detail === undefined ? {} : { detail }),
    } as const;
    requireWritten(await clients.update(after, auditEvent(context, event, random), before));
    if (narrows?.(after, before) === true) await agents.endHeld(after.id, clock(), 'agent_stopped');
    return after;
  });
}

/** The stop button: it gets nothing more, and what it holds ends. */
export function stop(by: string): AgentChange {
  return {
    type: 'agent.stopped',
    change: (before, at) => ({
      ...before,
      status: 'disabled',
      agent: {
        ...before.agent,
        stoppedAt: before.agent.stoppedAt ?? at,
        stoppedBy: before.agent.stoppedBy ?? by,
      },
    }),
    narrows: () => true,
  };
}

export const RESUME: AgentChange = {
  type: 'agent.resumed',
  change: (before) => {
    const { stoppedAt: _at, stoppedBy: _by, ...agent } = before.agent;
    return { ...before, status: 'active', agent };
  },
};
