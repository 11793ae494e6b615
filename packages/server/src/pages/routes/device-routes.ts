/** `/device`: a person enters the code of a device, sees what it asks, and lets it in or turns it away. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OPENID_SCOPES } from '../../domain/scope.ts';
import type { Session } from '../../domain/session.ts';
import type { User } from '../../domain/user.ts';
import { requestContext } from '../../http/app.ts';
import { noteRefusal } from '../../http/noted-refusals.ts';
import { stepFromSession } from '../../people/sign-in-step.ts';
import {
  allowDevice,
  type AskingDevice,
  denyDevice,
  type DeviceDecisionDependencies,
  enterUserCode,
  findAsking,
  releaseDevice,
} from '../../protocol/device/decide.ts';
import { type DeviceStep, judgeDevice } from '../../protocol/device/judge-device.ts';
import { Form } from '../../protocol/form.ts';
import { optionalScopes, scopesLeft } from '../../protocol/optional-scopes.ts';
import { audienceOf } from '../../protocol/resource-indicators.ts';
import { normalizeUserCode } from '../../protocol/user-code.ts';
import {
  type DeviceCodeError,
  deviceCodePage,
  deviceConfirmationPage,
  type DeviceResultPage,
  deviceResultPage,
} from '../device-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { currentSession, type FlowDependencies, redirect } from './authorization-flow.ts';
import { tickedScopes } from './ticked-scopes.ts';

export interface DeviceRouteDependencies {
  readonly flow: FlowDependencies;
  readonly decisions: DeviceDecisionDependencies;
  /** Seconds after which an app has to ask again, at the latest. */
  readonly lifetimeSeconds: number;
}

interface SignedIn {
  readonly session: Session;
  readonly user: User;
}

export function registerDevice(app: FastifyInstance, dependencies: DeviceRouteDependencies): void {
  const { flow } = dependencies;
  app.get('/device', async (request, reply) => {
    const userCode = normalizeUserCode(new Form(request.query).get('user_code') ?? '');
    const person = await signedIn(request, flow);
    if (person === undefined) return redirect(reply, signInUrl(userCode));
    return askForCode(person, request, reply, flow, { userCode });
  });
  app.post('/device', async (request, reply) => {
    const form = new Form(request.body);
    const typed = form.get('user_code') ?? '';
    const person = await signedIn(request, flow);
    if (person === undefined) return redirect(reply, signInUrl(normalizeUserCode(typed)));
    if (!flow.browser.isOwnForm(request, form.get('form_token'), person.session.id)) {
      return askForCode(person, request, reply.code(403), flow, { error: 'form_expired' });
    }
    const step = form.get('step');
    return step === 'allow' || step === 'deny'
      ? decide(step, form, person, request, reply, dependencies)
      : look(typed, person, request, reply, dependencies);
  });
}

/** Sign-in first; the code comes along, and is asked for again. */
function signInUrl(userCode: string | undefined): string {
  return userCode === undefined ? '/login?next=device' : `/login?next=device&user_code=${userCode}`;
}

async function signedIn(request: FastifyRequest, flow: FlowDependencies): Promise<SignedIn | undefined> {
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  return session === undefined || user === undefined ? undefined : { session, user };
}

function askForCode(
  { session, user }: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
  { browser }: FlowDependencies,
  shown: {
    readonly userCode?: string | undefined;
    readonly error?: DeviceCodeError;
    readonly retryAfterSeconds?: number;
  },
): FastifyReply {
  const formToken = browser.formToken(browser.ensureId(request, reply), session.id);
  return reply
    .headers(pageHeaders())
    .send(deviceCodePage({ action: '/device', formToken, account: user, ...shown }));
}

async function look(
  typed: string,
  person: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: DeviceRouteDependencies,
): Promise<FastifyReply> {
  const { flow, decisions } = dependencies;
  const context = requestContext(request, flow.clock);
  const entry = await enterUserCode(typed, person.session, context, decisions);
  if (entry.outcome === 'too_many') {
    const { retryAfterSeconds } = entry;
    reply.code(429).header('retry-after', String(retryAfterSeconds));
    return askForCode(person, request, reply, flow, { error: 'too_many', retryAfterSeconds });
  }
  if (entry.outcome === 'unknown') {
    const userCode = typed.slice(0, 32);
    return askForCode(person, request, reply.code(400), flow, { error: 'unknown', userCode });
  }
  const next = await judgeDevice(entry, person.session, context, flow);
  return next.step === 'go_on'
    ? confirm(entry, person, request, reply, dependencies)
    : demand(next, entry, person, request, reply, dependencies);
}

/** Leads to the sign-in that access policies ask for, and back to the code; or turns the device away. */
async function demand(
  next: Exclude<DeviceStep, { readonly step: 'go_on' }>,
  asking: AskingDevice,
  { session, user }: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, decisions }: DeviceRouteDependencies,
): Promise<FastifyReply> {
  const context = requestContext(request, flow.clock);
  const { client, userCode } = asking;
  if (next.step === 'refuse') {
    const { description } = next;
    noteRefusal(request, { error: 'access_denied', description, clientId: client.id });
    const denied = await denyDevice(asking, session, context, decisions, 'access_policy');
    return denied
      ? showResult({ outcome: 'not_allowed', clientName: client.name, description }, reply)
      : showResult({ outcome: 'gone' }, reply.code(400));
  }
  await releaseDevice(asking, session, context.at, decisions);
  if (next.step === 'sign_in') return redirect(reply, signInUrl(userCode));
  const half = stepFromSession(user, session, context.at, flow.random);
  const step = flow.steps.seal(half, flow.browser.ensureId(request, reply));
  const query = new URLSearchParams({ next: 'device', user_code: userCode, step });
  return redirect(reply, `/login/second-step?${query.toString()}`);
}

async function confirm(
  { device, client, userCode }: AskingDevice,
  { session, user }: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, lifetimeSeconds }: DeviceRouteDependencies,
): Promise<FastifyReply> {
  const { resources } = await audienceOf(device.resourceId, flow.issuer, flow.resources);
  const [api] = resources;
  const described = [...OPENID_SCOPES, ...(api?.scopes ?? [])];
  const usesApi = device.scopes.some((name) => api?.scopes.some((scope) => scope.name === name));
  return reply.headers(pageHeaders()).send(
    deviceConfirmationPage({
      action: '/device',
      formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), session.id),
      userCode,
      client: {
        name: client.name,
        host: client.clientUri === undefined ? undefined : new URL(client.clientUri).host,
      },
      api: usesApi ? api : undefined,
      scopes: device.scopes.map(
        (name) => described.find((scope) => scope.name === name) ?? { name, description: name },
      ),
      optional: optionalScopes(device.scopes, false),
      account: user,
      deviceAddress: device.address,
      ownAddress: request.ip,
      secondsAgo: (flow.clock() - device.createdAt) / 1000,
      lifetimeSeconds: client.grantTypes.includes('refresh_token') ? lifetimeSeconds : undefined,
      agentPurpose: client.agent?.purpose,
    }),
  );
}

async function decide(
  step: 'allow' | 'deny',
  form: Form,
  person: SignedIn,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: DeviceRouteDependencies,
): Promise<FastifyReply> {
  const { flow, decisions } = dependencies;
  const { session } = person;
  const context = requestContext(request, flow.clock);
  const asking = await findAsking(form.get('user_code') ?? '', session, context.at, decisions);
  if (asking === undefined) return showResult({ outcome: 'gone' }, reply.code(400));
  const { scopes } = asking.device;
  const optional = optionalScopes(scopes, false);
  const left = scopesLeft(scopes, optional, tickedScopes(form, optional));
  // To allow a device nothing of what it asks is to deny it.
  const outcome = step === 'deny' || (scopes.length > 0 && left.length === 0) ? 'denied' : 'allowed';
  if (outcome === 'allowed') {
    // A policy or the time may have changed what is asked since the page was shown.
    const next = await judgeDevice(asking, session, context, flow);
    if (next.step !== 'go_on') return demand(next, asking, person, request, reply, dependencies);
  }
  const decided =
    outcome === 'allowed'
      ? allowDevice(asking, left, session, context, decisions)
      : denyDevice(asking, session, context, decisions);
  if (!(await decided)) return showResult({ outcome: 'gone' }, reply.code(400));
  return showResult({ outcome, clientName: asking.client.name }, reply);
}

function showResult(result: DeviceResultPage, reply: FastifyReply): FastifyReply {
  return reply.headers(pageHeaders()).send(deviceResultPage(result));
}
