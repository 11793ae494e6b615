/** The pages a person meets on the way to a token, as routes: `/authorize`, `/login`, `/consent`, `/device`, `/logout`. */
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import { refuseOtherMethods } from '../../http/app.ts';
import { claimedClientId, noteRefusal } from '../../http/noted-refusals.ts';
import { publicError, REQUEST_ID } from '../../http/respond.ts';
import type { SignInPorts } from '../../people/sign-in.ts';
import type { Random } from '../../ports/random.ts';
import type { DeviceDecisionDependencies } from '../../protocol/device/decide.ts';
import { Form } from '../../protocol/form.ts';
import { errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';
import { beginAuthorization, type FlowDependencies } from './authorization-flow.ts';
import type { AccountFlow } from './account-flow.ts';
import { registerConsent } from './consent-routes.ts';
import { registerDevice } from './device-routes.ts';
import { registerLogin } from './login-routes.ts';
import { registerLogout } from './logout-routes.ts';
import { registerMailLinks } from './mail-link-routes.ts';
import { NEW_PASSWORD_PATH, registerMailRequests } from './mail-request-routes.ts';

export interface PageRouteDependencies {
  readonly flow: FlowDependencies;
  readonly signIn: SignInPorts;
  readonly devices: DeviceDecisionDependencies;
  /** Sign-up, recovery, and links in mails. */
  readonly account: Omit<AccountFlow, 'flow'>;
  readonly random: Random;
  /** Tells apps that a session has ended. Never rejects. */
  readonly tellApps: (sid: string) => Promise<void>;
  /** Seconds after which an app has to ask a person again, at the latest. */
  readonly absoluteLifetimeSeconds: number;
  readonly signInHint?: string;
}

const PATHS_WITH_FORMS = [
  '/login',
  '/consent',
  '/device',
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
  const { flow, signIn, signInHint, devices, account, random, tellApps, absoluteLifetimeSeconds } =
    dependencies;
  await app.register(async (pages: FastifyInstance) => {
    pages.removeAllContentTypeParsers();
    await pages.register(formbody);
    answerErrorsWithPages(pages);
    pages.get('/authorize', { exposeHeadRoute: false }, (request, reply) =>
      beginAuthorization(new Form(request.query), request, reply, flow),
    );
    pages.post('/authorize', (request, reply) =>
      beginAuthorization(new Form(request.body), request, reply, flow),
    );
    registerLogin(pages, {
      flow,
      signIn,
      // Doors that are closed are not shown.
      doors: { signUp: account.signUp === 'on', recovery: account.sealMail !== undefined },
      ...(signInHint === undefined ? {} : { hint: signInHint }),
    });
    registerMailRequests(pages, { flow, ...account });
    registerMailLinks(pages, { flow, ...account });
    registerConsent(pages, { flow, lifetimeSeconds: absoluteLifetimeSeconds });
    registerDevice(pages, { flow, decisions: devices, lifetimeSeconds: absoluteLifetimeSeconds });
    registerLogout(pages, { flow, random, tellApps });
    for (const path of PATHS_WITH_FORMS) refuseOtherMethods(pages, path, ['GET', 'HEAD', 'POST']);
    // Not HEAD: a look ahead must not issue a code.
    refuseOtherMethods(pages, '/authorize', ['GET', 'POST']);
  });
}

function answerErrorsWithPages(pages: FastifyInstance): void {
  pages.setErrorHandler((error, request, reply) => {
    const known = publicError(error);
    noteRefusal(request, { ...known, clientId: claimedClientId(request) }, error, known.fault);
    return reply
      .code(known.status)
      .headers({ ...known.headers, ...pageHeaders(), [REQUEST_ID]: request.id })
      .send(
        errorPage({
          status: known.status,
          title: known.fault ? 'Something failed here' : 'This request cannot be read',
          explanation: `${known.description}.`,
          whatToDo: known.fault ? 'Try again in a moment.' : 'Go back and start again.',
          reference: request.id,
        }),
      );
  });
}
