/**
 * `/login/set-up`: a person sets up a second factor, on the way through a sign-in that needs one, or because they came
 * for it. Whoever has one already gets no further by a password alone.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestContext } from '../../http/app.ts';
import { bothMethods } from '../../people/authentication-methods.ts';
import {
  beginAuthenticatorApp,
  beginPasskey,
  type EnrolmentOutcome,
  type FactorEnrolment,
  finishEnrolment,
  showSeed,
} from '../../people/factor-enrolment.ts';
import { finishSignIn } from '../../people/second-step.ts';
import { Form } from '../../protocol/form.ts';
import { factorName } from '../factor-name.ts';
import { qrCode } from '../qr-code.ts';
import { pageHeaders } from '../security-headers.ts';
import { appSetUpPage, factorAddedPage, type SetUpError, setUpPage } from '../set-up-page.ts';
import { continueAuthorization, currentSession } from './authorization-flow.ts';
import type { FactorDependencies } from './factor-dependencies.ts';
import { fieldsOf, findOnTheWay, formActionOf, goOn, urlOf } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';
import { findSettingUp, SET_UP_PATH, type SettingUp } from './setting-up.ts';
import { showSignIn } from './show-sign-in.ts';

export function registerSetUp(app: FastifyInstance, dependencies: FactorDependencies): void {
  const { flow } = dependencies;
  app.get(SET_UP_PATH, async (request, reply) => {
    const query = new Form(request.query);
    const found = await findSettingUp(query, request, reply, dependencies);
    if (!('user' in found)) return found;
    return query.get('kind') === 'app'
      ? showApp(found, request, reply, dependencies)
      : showChoice(found, request, reply, dependencies);
  });
  app.post(SET_UP_PATH, async (request, reply) => {
    const form = new Form(request.body);
    const found = await findSettingUp(form, request, reply, dependencies);
    if (!('user' in found)) return found;
    if (!flow.browser.isOwnForm(request, form.get('form_token'), found.step.id)) {
      return showChoice(found, request, reply.code(403), dependencies, 'form_expired');
    }
    return form.get('kind') === 'not_now'
      ? goOnWithout(found, request, reply, dependencies)
      : finish(form, found, request, reply, dependencies);
  });
  // Not HEAD: it may issue a code.
  app.get('/login/go-on', { exposeHeadRoute: false }, async (request, reply) => {
    const way = await findOnTheWay(new Form(request.query), request, flow);
    if (way === undefined) return interactionGone(request, reply);
    const session = await currentSession(request, flow);
    return session === undefined
      ? showSignIn(request, reply, dependencies, way)
      : goOn(way, session, request, reply, flow);
  });
}

async function finish(
  form: Form,
  found: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<FastifyReply> {
  const { flow, factors, enrolments } = dependencies;
  const { user, why } = found;
  const { requestId, at, address } = requestContext(request, flow.clock);
  const isPasskey = form.get('kind') === 'passkey';
  const enrolment = enrolments.open(form.get('asked'), bindingOf(found, request, reply, dependencies), at);
  if (enrolment === undefined || (enrolment.kind === 'passkey') !== isPasskey) {
    return showChoice(found, request, reply.code(403), dependencies, 'form_expired');
  }
  const answer = form.get(isPasskey ? 'passkey' : 'code') ?? '';
  const name = factorName(enrolment.kind, request.headers['user-agent']);
  const result = await finishEnrolment(
    enrolment,
    { answer, name, onlyAsFirst: why !== 'offered' },
    user,
    { at, address, requestId },
    factors,
  );
  if (result.outcome === 'added') return added(enrolment.kind, result, found, request, reply, dependencies);
  const error = errorOf(result.outcome, enrolment);
  reply.code(error === 'form_expired' ? 403 : 400);
  return error === 'code'
    ? showApp(found, request, reply, dependencies, { enrolment, error })
    : showChoice(found, request, reply, dependencies, error);
}

function errorOf(
  outcome: Exclude<EnrolmentOutcome['outcome'], 'added'>,
  { kind }: FactorEnrolment,
): SetUpError {
  if (outcome === 'gone') return 'form_expired';
  if (outcome !== 'refused') return outcome;
  return kind === 'passkey' ? 'passkey' : 'code';
}

/** The person has just shown both factors: from now on the session says so. */
async function added(
  kind: FactorEnrolment['kind'],
  { methods, recoveryCodes }: Extract<EnrolmentOutcome, { outcome: 'added' }>,
  { user, step, way }: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, factors }: FactorDependencies,
): Promise<FastifyReply> {
  const { requestId, at, address } = requestContext(request, flow.clock);
  const session = await currentSession(request, flow);
  const userAgent = request.headers['user-agent'];
  const attempt = { step, session, address, userAgent, requestId, at };
  const finished = await finishSignIn(attempt, user, bothMethods(step.amr, methods), factors);
  if (finished.outcome === 'signed_in') flow.browser.setSession(reply, finished.cookieValue);
  return reply.headers(pageHeaders()).send(
    factorAddedPage({
      kind: kind === 'passkey' ? 'passkey' : 'app',
      goOnUrl: urlOf('/login/go-on', way),
      recoveryCodes,
    }),
  );
}

/** The app's wish is not granted, and it is told so by what it gets. */
async function goOnWithout(
  found: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<FastifyReply> {
  const { flow } = dependencies;
  const { waiting } = found.way;
  const session = await currentSession(request, flow);
  if (found.why !== 'wished' || waiting === undefined || session === undefined) {
    return showChoice(found, request, reply.code(400), dependencies);
  }
  const authorization = { ...waiting.authorization, secondFactorDeclined: true } as const;
  return continueAuthorization(authorization, waiting.client, session, request, reply, flow);
}

/** Enrolments are of this browser and this person. */
function bindingOf(
  { user }: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow }: FactorDependencies,
): string {
  return `${flow.browser.ensureId(request, reply)} ${user.id}`;
}

function hiddenOf(
  { way, sealed, step }: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow }: FactorDependencies,
): Readonly<Record<string, string | undefined>> {
  const formToken = flow.browser.formToken(flow.browser.ensureId(request, reply), step.id);
  return { ...fieldsOf(way), step: sealed, form_token: formToken };
}

async function showChoice(
  found: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
  error?: SetUpError,
): Promise<FastifyReply> {
  const { flow, factors, enrolments } = dependencies;
  const { user, way, sealed, why } = found;
  const owned = await factors.secondFactors.of(user.id);
  const begun = beginPasskey(user, owned, flow.clock(), factors);
  const passkey = begun && {
    options: begun.options,
    sealed: enrolments.seal(begun.enrolment, bindingOf(found, request, reply, dependencies)),
  };
  return reply.headers(pageHeaders({ ...formActionOf(way), script: passkey !== undefined })).send(
    setUpPage({
      action: SET_UP_PATH,
      appUrl: urlOf(SET_UP_PATH, way, { step: sealed, kind: 'app' }),
      backUrl: why === 'offered' ? '/login' : urlOf('/login', way),
      fields: hiddenOf(found, request, reply, dependencies),
      email: user.email,
      why,
      passkey,
      error,
    }),
  );
}

async function showApp(
  found: SettingUp,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
  again?: { readonly enrolment: FactorEnrolment; readonly error: SetUpError },
): Promise<FastifyReply> {
  const { flow, factors, enrolments } = dependencies;
  const { user, way, sealed } = found;
  const { enrolment, secret, uri } =
    again?.enrolment.kind === 'authenticator_app'
      ? { enrolment: again.enrolment, ...showSeed(again.enrolment, user) }
      : beginAuthenticatorApp(user, flow.clock(), factors.random);
  const asked = enrolments.seal(enrolment, bindingOf(found, request, reply, dependencies));
  return reply.headers(pageHeaders(formActionOf(way))).send(
    appSetUpPage({
      action: SET_UP_PATH,
      backUrl: urlOf(SET_UP_PATH, way, { step: sealed }),
      fields: { ...hiddenOf(found, request, reply, dependencies), asked },
      qrCode: await qrCode(uri, 'QR code with the key for your authenticator app'),
      secret,
      error: again?.error,
    }),
  );
}
