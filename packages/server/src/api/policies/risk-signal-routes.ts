/** `/admin/v1/users/{id}/risk-signals`: what others know of a person's account, pushed here by operators' programs. */
import type { Random } from '@tessera/tokens';
import { RISK_LEVELS, type RiskSignal } from '../../domain/policy.ts';
import { requestContext } from '../../http/app.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RiskSignals } from '../../ports/policies.ts';
import type { Users } from '../../ports/users.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Static, Type } from '../../schema/type.ts';
import { type Api, caller } from '../api.ts';
import { Identifier, IdParameter, newIdentifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import { Seconds, toSeconds } from '../seconds.ts';

export interface RiskSignalRouteDependencies {
  readonly riskSignals: RiskSignals;
  readonly users: Pick<Users, 'find'>;
  readonly clock: Clock;
  readonly random: Random;
}

const Level = Type.Enum([...RISK_LEVELS]);
const Reason = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\x00-\\x1f\\x7f]*$' });

const NewRiskSignal = Type.Object(
  {
    level: Level,
    reason: Type.Optional(Reason),
    expires_in: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 31_536_000,
        description: 'Seconds it counts for; a day unless given',
      }),
    ),
  },
  { additionalProperties: false, title: 'NewRiskSignal' },
);

const RiskSignalSchema = Type.Object(
  {
    id: Identifier,
    level: Level,
    reason: Type.Optional(Type.String()),
    created_by: Type.String(),
    created_at: Seconds('When it was pushed'),
    expires_at: Seconds('When it counts no more'),
  },
  { title: 'RiskSignal' },
);

const RiskSignalList = Type.Object({ items: Type.Array(RiskSignalSchema) }, { title: 'RiskSignals' });

const SignalParameters = Type.Object({ id: Identifier, signal: Identifier });

const DAY_SECONDS = 86_400;

export function registerRiskSignalRoutes(api: Api, dependencies: RiskSignalRouteDependencies): void {
  registerReading(api, dependencies);
  registerRaising(api, dependencies);
  registerClearing(api, dependencies);
}

function registerReading(api: Api, { riskSignals, users, clock }: RiskSignalRouteDependencies): void {
  const list = operation({
    operationId: 'listRiskSignals',
    summary: 'List what is known of the risk of a person',
    tag: 'policies',
    answers: { 200: { description: 'Signals that have not expired, newest first', schema: RiskSignalList } },
    problems: ['not_found'],
  });
  api.get('/users/:id/risk-signals', { schema: { ...list, params: IdParameter } }, async (request) => {
    const { id } = request.params;
    if ((await users.find(id)) === undefined) throw new Problem('not_found', 'No user has this id');
    return { items: (await riskSignals.ofUser(id, clock())).map(toSignalWire) };
  });
}

function registerRaising(api: Api, { riskSignals, clock, random }: RiskSignalRouteDependencies): void {
  const raise = operation({
    operationId: 'raiseRisk',
    summary: 'Tell that the account of a person is at risk',
    description:
      'Their access tokens end at once; refresh tokens stay, and the next tokens are judged by the policies that look at the risk.',
    tag: 'policies',
    answers: { 201: { description: 'The signal', schema: RiskSignalSchema } },
    problems: ['not_found'],
  });
  const schema = { ...raise, params: IdParameter, body: NewRiskSignal };
  api.post('/users/:id/risk-signals', { schema }, async (request, reply) => {
    const { level, reason, expires_in: seconds = DAY_SECONDS } = request.body;
    const context = requestContext(request, clock);
    const { at } = context;
    const { id: userId } = request.params;
    const signal: RiskSignal = {
      id: newIdentifier('rsk', random),
      userId,
      level,
      ...(reason !== undefined && { reason }),
      createdBy: caller(request).id,
      createdAt: at,
      expiresAt: at + seconds * 1000,
    };
    const detail = { signal: signal.id, level };
    const event = {
      type: 'risk.raised',
      outcome: 'success',
      actor: signal.createdBy,
      userId,
      detail,
    } as const;
    const isRaised = await riskSignals.raise(signal, auditEvent(context, event, random));
    if (!isRaised) throw new Problem('not_found', 'No user has this id');
    return reply.code(201).send(toSignalWire(signal));
  });
}

function registerClearing(api: Api, { riskSignals, clock, random }: RiskSignalRouteDependencies): void {
  const clear = operation({
    operationId: 'clearRisk',
    summary: 'Take a signal back',
    tag: 'policies',
    answers: { 204: { description: 'It counts no more', schema: null } },
    problems: ['not_found'],
  });
  const schema = { ...clear, params: SignalParameters };
  api.delete('/users/:id/risk-signals/:signal', { schema }, async (request, reply) => {
    const { id: userId, signal } = request.params;
    const event = {
      type: 'risk.cleared',
      outcome: 'success',
      actor: caller(request).id,
      userId,
      detail: { signal },
    } as const;
    const audit = auditEvent(requestContext(request, clock), event, random);
    if (!(await riskSignals.clear(userId, signal, audit))) {
      throw new Problem('not_found', 'The person has no such signal');
    }
    return reply.code(204).send(null);
  });
}

function toSignalWire(signal: RiskSignal): Static<typeof RiskSignalSchema> {
  return {
    id: signal.id,
    level: signal.level,
    ...(signal.reason !== undefined && { reason: signal.reason }),
    created_by: signal.createdBy,
    created_at: toSeconds(signal.createdAt),
    expires_at: toSeconds(signal.expiresAt),
  };
}
