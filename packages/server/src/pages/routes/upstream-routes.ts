/**
 * `/login/with/{provider}`: leads to somebody else's OpenID provider and back. What comes back is good only in the
 * browser that left, for the provider it left for, and once.
 * @spec OpenID Connect Core §3.1.2; RFC 9700 §4.4, §4.7
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IdentityProvider } from '../../domain/identity-provider.ts';
import type { User } from '../../domain/user.ts';
import { requestContext } from '../../http/app.ts';
import type { SealedSteps } from '../../people/sealed-steps.ts';
import { isRecentEnough } from '../../people/recent-sign-in.ts';
import { afterFirstStep, type SignInPorts } from '../../people/sign-in.ts';
import { UPSTREAM_METHODS } from '../../people/authentication-methods.ts';
import { UPSTREAM_STEP_LIFETIME_MS, type UpstreamStep } from '../../people/upstream-step.ts';
import type { IdentityProviders } from '../../ports/identity-providers.ts';
import { Form } from '../../protocol/form.ts';
import { findAccount, type FindAccountDependencies } from '../../protocol/upstream/find-account.ts';
import type { ProviderClient, UpstreamPerson } from '../../protocol/upstream/provider-client.ts';
import type { UpstreamSeals } from '../../protocol/upstream/sealed-provider.ts';
import { auditEvent } from '../../protocol/audit-event.ts';
import { noteRefusal } from '../../http/noted-refusals.ts';
import { currentSession, redirect } from './authorization-flow.ts';
import type { FactorDependencies } from './factor-dependencies.ts';
import { fieldsOf, findOnTheWay, goOn, type OnTheWay, urlOf } from './on-the-way.ts';
import { interactionGone } from './refusals.ts';
import { sendErrorPage } from './send-error-page.ts';

export interface UpstreamDependencies {
  readonly identityProviders: Pick<IdentityProviders, 'find' | 'list'>;
  readonly providers: ProviderClient;
  readonly accounts: Omit<FindAccountDependencies, 'seals'> & { readonly seals: UpstreamSeals };
  readonly steps: SealedSteps<UpstreamStep>;
}

export interface UpstreamRouteDependencies extends FactorDependencies {
  readonly upstream: UpstreamDependencies;
  readonly signIn: SignInPorts;
}

/** A cookie holds no more. */
const LONGEST_STEP = 3800;

export function registerUpstream(app: FastifyInstance, dependencies: UpstreamRouteDependencies): void {
  const { flow, upstream } = dependencies;
  app.get('/login/with/:provider', { exposeHeadRoute: false }, async (request, reply) => {
    const provider = await activeProvider(request, upstream);
    const query = new Form(request.query);
    const way = await findOnTheWay(query, request, flow);
    if (way === undefined) return interactionGone(request, reply);
    if (provider === undefined) return notOffered(request, reply, way);
    return leave(provider, way, query.get('link'), request, reply, dependencies);
  });
  app.post('/login/with/:provider/unlink', (request, reply) =>
    unlink(namedIn(request), request, reply, dependencies),
  );
  app.get('/login/with/:provider/callback', { exposeHeadRoute: false }, async (request, reply) => {
    const provider = await activeProvider(request, upstream);
    const browser = flow.browser.id(request);
    const step = upstream.steps.open(flow.browser.carried(request), browser, flow.clock());
    flow.browser.dropCarried(reply);
    const answer = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
    if (provider === undefined || step === undefined || !isAnswerTo(step, provider, answer)) {
      return comesFromNowhere(request, reply);
    }
    return comeBack(provider, step, answer, request, reply, dependencies);
  });
}

/** The person takes the link away; not the last way in that they have. */
async function unlink(
  providerId: string,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: UpstreamRouteDependencies,
): Promise<FastifyReply> {
  const { flow, factors, upstream } = dependencies;
  const session = await currentSession(request, flow);
  const formToken = new Form(request.body).get('form_token');
  const person = await personOfRecentSession(request, dependencies);
  if (person === undefined || !flow.browser.isOwnForm(request, formToken, session?.id)) {
    return redirect(reply, '/login');
  }
  const linked = await upstream.accounts.upstreamIdentities.ofUser(person.id);
  const { passkeys } = await factors.secondFactors.of(person.id);
  const others = linked.filter((each) => each.providerId !== providerId).length + passkeys.length;
  if (person.passwordHash === undefined && others === 0) {
    return sendErrorPage(request, reply, {
      title: 'This is your only way to sign in',
      explanation: 'Without it nobody could open your account any more.',
      whatToDo: 'Set a password or add a passkey first.',
      link: { url: '/login', text: 'Back to your account' },
    });
  }
  const about = {
    type: 'identity.unlinked',
    outcome: 'success',
    actor: person.id,
    userId: person.id,
    detail: { provider: providerId },
  } as const;
  const event = auditEvent(requestContext(request, flow.clock), about, flow.random);
  await upstream.accounts.upstreamIdentities.unlink(providerId, person.id, event);
  return redirect(reply, '/login');
}

async function activeProvider(
  request: FastifyRequest,
  { identityProviders }: UpstreamDependencies,
): Promise<IdentityProvider | undefined> {
  const provider = await identityProviders.find(namedIn(request));
  return provider?.status === 'active' ? provider : undefined;
}

function namedIn({ params }: FastifyRequest): string {
  return (params as { readonly provider: string }).provider;
}

/** The answer to this request, of this provider. Whatever else it says is looked at by the provider's client. */
function isAnswerTo(step: UpstreamStep, provider: IdentityProvider, answer: URLSearchParams): boolean {
  const [state = '', ...more] = answer.getAll('state');
  const expected = Buffer.from(step.state);
  const actual = Buffer.from(state);
  return (
    more.length === 0 &&
    step.providerId === provider.id &&
    actual.length === expected.length &&
    timingSafeEqual(actual, expected)
  );
}

async function leave(
  provider: IdentityProvider,
  way: OnTheWay,
  linkToken: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  { flow, factors, upstream }: UpstreamRouteDependencies,
): Promise<FastifyReply> {
  const linkTo =
    linkToken === undefined ? undefined : await personWhoLinks(linkToken, request, { flow, factors });
  if (linkToken !== undefined && linkTo === undefined) return redirect(reply, '/login');
  const drawn = (): string => Buffer.from(flow.random(32)).toString('base64url');
  const step: UpstreamStep = {
    providerId: provider.id,
    state: drawn(),
    nonce: drawn(),
    codeVerifier: drawn(),
    way: fieldsOf(way),
    ...(linkTo === undefined ? {} : { linkTo: linkTo.id }),
    expiresAt: flow.clock() + UPSTREAM_STEP_LIFETIME_MS,
  };
  const sealed = upstream.steps.seal(step, flow.browser.ensureId(request, reply));
  if (sealed.length > LONGEST_STEP) {
    return sendErrorPage(request, reply, {
      title: 'This app asks for too much at once',
      explanation: `Its request is too long to be kept while you are at ${provider.name}.`,
      whatToDo: 'Sign in here with your email and password, or tell whoever makes the app.',
      link: { url: urlOf('/login', way), text: 'Back to the sign-in page' },
    });
  }
  try {
    const known = upstream.accounts.seals.known(provider);
    const url = await upstream.providers.authorizationUrl(known, step, callbackOf(provider, flow.issuer));
    flow.browser.carry(reply, sealed, UPSTREAM_STEP_LIFETIME_MS / 1000);
    return redirect(reply, url);
  } catch (error) {
    noteRefusal(
      request,
      { error: 'temporarily_unavailable', description: 'The provider cannot be asked' },
      error,
    );
    return sendErrorPage(request, reply, {
      title: `${provider.name} cannot be reached`,
      explanation: 'It does not answer, or not in a way that can be used.',
      whatToDo: 'Try again in a moment, or sign in another way.',
      link: { url: urlOf('/login', way), text: 'Back to the sign-in page' },
    });
  }
}

function callbackOf({ id }: IdentityProvider, issuer: string): string {
  return `${issuer}/login/with/${id}/callback`;
}

async function comeBack(
  provider: IdentityProvider,
  step: UpstreamStep,
  answer: URLSearchParams,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: UpstreamRouteDependencies,
): Promise<FastifyReply> {
  const { flow, upstream } = dependencies;
  const at = flow.clock();
  // Of many with the same answer one goes on.
  if (!(await flow.usedIdentifiers.remember('upstream_state', step.state, step.expiresAt, at))) {
    return comesFromNowhere(request, reply);
  }
  const way = await findOnTheWay(new Form(step.way), request, flow);
  if (way === undefined) return interactionGone(request, reply);
  let person: UpstreamPerson;
  try {
    const known = upstream.accounts.seals.known(provider);
    person = await upstream.providers.redeem(known, answer, step, callbackOf(provider, flow.issuer));
  } catch (error) {
    const denied = answer.get('error') === 'access_denied';
    noteRefusal(
      request,
      { error: 'access_denied', description: 'The answer of the provider does not hold' },
      error,
    );
    return sendErrorPage(request, reply, {
      title: `${provider.name} did not sign you in`,
      explanation: denied ? 'You, or it, said no.' : 'Its answer cannot be used. Nothing was changed here.',
      whatToDo: 'Try again, or sign in another way.',
      link: { url: urlOf('/login', way), text: 'Back to the sign-in page' },
    });
  }
  return signIn(provider, person, step, way, request, reply, dependencies);
}

async function signIn(
  provider: IdentityProvider,
  person: UpstreamPerson,
  step: UpstreamStep,
  way: OnTheWay,
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: UpstreamRouteDependencies,
): Promise<FastifyReply> {
  const { flow, upstream } = dependencies;
  const linkTo = step.linkTo === undefined ? undefined : await personOfRecentSession(request, dependencies);
  if (step.linkTo !== linkTo?.id) return comesFromNowhere(request, reply);
  const context = requestContext(request, flow.clock);
  const found = await findAccount(provider, person, linkTo, context, upstream.accounts);
  if (found.outcome !== 'found')
    return sendErrorPage(request, reply, refusalOf(found.outcome, provider, way));
  if (linkTo !== undefined) return redirect(reply, '/login');
  const replaces = await currentSession(request, flow);
  const attempt = {
    address: request.ip,
    userAgent: request.headers['user-agent'],
    replaces,
    requestId: context.requestId,
    at: context.at,
  };
  const result = await afterFirstStep(found.user, UPSTREAM_METHODS, attempt, dependencies.signIn);
  // The account changed in this moment: from the beginning, then.
  if (result.outcome === 'refused') return redirect(reply, urlOf('/login', way));
  if (result.outcome !== 'signed_in') {
    const sealed = flow.steps.seal(result.step, flow.browser.ensureId(request, reply));
    const path = result.outcome === 'set_up' ? '/login/set-up' : '/login/second-step';
    return redirect(reply, urlOf(path, way, { step: sealed }));
  }
  flow.browser.setSession(reply, result.cookieValue);
  return goOn(way, result.session, request, reply, flow);
}

/** The link is on a page of ours: another site must not have the account linked to whoever it signed in there. */
async function personWhoLinks(
  linkToken: string,
  request: FastifyRequest,
  dependencies: Pick<FactorDependencies, 'flow' | 'factors'>,
): Promise<User | undefined> {
  const { flow } = dependencies;
  const session = await currentSession(request, flow);
  if (session === undefined || !flow.browser.isOwnLink(request, linkToken, session.id)) return undefined;
  return personOfRecentSession(request, dependencies);
}

/** Who changes how they sign in has to have signed in a short while ago. */
async function personOfRecentSession(
  request: FastifyRequest,
  { flow, factors }: Pick<FactorDependencies, 'flow' | 'factors'>,
): Promise<User | undefined> {
  const session = await currentSession(request, flow);
  const user = session === undefined ? undefined : await flow.users.find(session.userId);
  if (session === undefined || user?.status !== 'active') return undefined;
  const owned = await factors.secondFactors.of(user.id);
  return isRecentEnough(session, owned, flow.clock()) ? user : undefined;
}

function refusalOf(
  outcome: 'unknown' | 'unverified' | 'taken' | 'linked_otherwise',
  { name }: IdentityProvider,
  way: OnTheWay,
) {
  const back = { url: urlOf('/login', way), text: 'Back to the sign-in page' };
  switch (outcome) {
    case 'taken':
      return {
        title: 'There is an account with your address already',
        explanation: `${name} knows you by an address that an account here has. That alone does not open it.`,
        whatToDo: `Sign in to that account another way, then link ${name} on its page.`,
        link: back,
      };
    case 'unverified':
      return {
        title: `${name} has not verified your address`,
        explanation: 'Without a verified address there can be no account for you here.',
        whatToDo: `Verify your address at ${name}, then try again.`,
        link: back,
      };
    case 'linked_otherwise':
      return {
        title: 'This is linked already',
        explanation: `Your account here, or the one at ${name}, is linked with another.`,
        whatToDo: 'Unlink that one first.',
        link: { url: '/login', text: 'Back to your account' },
      };
    default:
      return {
        title: 'No account here is linked to this',
        explanation: `You are signed in at ${name}, and nobody here is known by that.`,
        whatToDo: `If you have an account here, sign in to it another way, then link ${name} on its page.`,
        link: back,
      };
  }
}

/** Not this browser, too late, used before, or for another provider: nothing of the answer is looked at. */
function comesFromNowhere(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendErrorPage(request, reply, {
    title: 'This sign-in was not started here',
    explanation: 'It was begun in another browser or too long ago, or it has been used.',
    whatToDo: 'Start again.',
    link: { url: '/login', text: 'Sign in' },
  });
}

function notOffered(request: FastifyRequest, reply: FastifyReply, way: OnTheWay): FastifyReply {
  return sendErrorPage(request, reply, {
    title: 'This way to sign in is not offered',
    explanation: 'There is no such provider here, or not any more.',
    whatToDo: 'Sign in another way.',
    link: { url: urlOf('/login', way), text: 'Back to the sign-in page' },
  });
}
