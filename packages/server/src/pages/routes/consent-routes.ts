/** `/consent`: shows what an app asks for, and takes the person's answer. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Client, isSelfRegistered } from '../../domain/client.ts';
import type { Session } from '../../domain/session.ts';
import { requestContext } from '../../http/app.ts';
import {
  type AuthorizationRequest,
  scopesAgreedTo,
} from '../../protocol/authorization/authorization-request.ts';
import {
  blockClient,
  denyRequest,
  findConsents,
  findNextStep,
  issueCode,
} from '../../protocol/authorization/authorize.ts';
import { narrowRequest, optionalScopesOf } from '../../protocol/authorization/narrow-request.ts';
import { Form } from '../../protocol/form.ts';
import { appLabel } from '../app-label.ts';
import { consentPage } from '../consent-page.ts';
import { pageHeaders } from '../security-headers.ts';
import {
  answer,
  continueAuthorization,
  currentSession,
  type FlowDependencies,
  waitingRequest,
} from './authorization-flow.ts';
import { interactionGone } from './refusals.ts';
import { describeRequest } from './describe-request.ts';
import { tickedScopes } from './ticked-scopes.ts';

export interface ConsentDependencies {
  readonly flow: FlowDependencies;
  /** Seconds after which an app has to ask again, at the latest. */
  readonly lifetimeSeconds: number;
}

interface Asked {
  readonly interaction: string;
  readonly authorization: AuthorizationRequest;
  readonly client: Client;
  readonly session: Session;
}

export function registerConsent(app: FastifyInstance, dependencies: ConsentDependencies): void {
  const { flow } = dependencies;
  app.get('/consent', async (request, reply) => {
    const asked = await findAsked(new Form(request.query), request, reply, flow);
    return 'interaction' in asked ? show(asked, request, reply, dependencies) : asked;
  });
  app.post('/consent', async (request, reply) => {
    const form = new Form(request.body);
    const asked = await findAsked(form, request, reply, flow);
    if (!('interaction' in asked)) return asked;
    if (!flow.browser.isOwnForm(request, form.get('form_token'), asked.session.id)) {
      return show(asked, request, reply.code(403), dependencies);
    }
    const decision = form.get('decision');
    const { authorization, client, session } = asked;
    const context = requestContext(request, flow.clock);
    if (decision === 'allow') {
      const allowed = narrowRequest(authorization, tickedScopes(form, optionalScopesOf(authorization)));
      if (allowed !== undefined) {
        const given = await issueCode(allowed, client, session, authorization, context, flow);
        return answer(given, request, reply);
      }
    }
    if (decision === 'block' && !client.firstParty) {
      return answer(await blockClient(authorization, client, session, context, flow), request, reply);
    }
    // To allow an app nothing at all is to deny it.
    if (decision === 'deny' || decision === 'allow') {
      return answer(await denyRequest(authorization, client, session, context, flow), request, reply);
    }
    return show(asked, request, reply.code(400), dependencies);
  });
}

/** The request that waits for this person's answer; or the reply that leads to where one can be given. */
async function findAsked(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  flow: FlowDependencies,
): Promise<Asked | FastifyReply> {
  const interaction = form.get('interaction');
  const waiting = await waitingRequest(interaction, request, flow);
  if (interaction === undefined || waiting === undefined) return interactionGone(request, reply);
  const { authorization, client } = waiting;
  const session = await currentSession(request, flow);
  const next = await findNextStep(authorization, client, session, requestContext(request, flow.clock), flow);
  if (session === undefined || (next.step !== 'consent' && next.step !== 'issue')) {
    return continueAuthorization(authorization, client, session, request, reply, flow);
  }
  return { interaction, authorization, client, session };
}

async function show(
  { interaction, authorization, client, session }: Asked,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, lifetimeSeconds }: ConsentDependencies,
): Promise<FastifyReply> {
  const user = await flow.users.find(session.userId);
  if (user === undefined) return interactionGone(request, reply);
  const { apis, scopes, details } = await describeRequest(authorization, flow);
  const [api, ...otherApis] = apis;
  const agreedTo = scopesAgreedTo(authorization);
  const remembered = await findConsents(authorization, client, user.id, flow.consents);
  return reply.headers(pageHeaders({ formAction: [authorization.redirectUri] })).send(
    consentPage({
      action: '/consent',
      interaction,
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), session.id),
      client: {
        label: appLabel(client, authorization.redirectUri),
        name: client.name,
        host: client.clientUri === undefined ? undefined : new URL(client.clientUri).host,
        redirectHost: redirectHost(authorization.redirectUri),
        policyUri: client.policyUri,
        tosUri: client.tosUri,
      },
      api,
      otherApis,
      scopes,
      optional: optionalScopesOf(authorization),
      details,
      alreadyGranted: scopes.flatMap(({ name }) =>
        agreedTo.every(
          (each, index) => !each.includes(name) || remembered[index]?.scopes.includes(name) === true,
        )
          ? [name]
          : [],
      ),
      account: user,
      switchAccountAction: '/logout',
      unverified: isSelfRegistered(client),
      firstParty: client.firstParty,
      madeBy: await makerOf(client, flow),
      native: client.applicationType === 'native',
      ...(client.agent === undefined ? {} : { agentPurpose: client.agent.purpose }),
      lifetimeSeconds: client.grantTypes.includes('refresh_token') ? lifetimeSeconds : undefined,
    }),
  );
}

/** Of an app that members of an organization registered: its name, so that nobody takes it for the operator's. */
async function makerOf(
  { registeredBy, organizationId }: Client,
  { organizations }: Pick<FlowDependencies, 'organizations'>,
): Promise<string | undefined> {
  if (registeredBy !== 'member') return undefined;
  const found = await organizations.find(organizationId);
  return found?.kind === 'team' ? found.name : undefined;
}

function redirectHost(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.host === '' ? url.protocol : url.host;
}
