/** `/login/second-step`: a code, a passkey or a recovery code after the password. Without the sealed step: nothing. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasSecondFactor } from '../../domain/second-factor.ts';
import { requestContext } from '../../http/app.ts';
import { secondStepOptions } from '../../people/passkey-options.ts';
import { type SecondStepProof, takeSecondStep } from '../../people/second-step.ts';
import { isStillOf, type SignInStep } from '../../people/sign-in-step.ts';
import { Form } from '../../protocol/form.ts';
import { type SecondStepError, secondStepPage } from '../second-step-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { currentSession, redirect } from './authorization-flow.ts';
import { askForPasskey, type FactorDependencies, openAsked } from './factor-dependencies.ts';
import { fieldsOf, findOnTheWay, formActionOf, goOn, type OnTheWay, urlOf } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';
import { showSignIn } from './show-sign-in.ts';

const PATH = '/login/second-step';

/** A sign-in whose first step was passed in this browser, not too long ago. */
interface Asked {
  readonly step: SignInStep;
  readonly sealed: string;
  readonly way: OnTheWay;
}

export function registerSecondStep(app: FastifyInstance, dependencies: FactorDependencies): void {
  const { flow } = dependencies;
  app.get(PATH, async (request, reply) => {
    const query = new Form(request.query);
    const asked = await findAsked(query, request, reply, dependencies);
    if (!('step' in asked)) return asked;
    const asks = query.get('with') === 'recovery_code' ? 'recovery_code' : 'code';
    return show(asked, asks, request, reply, dependencies);
  });
  app.post(PATH, async (request, reply) => {
    const form = new Form(request.body);
    const asked = await findAsked(form, request, reply, dependencies);
    if (!('step' in asked)) return asked;
    const kind = form.get('kind');
    const asks = kind === 'recovery_code' ? kind : 'code';
    const proof = proofOf(form, asked, request, dependencies);
    const isOwn = flow.browser.isOwnForm(request, form.get('form_token'), asked.step.id);
    if (!isOwn || proof === undefined) {
      return show(asked, asks, request, reply.code(403), dependencies, { error: 'form_expired' });
    }
    return take(asked, proof, request, reply, dependencies);
  });
}

/** The step of this browser; or the page that leads to where one can be passed. */
async function findAsked(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<Asked | FastifyReply> {
  const { flow } = dependencies;
  const way = await findOnTheWay(form, request, flow);
  if (way === undefined) return interactionGone(request, reply);
  const sealed = form.get('step');
  const step = flow.steps.open(sealed, flow.browser.id(request), flow.clock());
  if (sealed === undefined || step === undefined) {
    return showSignIn(request, reply.code(403), dependencies, way, { error: 'step_gone' });
  }
  return { step, sealed, way };
}

/** What was sent as a proof; undefined when it is none, or its challenge is not of this page. */
function proofOf(
  form: Form,
  { step }: Asked,
  request: FastifyRequest,
  dependencies: FactorDependencies,
): SecondStepProof | undefined {
  const kind = form.get('kind');
  if (kind === 'code' || kind === 'recovery_code') return { kind, typed: form.get('code') ?? '' };
  const asked = openAsked(form.get('asked'), step.id, request, dependencies);
  if (kind !== 'passkey' || asked === undefined) return undefined;
  return { kind, answer: form.get('passkey') ?? '', asked };
}

async function take(
  asked: Asked,
  proof: SecondStepProof,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<FastifyReply> {
  const { flow, factors } = dependencies;
  const session = await currentSession(request, flow);
  const { requestId, at } = requestContext(request, flow.clock);
  const userAgent = request.headers['user-agent'];
  const { step, way } = asked;
  const result = await takeSecondStep(
    { step, proof, session, address: request.ip, userAgent, requestId, at },
    factors,
  );
  if (result.outcome === 'signed_in') {
    flow.browser.setSession(reply, result.cookieValue);
    return goOn(way, result.session, request, reply, flow);
  }
  if (result.outcome === 'gone') {
    return showSignIn(request, reply.code(403), dependencies, way, { error: 'step_gone' });
  }
  const asks = proof.kind === 'recovery_code' ? proof.kind : 'code';
  if (result.outcome === 'too_many') {
    const { retryAfterSeconds } = result;
    reply.code(429).header('retry-after', String(retryAfterSeconds));
    return show(asked, asks, request, reply, dependencies, { error: 'too_many', retryAfterSeconds });
  }
  return show(asked, asks, request, reply.code(401), dependencies, { error: proof.kind });
}

async function show(
  { step, sealed, way }: Asked,
  asks: 'code' | 'recovery_code',
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
  problem: { readonly error?: SecondStepError; readonly retryAfterSeconds?: number } = {},
): Promise<FastifyReply> {
  const { flow, factors } = dependencies;
  const user = await flow.users.find(step.userId);
  if (!isStillOf(step, user, await currentSession(request, flow))) {
    return showSignIn(request, reply.code(403), dependencies, way, { error: 'step_gone' });
  }
  const owned = await factors.secondFactors.of(user.id);
  if (!hasSecondFactor(owned)) return redirect(reply, urlOf('/login/set-up', way, { step: sealed }));
  const { passkeys } = owned;
  const asked =
    passkeys.length === 0
      ? undefined
      : askForPasskey(
          (challenge, relyingParty) => secondStepOptions(challenge, passkeys, relyingParty),
          step.id,
          request,
          reply,
          dependencies,
        );
  const other = asks === 'code' ? 'recovery_code' : undefined;
  return reply.headers(pageHeaders({ ...formActionOf(way), script: asked !== undefined })).send(
    secondStepPage({
      action: PATH,
      otherUrl: urlOf(PATH, way, { step: sealed, with: other }),
      startOverUrl: urlOf('/login', way),
      fields: {
        ...fieldsOf(way),
        step: sealed,
        form_token: flow.browser.formToken(flow.browser.ensureId(request, reply), step.id),
      },
      email: user.email,
      asks,
      hasApp: owned.authenticatorApps.length > 0,
      hasRecoveryCodes: owned.recoveryCodesLeft > 0,
      passkey: asked,
      ...problem,
    }),
  );
}
