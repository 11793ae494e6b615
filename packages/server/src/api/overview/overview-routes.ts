/** `/admin/v1/overview` and `/admin/v1/clients/{id}/usage`: what was going on in the last 24 hours. */
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PersonalAccessTokens } from '../../ports/personal-access-tokens.ts';
import type { Refusals } from '../../ports/refusals.ts';
import type { Usage } from '../../ports/usage.ts';
import { Type } from '../../schema/type.ts';
import type { Api } from '../api.ts';
import { callerIsOperator, ownedBy, seen } from '../authority-of-caller.ts';
import { Identifier, IdParameter } from '../identifier.ts';
import type { KeyAdministration } from '../keys/key-routes.ts';
import { operation } from '../operation.ts';
import { RefusalSchema, toRefusalWire } from '../refusals/refusal-routes.ts';
import { Seconds } from '../seconds.ts';
import { needsYou } from './needs-you.ts';
import { usageMembers, usageOf } from './usage-wire.ts';

export interface OverviewRouteDependencies {
  readonly usage: Pick<Usage, 'counts' | 'reasons' | 'registrations'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly refusals: Pick<Refusals, 'list'>;
  readonly keys: Pick<KeyAdministration, 'list'>;
  readonly personalAccessTokens: Pick<PersonalAccessTokens, 'list'>;
  readonly clock: Clock;
}

const LAST_REFUSALS = 5;

const OverviewSchema = Type.Object(
  {
    ...usageMembers,
    needs_you: Type.Array(
      Type.Object({
        kind: Type.Enum(['key_due', 'registration', 'token_pending']),
        id: Type.String({ description: 'Of the key, the client or the token' }),
        at: Seconds('Since when'),
      }),
      { description: 'What waits for somebody; newest first of each kind' },
    ),
  },
  { title: 'Overview' },
);

const ClientUsageSchema = Type.Object(
  { ...usageMembers, last_refusals: Type.Array(RefusalSchema, { description: 'The newest, at most five' }) },
  { title: 'ClientUsage' },
);

const OverviewQuery = Type.Object(
  {
    per: Type.Optional(Type.Enum(['minute', 'hour'])),
    organization_id: Type.Optional(Identifier),
  },
  { additionalProperties: false },
);

export function registerOverviewRoutes(api: Api, dependencies: OverviewRouteDependencies): void {
  const { usage, clients, refusals, clock } = dependencies;
  const overview = operation({
    operationId: 'getOverview',
    summary: 'Show the last 24 hours',
    description:
      'Figures are a few seconds old. Operators see everything, others what their organizations own.',
    tag: 'overview',
    asks: ['refusal.read', 'personal_access_token.manage'],
    answers: { 200: { description: 'The figures, and what waits for somebody', schema: OverviewSchema } },
  });
  api.get('/overview', { schema: { ...overview, querystring: OverviewQuery } }, async (request) => {
    const { per = 'hour', organization_id } = request.query;
    const owned = ownedBy(request, 'refusal.read', organization_id);
    const { organizationIds: deciders } = ownedBy(request, 'personal_access_token.manage', organization_id);
    const [figures, waiting] = await Promise.all([
      usageOf(usage, owned, per, clock()),
      needsYou(dependencies, { owned, deciders, isOperator: callerIsOperator(request) }),
    ]);
    return { ...figures, needs_you: [...waiting] };
  });

  const usageOfClient = operation({
    operationId: 'getClientUsage',
    summary: 'Show how an app was used in the last 24 hours',
    tag: 'clients',
    asks: ['client.read', 'refusal.read'],
    answers: { 200: { description: 'The figures, and what was refused last', schema: ClientUsageSchema } },
    problems: ['not_found'],
  });
  api.get('/clients/:id/usage', { schema: { ...usageOfClient, params: IdParameter } }, async (request) => {
    const found = await clients.find(request.params.id);
    const client = seen(request, 'client.read', found, 'No client has this id');
    const owned = ownedBy(request, 'refusal.read');
    const [figures, refused] = await Promise.all([
      usageOf(usage, { clientId: client.id }, 'hour', clock()),
      refusals.list({ ...owned, clientId: client.id }, { limit: LAST_REFUSALS }),
    ]);
    return { ...figures, last_refusals: refused.items.map(toRefusalWire) };
  });
}
