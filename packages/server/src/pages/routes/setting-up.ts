import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasSecondFactor } from '../../domain/second-factor.ts';
import type { User } from '../../domain/user.ts';
import { isRecentEnough } from '../../people/recent-sign-in.ts';
import { isStillOf, type SignInStep, stepFromSession } from '../../people/sign-in-step.ts';
import type { Form } from '../../protocol/form.ts';
import { currentSession, redirect } from './authorization-flow.ts';
import type { FactorDependencies } from './factor-dependencies.ts';
import { findOnTheWay, type OnTheWay, urlOf } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';
import { showSignIn } from './show-sign-in.ts';

export const SET_UP_PATH = '/login/set-up';

/** Who sets up a second factor, and what for. */
export interface SettingUp {
  readonly user: User;
  /** The sign-in that this is a part of; or made of the session, where the person came by themselves. */
  readonly step: SignInStep;
  /** As it came, where it came. */
  readonly sealed: string | undefined;
  readonly way: OnTheWay;
  readonly why: 'required' | 'wished' | 'offered';
}

/** Who may set up a factor now; or the page that leads to where they can. */
export async function findSettingUp(
  form: Form,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<SettingUp | FastifyReply> {
  const { flow } = dependencies;
  const way = await findOnTheWay(form, request, flow);
  if (way === undefined) return interactionGone(request, reply);
  const sealed = form.get('step');
  return sealed === undefined
    ? findBySession(way, request, reply, dependencies)
    : findByStep(sealed, way, request, reply, dependencies);
}

/** On the way through a sign-in: for whoever has no second factor yet, and for nobody else. */
async function findByStep(
  sealed: string,
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: FactorDependencies,
): Promise<SettingUp | FastifyReply> {
  const { flow, factors } = dependencies;
  const step = flow.steps.open(sealed, flow.browser.id(request), flow.clock());
  const user = step === undefined ? undefined : await flow.users.find(step.userId);
  if (step === undefined || !isStillOf(step, user, await currentSession(request, flow))) {
    return showSignIn(request, reply.code(403), dependencies, way, { error: 'step_gone' });
  }
  if (hasSecondFactor(await factors.secondFactors.of(user.id))) {
    return redirect(reply, urlOf('/login/second-step', way, { step: sealed }));
  }
  return { user, step, sealed, way, why: step.sessionId === undefined ? 'required' : 'wished' };
}

/** From the account: for whoever has signed in a moment ago, with all that they have. */
async function findBySession(
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, factors }: FactorDependencies,
): Promise<SettingUp | FastifyReply> {
  const at = flow.clock();
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || user === undefined) return redirect(reply, '/login?next=set-up');
  const owned = await factors.secondFactors.of(user.id);
  if (!isRecentEnough(session, owned, at)) return redirect(reply, '/login?next=set-up');
  // The form's token needs a name that stays the same between the page and its answer.
  const step = { ...stepFromSession(user, session, at, factors.random), id: session.id };
  return { user, step, sealed: undefined, way, why: 'offered' };
}
