/** `/admin/v1/policies/dry-run`: which policies would apply to a request for a token, and why. Nothing is written. */
import { type PersonFacts, type PolicyFacts, BINDINGS } from '../../access/policies/facts.ts';
import { type Finding, findingOf, isInReach, type Ruling, rulingOf } from '../../access/policies/judge.ts';
import { preparePolicy } from '../../access/policies/prepare.ts';
import type { Client } from '../../domain/client.ts';
import { type Policy, POLICY_MODES, RISK_LEVELS } from '../../domain/policy.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Clients } from '../../ports/clients.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Policies, PolicyFilter } from '../../ports/policies.ts';
import { ACR_VALUES, classesMet } from '../../protocol/acr.ts';
import { type FactSources, withNeeds } from '../../protocol/policies/facts-of.ts';
import { grantableScopes } from '../../protocol/requested-scopes.ts';
import { audienceOf } from '../../protocol/resource-indicators.ts';
import { type Static, Type } from '../../schema/type.ts';
import type { FastifyRequest } from 'fastify';
import type { Api } from '../api.ts';
import { callerIsOperator, callerMay, ownedBy } from '../authority-of-caller.ts';
import { Identifier } from '../identifier.ts';
import { operation } from '../operation.ts';
import { Problem } from '../problem.ts';

export interface DryRunDependencies extends FactSources {
  readonly policies: Pick<Policies, 'list'>;
  readonly clients: Pick<Clients, 'find'>;
  readonly clock: Clock;
}

const Question = Type.Object(
  {
    client_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2048, description: 'The app that asks' }),
    ),
    resource: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2048, description: 'The API; absent: the default one' }),
    ),
    scope: Type.Optional(
      Type.String({
        maxLength: 4000,
        description: 'As in a request, with spaces between; absent: the default ones',
      }),
    ),
    user_id: Type.Optional(Type.String({ maxLength: 100, description: 'Absent: an app asks for itself' })),
    network: Type.Optional(Type.String({ maxLength: 64, description: 'The address of the request' })),
    acr: Type.Optional(Type.Enum([...ACR_VALUES], { description: 'The class that the sign-in meets' })),
    amr: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 20 })),
    auth_age: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 31_536_000,
        description: 'Seconds since the sign-in; 0 unless given',
      }),
    ),
    binding: Type.Optional(Type.Enum([...BINDINGS])),
    risk: Type.Optional(
      Type.Enum(['none', ...RISK_LEVELS], { description: 'Absent: as the signals about the person say' }),
    ),
    organization_id: Type.Optional(Identifier),
  },
  { additionalProperties: false, title: 'PolicyQuestion' },
);

const JudgedCondition = Type.Object({
  name: Type.String(),
  result: Type.Enum(['met', 'not_met', 'failed']),
  expected: Type.String(),
  got: Type.String(),
});

const Answer = Type.Object(
  {
    decision: Type.Enum(['allow', 'block', 'step_up', 'consent'], {
      description: 'What follows from the policies that are enforced',
    }),
    acr_values: Type.Optional(Type.Array(Type.String(), { description: 'What the sign-in has to meet' })),
    max_age: Type.Optional(Type.Integer()),
    shorten_to: Type.Optional(Type.Integer({ description: 'Seconds' })),
    lengthen_to: Type.Optional(Type.Integer({ description: 'Seconds' })),
    policies: Type.Array(
      Type.Object({
        id: Identifier,
        name: Type.String(),
        mode: Type.Enum([...POLICY_MODES]),
        concerns: Type.Boolean({ description: 'Whether it is about such tokens at all, by whose they are' }),
        applies: Type.Boolean({ description: 'Whether every condition is met, or one of them failed' }),
        does: Type.String({ description: 'What it does about this request' }),
        why: Type.String(),
        conditions: Type.Array(JudgedCondition),
      }),
    ),
  },
  { title: 'PolicyAnswer' },
);

const POLICIES_A_PAGE = 200;

export function registerDryRunRoute(api: Api, dependencies: DryRunDependencies): void {
  const { policies } = dependencies;
  const dryRun = operation({
    operationId: 'dryRunPolicies',
    summary: 'Ask which access policies would apply',
    description:
      'Nothing is issued, refused or written. Policies that are off are shown, and decide nothing.',
    tag: 'policies',
    asks: ['policy.read'],
    answers: { 200: { description: 'Each policy, with what it expected and got', schema: Answer } },
  });
  api.post('/policies/dry-run', { schema: { ...dryRun, body: Question } }, async (request) => {
    const { organization_id: named } = request.body;
    if (named !== undefined && !callerMay(request, 'policy.read', named)) {
      throw unknown('/organization_id', 'no organization has this id');
    }
    const filter = {
      ...ownedBy(request, 'policy.read', named),
      withServerWide: callerIsOperator(request),
    };
    const items = await allPolicies(filter, policies);
    const mayAskAbout = (organizationId: string) => callerMay(request, 'client.read', organizationId);
    const facts = await factsOf(request.body, mayAskAbout, dependencies);
    return judgeAll(items.toReversed(), facts, sourcesFor(request, dependencies));
  });
}

/** Newest first. A decision is that of all of them. */
async function allPolicies(
  filter: PolicyFilter,
  policies: DryRunDependencies['policies'],
): Promise<readonly Policy[]> {
  const all: Policy[] = [];
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- each page says where the next begins
    const page = await policies.list(filter, {
      limit: POLICIES_A_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

/** Who is where, and what is known of whom, is told to those who may see it; the others say themselves what to assume. */
function sourcesFor(
  request: FastifyRequest,
  { memberships, riskSignals }: DryRunDependencies,
): Pick<FactSources, 'memberships' | 'riskSignals'> {
  if (callerIsOperator(request)) return { memberships, riskSignals };
  return {
    memberships: {
      ofUser: async (id) =>
        (await memberships.ofUser(id)).filter(({ organizationId }) =>
          callerMay(request, 'member.read', organizationId),
        ),
    },
    riskSignals: { ofUser: () => Promise.resolve([]) },
  };
}

async function judgeAll(
  policies: readonly Policy[],
  given: PolicyFacts,
  sources: Pick<FactSources, 'memberships' | 'riskSignals'>,
): Promise<Static<typeof Answer>> {
  const prepared = policies.map(preparePolicy);
  const known = await withNeeds(given, prepared, sources);
  const { person } = given;
  const facts =
    known.person === undefined || person?.risk === undefined
      ? known
      : { ...known, person: { ...known.person, risk: person.risk } };
  const findings = prepared.map((each) => ({
    concerns: isInReach(each.policy, facts),
    finding: findingOf(each, facts),
  }));
  const deciding = findings.filter(
    ({ concerns, finding }) =>
      concerns && finding.policy.mode !== 'off' && finding.policy.mode !== 'report_only',
  );
  const ruling = rulingOf(deciding.map(({ finding }) => finding));
  return {
    ...rulingWire(ruling),
    policies: findings.map(({ concerns, finding }) => findingWire(finding, concerns)),
  };
}

function rulingWire({ blockedBy, stepUp, consentFor, shorten, lengthen }: Ruling) {
  const decision =
    blockedBy !== undefined
      ? 'block'
      : stepUp !== undefined
        ? 'step_up'
        : consentFor !== undefined
          ? 'consent'
          : 'allow';
  return {
    decision,
    ...(stepUp !== undefined && stepUp.acrs.length > 0 && { acr_values: [...stepUp.acrs] }),
    ...(stepUp?.maxAgeSeconds !== undefined && { max_age: stepUp.maxAgeSeconds }),
    ...(shorten !== undefined && { shorten_to: shorten.seconds }),
    ...(lengthen !== undefined && { lengthen_to: lengthen.seconds }),
  } as const;
}

function findingWire({ policy, conditions, applies, effect }: Finding, concerns: boolean) {
  return {
    id: policy.id,
    name: policy.name,
    mode: policy.mode,
    concerns,
    applies: applies && concerns,
    does: concerns && effect !== undefined ? effect.does : 'nothing',
    why: concerns
      ? (effect?.why ?? whyNot(conditions))
      : 'neither the app nor the API is of its organization',
    conditions: conditions.map((each) => ({ ...each })),
  };
}

function whyNot(conditions: Finding['conditions']): string {
  const unmet = conditions.find(({ result }) => result === 'not_met');
  return unmet === undefined ? 'it does not apply' : `its condition ${unmet.name} is not met`;
}

/** @throws Problem `invalid_request` for what is not known here */
async function factsOf(
  asked: Static<typeof Question>,
  mayAskAbout: (organizationId: string) => boolean,
  dependencies: DryRunDependencies,
): Promise<PolicyFacts> {
  const { issuer, resources, clients, clock } = dependencies;
  const at = clock();
  const client = asked.client_id === undefined ? undefined : await clients.find(asked.client_id);
  if (asked.client_id !== undefined && (client === undefined || !mayAskAbout(client.organizationId))) {
    throw unknown('/client_id', 'no app has this id');
  }
  const resource =
    asked.resource === undefined || asked.resource === issuer
      ? undefined
      : await resources.findByIdentifier(asked.resource);
  if (asked.resource !== undefined && asked.resource !== issuer && resource === undefined) {
    throw unknown('/resource', 'no API has this identifier');
  }
  const found =
    resource === undefined
      ? await audienceOf(asked.resource === issuer ? 'issuer' : undefined, issuer, resources)
      : { audience: [resource.identifier], resources: [resource] };
  const person = personOf(asked, at);
  return {
    ...(client === undefined ? {} : { client }),
    audience: found.audience,
    apis: found.resources,
    scopes: scopesOf(asked, client, found.resources[0]),
    ...(person === undefined ? {} : { person }),
    ...(asked.network === undefined ? {} : { address: asked.network }),
    binding: asked.binding ?? 'none',
    at,
  };
}

/** A request that names no scope gets those of its API. */
function scopesOf(
  { scope = '', user_id: userId }: Static<typeof Question>,
  client: Client | undefined,
  resource: Resource | undefined,
): readonly string[] {
  const named = scope.split(' ').filter((name) => name !== '');
  if (named.length > 0 || client === undefined) return named;
  try {
    return grantableScopes({ requested: [], client, resource, person: userId !== undefined });
  } catch {
    // It would not get any token; what policies say of it is answered all the same.
    return named;
  }
}

function personOf(asked: Static<typeof Question>, at: number): PersonFacts | undefined {
  if (asked.user_id === undefined) return undefined;
  const amr = asked.amr ?? [];
  const met = asked.acr === undefined ? classesMet(amr) : ACR_VALUES.slice(ACR_VALUES.indexOf(asked.acr));
  return {
    userId: asked.user_id,
    acrs: met,
    amr,
    authTime: at - (asked.auth_age ?? 0) * 1000,
    ...(asked.risk === undefined ? {} : { risk: asked.risk }),
  };
}

function unknown(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', `${pointer} ${detail}`, [{ pointer, detail }]);
}
