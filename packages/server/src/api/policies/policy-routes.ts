/** `/admin/v1/policies`: access policies, and every version of each. */
import type { Random } from '@tessera/tokens';
import type { FastifyRequest } from 'fastify';
import { decidesAlike, reachOfPolicy } from '../../access/policies/reach.ts';
import type { AuditEventType } from '../../domain/audit-event.ts';
import { DEFAULT_ORGANIZATION_ID } from '../../domain/organization.ts';
import type { Policy, PolicyOutcome, PolicyReach } from '../../domain/policy.ts';
import { requestContext } from '../../http/app.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Organizations } from '../../ports/organizations.ts';
import type { Policies } from '../../ports/policies.ts';
import type { Resources } from '../../ports/resources.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { type Api, caller } from '../api.ts';
import {
  callerIsOperator,
  callerMay,
  ownedBy,
  requireAction,
  requireOperator,
  seen,
} from '../authority-of-caller.ts';
import { IdParameter, newIdentifier } from '../identifier.ts';
import { changeTime, type OneAtATime, requireWritten } from '../one-at-a-time.ts';
import { operation } from '../operation.ts';
import { organizationNamed } from '../owner-named.ts';
import { OwnedQuery, pageRequest, PagingQuery, toPage } from '../paging.ts';
import { Problem } from '../problem.ts';
import {
  NewPolicy,
  PolicyChanges,
  PolicyHistory,
  PolicyPage,
  PolicySchema,
  toPolicyWire,
  toVersionWire,
} from './policy-wire.ts';
import { validatePolicy } from './validate-policy.ts';

export interface PolicyRouteDependencies {
  readonly issuer: string;
  readonly policies: Policies;
  readonly organizations: Pick<Organizations, 'find'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly resources: Pick<Resources, 'findByIdentifier'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly oneAtATime: OneAtATime;
}

const ABSENT = 'No policy has this id';
const MOST_POLICIES = 100;

export function registerPolicyRoutes(api: Api, dependencies: PolicyRouteDependencies): void {
  registerReading(api, dependencies);
  registerHistory(api, dependencies);
  registerCreation(api, dependencies);
  registerChange(api, dependencies);
  registerDeletion(api, dependencies);
}

/** What counts for every organization is the operators' business. */
export function seenPolicy(request: FastifyRequest, found: Policy | undefined): Policy {
  const policy = seen(request, 'policy.read', found, ABSENT);
  if (policy.serverWide && !callerIsOperator(request)) throw new Problem('not_found', ABSENT);
  return policy;
}

async function changeable(request: FastifyRequest, policies: Policies, id: string): Promise<Policy> {
  const policy = seenPolicy(request, await policies.find(id));
  requireAction(request, 'policy.manage', policy);
  return policy;
}

/** Apps that the caller may name. */
function clientsSeen(request: FastifyRequest, clients: Pick<Clients, 'find'>): Pick<Clients, 'find'> {
  return {
    async find(id) {
      const client = await clients.find(id);
      const isSeen = client !== undefined && callerMay(request, 'client.read', client.organizationId);
      return isSeen ? client : undefined;
    },
  };
}

/** It must outlive every organization but the one that is always there. */
function requireServerWide(request: FastifyRequest, organizationId: string): void {
  requireOperator(request);
  if (organizationId === DEFAULT_ORGANIZATION_ID) return;
  const detail = 'must be the default organization, or absent, for a policy that is server_wide';
  throw new Problem('invalid_request', `/organization_id ${detail}`, [
    { pointer: '/organization_id', detail },
  ]);
}

/** Each is judged for every token: one organization must not make those of all others slow. */
async function requireRoom(organizationId: string, policies: Policies): Promise<void> {
  const filter = { organizationIds: [organizationId], withServerWide: true };
  const { items } = await policies.list(filter, { limit: MOST_POLICIES });
  if (items.length < MOST_POLICIES) return;
  throw new Problem('too_many', `An organization has ${MOST_POLICIES} access policies at most`);
}

async function requireValid(
  request: FastifyRequest,
  policy: Policy,
  { issuer, clients, resources }: PolicyRouteDependencies,
): Promise<void> {
  const judges = { issuer, resources, clients: clientsSeen(request, clients) };
  const problems = await validatePolicy(policy, judges);
  if (problems.length === 0) return;
  const told = problems.slice(0, 3).map(({ pointer, detail }) => `${pointer} ${detail}`);
  throw new Problem('invalid_request', told.join('; '), problems.slice(0, 20));
}

function policyEvent(type: AuditEventType, actor: string, { id, name, mode, organizationId }: Policy) {
  const detail = { policy: id, policy_name: name, mode };
  return { type, outcome: 'success', actor, subject: id, organizationId, detail } as const;
}

/** Of a policy that was, and of what it became: the tokens of both are judged anew. */
async function reachOf(
  versions: readonly Policy[],
  { issuer, resources }: Pick<PolicyRouteDependencies, 'issuer' | 'resources'>,
): Promise<readonly PolicyReach[]> {
  const identifiers = versions.flatMap(({ conditions }) => {
    const { any_of: named }: { readonly any_of?: unknown } = conditions['resource'] ?? {};
    return Array.isArray(named) ? named.filter((each) => typeof each === 'string') : [];
  });
  const found = await Promise.all(
    identifiers.map(async (identifier) => {
      const resourceId = (await resources.findByIdentifier(identifier))?.id;
      if (resourceId !== undefined) return [identifier, { resourceId }] as const;
      return [identifier, identifier === issuer ? {} : undefined] as const;
    }),
  );
  const named = new Map(found);
  const all = versions.flatMap((policy) => reachOfPolicy(policy, (identifier) => named.get(identifier)));
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** The schema has seen to it that there is one. */
function outcomeOf(outcome: Readonly<Record<string, unknown>>): PolicyOutcome {
  return { ...outcome, kind: String(outcome['kind']) };
}

function registerReading(api: Api, { policies }: PolicyRouteDependencies): void {
  const list = operation({
    operationId: 'listPolicies',
    summary: 'List access policies',
    tag: 'policies',
    asks: ['policy.read'],
    answers: { 200: { description: 'A page of access policies, newest first', schema: PolicyPage } },
    problems: ['invalid_cursor'],
  });
  api.get('/policies', { schema: { ...list, querystring: OwnedQuery } }, async (request) => {
    const filter = {
      ...ownedBy(request, 'policy.read', request.query.organization_id),
      withServerWide: callerIsOperator(request),
    };
    return toPage(await policies.list(filter, pageRequest(request.query)), toPolicyWire);
  });

  const get = operation({
    operationId: 'getPolicy',
    summary: 'Show an access policy',
    tag: 'policies',
    asks: ['policy.read'],
    answers: { 200: { description: 'The access policy', schema: PolicySchema } },
    problems: ['not_found'],
  });
  api.get('/policies/:id', { schema: { ...get, params: IdParameter } }, async (request) =>
    toPolicyWire(seenPolicy(request, await policies.find(request.params.id))),
  );
}

function registerHistory(api: Api, { policies }: PolicyRouteDependencies): void {
  const history = operation({
    operationId: 'listPolicyVersions',
    summary: 'List every version of an access policy',
    description: 'Also of one that was deleted.',
    tag: 'policies',
    asks: ['policy.read'],
    answers: { 200: { description: 'A page of versions, newest first', schema: PolicyHistory } },
    problems: ['not_found', 'invalid_cursor'],
  });
  const schema = { ...history, params: IdParameter, querystring: PagingQuery };
  api.get('/policies/:id/history', { schema }, async (request) => {
    const { id } = request.params;
    const [newest] = (await policies.history(id, { limit: 1 })).items;
    seenPolicy(request, newest?.policy);
    return toPage(await policies.history(id, pageRequest(request.query)), toVersionWire);
  });
}

function registerCreation(api: Api, dependencies: PolicyRouteDependencies): void {
  const { policies, organizations, clock, random, oneAtATime } = dependencies;
  const create = operation({
    operationId: 'createPolicy',
    summary: 'Make an access policy',
    description:
      'Tokens that it may concern are refused from now on, until they are renewed and judged by it.',
    tag: 'policies',
    asks: ['policy.manage'],
    answers: { 201: { description: 'The new access policy', schema: PolicySchema } },
    problems: ['too_many'],
  });
  api.post('/policies', { schema: { ...create, body: NewPolicy } }, (request, reply) =>
    oneAtATime(async () => {
      const { name, description, organization_id, server_wide: serverWide = false, ...rest } = request.body;
      const owner = await organizationNamed(request, organizations, organization_id, 'policy.manage');
      if (serverWide) requireServerWide(request, owner.id);
      await requireRoom(owner.id, policies);
      const context = requestContext(request, clock);
      const { at } = context;
      const policy: Policy = {
        id: newIdentifier('pol', random),
        organizationId: owner.id,
        serverWide,
        name: name.trim(),
        ...(description !== undefined && { description }),
        mode: rest.mode ?? 'enforce',
        conditions: rest.conditions ?? {},
        outcome: outcomeOf(rest.outcome),
        version: 1,
        createdAt: at,
        updatedAt: at,
        decidesFrom: at,
      };
      await requireValid(request, policy, dependencies);
      const reach = await reachOf([policy], dependencies);
      const event = policyEvent('policy.created', caller(request).id, policy);
      await policies.create(policy, reach, auditEvent(context, event, random));
      const location = `${request.url.split('?', 1)[0]}/${policy.id}`;
      return reply.code(201).header('location', location).send(toPolicyWire(policy));
    }),
  );
}

function registerChange(api: Api, dependencies: PolicyRouteDependencies): void {
  const { policies, clock, random, oneAtATime } = dependencies;
  const update = operation({
    operationId: 'updatePolicy',
    summary: 'Change an access policy',
    description:
      'Members that are given replace what was, each as a whole. Tokens that either version may concern are judged anew.',
    tag: 'policies',
    asks: ['policy.manage'],
    answers: { 200: { description: 'The access policy as it is now', schema: PolicySchema } },
    problems: ['not_found'],
  });
  api.patch('/policies/:id', { schema: { ...update, params: IdParameter, body: PolicyChanges } }, (request) =>
    oneAtATime(async () => {
      const before = await changeable(request, policies, request.params.id);
      const { name, description, mode, conditions, outcome } = request.body;
      const context = requestContext(request, clock);
      const at = changeTime(context.at, before);
      const { description: described, ...rest } = before;
      const text = description === undefined ? described : (description ?? undefined);
      const changed: Policy = {
        ...rest,
        ...(text !== undefined && { description: text }),
        ...(name !== undefined && { name: name.trim() }),
        ...(mode !== undefined && { mode }),
        ...(conditions !== undefined && { conditions }),
        ...(outcome !== undefined && { outcome: outcomeOf(outcome) }),
        version: before.version + 1,
        updatedAt: at,
      };
      const isSame = decidesAlike(before, changed);
      const after = isSame ? changed : { ...changed, decidesFrom: at };
      // What is not changed may name what is gone by now; it can still be switched off.
      const given = {
        ...after,
        conditions: conditions ?? {},
        outcome: outcome === undefined ? { kind: '' } : after.outcome,
      };
      await requireValid(request, given, dependencies);
      const reach = isSame ? [] : await reachOf([before, after], dependencies);
      const event = policyEvent('policy.updated', caller(request).id, after);
      requireWritten(await policies.update(after, reach, auditEvent(context, event, random), before));
      return toPolicyWire(after);
    }),
  );
}

function registerDeletion(api: Api, dependencies: PolicyRouteDependencies): void {
  const { policies, clock, random, oneAtATime } = dependencies;
  const remove = operation({
    operationId: 'deletePolicy',
    summary: 'Delete an access policy',
    description: 'Its history stays. Tokens that it may have concerned are judged anew.',
    tag: 'policies',
    asks: ['policy.manage'],
    answers: { 204: { description: 'Deleted', schema: null } },
    problems: ['not_found'],
  });
  api.delete('/policies/:id', { schema: { ...remove, params: IdParameter } }, (request, reply) =>
    oneAtATime(async () => {
      const policy = await changeable(request, policies, request.params.id);
      const reach = await reachOf([policy], dependencies);
      const event = policyEvent('policy.deleted', caller(request).id, policy);
      const audit = auditEvent(requestContext(request, clock), event, random);
      requireWritten(await policies.delete(policy, reach, audit));
      return reply.code(204).send(null);
    }),
  );
}
