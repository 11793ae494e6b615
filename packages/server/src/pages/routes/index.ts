/** The pages a person meets on the way to a token, as routes: `/authorize`, `/login`, `/consent`, `/device`, `/logout`. */
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import { refuseOtherMethods } from '../../http/app.ts';
import { claimedClientId, noteRefusal } from '../../http/noted-refusals.ts';
import { type PublicError, publicError, REQUEST_ID } from '../../http/respond.ts';
import type { SignInPorts } from '../../people/sign-in.ts';
import type { Random } from '../../ports/random.ts';
import type { DeviceDecisionDependencies } from '../../protocol/device/decide.ts';
import { Form } from '../../protocol/form.ts';
import { errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { beginAuthorization, type FlowDependencies, redirect } from './authorization-flow.ts';
import type { AccountFlow } from './account-flow.ts';
import { registerConsent } from './consent-routes.ts';
import { registerDevice } from './device-routes.ts';
import type { FactorDependencies } from './factor-dependencies.ts';
import { type InvitationPageDependencies, registerInvitation } from './invitation-routes.ts';
import { registerLogin } from './login-routes.ts';
import { registerLogout } from './logout-routes.ts';
import { registerMailLinks } from './mail-link-routes.ts';
import { NEW_PASSWORD_PATH, registerMailRequests } from './mail-request-routes.ts';
import { askedAgainByUrl } from './posted-authorization.ts';
import { registerSecondStep } from './second-step-routes.ts';
import { registerUpstream, type UpstreamDependencies } from './upstream-routes.ts';
import { registerSetUp } from './set-up-routes.ts';

export interface PageRouteDependencies {
  readonly flow: FlowDependencies;
  readonly signIn: SignInPorts;
  readonly upstream: UpstreamDependencies;
  readonly factors: Omit<FactorDependencies, 'flow' | 'doors'>;
  readonly devices: DeviceDecisionDependencies;
  readonly invitations: InvitationPageDependencies['ports'];
  /** Sign-up, recovery, and links in mails. */
  readonly account: Omit<AccountFlow, 'flow' | 'secondFactorRequired'>;
  readonly random: Random;
  /** Tells apps that a session has ended. Never rejects. */
  readonly tellApps: (sid: string) => Promise<void>;
  /** Seconds after which an app has to ask a person again, at the latest. */
  readonly absoluteLifetimeSeconds: number;
  readonly signInHint?: string;
}

const PATHS_WITH_FORMS = [
  '/login',
  '/login/second-step',
  '/login/set-up',
  '/consent',
  '/device',
  '/invitation',
  '/logout',
  '/signup',
  '/verify-email',
  '/recover',
  NEW_PASSWORD_PATH,
] as const;

export async function registerPageRoutes(
  app: FastifyInstance,
  dependencies: PageRouteDependencies,
): Promise<void> {
  const { flow, upstream, signIn, signInHint, devices, account, random, tellApps, absoluteLifetimeSeconds } =
    dependencies;
  await app.register(async (pages: FastifyInstance) => {
    pages.removeAllContentTypeParsers();
    await pages.register(formbody);
    answerErrorsWithPages(pages);
    pages.get('/authorize', { exposeHeadRoute: false }, (request, reply) =>
      beginAuthorization(new Form(request.query), request, reply, flow),
    );
    pages.post('/authorize', (request, reply) => {
      const again = askedAgainByUrl(request, flow.browser);
      return again === undefined
        ? beginAuthorization(new Form(request.body), request, reply, flow)
        : redirect(reply, again);
    });
    const { secondFactorRequired } = signIn;
    // Doors that are closed are not shown.
    const doors = { signUp: account.signUp === 'on', recovery: account.sealMail !== undefined };
    const factors = { flow, doors, ...dependencies.factors };
    registerLogin(pages, { ...factors, upstream, signIn, hint: signInHint });
    registerUpstream(pages, { ...factors, upstream, signIn });
    registerSecondStep(pages, factors);
    registerSetUp(pages, factors);
    registerMailRequests(pages, { flow, secondFactorRequired, ...account });
    registerMailLinks(pages, { flow, secondFactorRequired, ...account });
    registerConsent(pages, { flow, lifetimeSeconds: absoluteLifetimeSeconds });
    registerDevice(pages, { flow, decisions: devices, lifetimeSeconds: absoluteLifetimeSeconds });
    registerInvitation(pages, {
      account: { flow, secondFactorRequired, ...account },
      ports: dependencies.invitations,
    });
    registerLogout(pages, { flow, random, tellApps });
    for (const path of PATHS_WITH_FORMS) refuseOtherMethods(pages, path, ['GET', 'HEAD', 'POST']);
    refuseOtherMethods(pages, '/login/passkey', ['POST']);
    // Not HEAD: a look ahead must not issue a code.
    refuseOtherMethods(pages, '/authorize', ['GET', 'POST']);
    refuseOtherMethods(pages, '/login/go-on', ['GET']);
  });
}

function answerErrorsWithPages(pages: FastifyInstance): void {
  pages.setErrorHandler((error, request, reply) => {
    const known = publicError(error);
    if (!request.wasShed)
      noteRefusal(request, { ...known, clientId: claimedClientId(request) }, error, known.fault);
    const [title, whatToDo] = inWords(known, request.wasShed);
    return reply
      .code(known.status)
      .headers({ ...known.headers, ...pageHeaders(), [REQUEST_ID]: request.id })
      .send(
        errorPage({
          status: known.status,
          title,
          explanation: `${known.description}.`,
          whatToDo,
          reference: request.id,
        }),
      );
  });
}

function inWords(
  { status, fault }: PublicError,
  wasShed: boolean,
): readonly [title: string, whatToDo: string] {
  if (wasShed) return ['Too many people are here at once', AGAIN];
  if (fault) return ['Something failed here', AGAIN];
  if (status === 429) return ['Too much was asked for from here', AGAIN];
  return ['This request cannot be read', 'Go back and start again.'];
}

const AGAIN = 'Try again in a moment.';
