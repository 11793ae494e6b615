/** `/logout`: ends the session of this browser; with an app waiting, on to another account. */
import type { FastifyInstance } from 'fastify';
import { requestContext } from '../../http/app.ts';
import { endSession } from '../../people/session.ts';
import type { Random } from '../../ports/random.ts';
import { Form } from '../../protocol/form.ts';
import { pageHeaders } from '../security-headers.ts';
import { signedOutPage, signOutPage } from '../sign-out-page.ts';
import { currentSession, type FlowDependencies, redirect, waitingRequest } from './authorization-flow.ts';

export function registerLogout(app: FastifyInstance, flow: FlowDependencies, random: Random): void {
  app.get('/logout', async (request, reply) => {
    const session = await currentSession(request, flow);
    const account = session === undefined ? undefined : await flow.users.find(session.userId);
    const page =
      session === undefined || account === undefined
        ? signedOutPage({ signInUrl: '/login' })
        : signOutPage({
            action: '/logout',
            formToken: flow.browser.formToken(flow.browser.ensureId(request, reply), session.id),
            account,
          });
    return reply.headers(pageHeaders()).send(page);
  });
  app.post('/logout', async (request, reply) => {
    const form = new Form(request.body);
    const session = await currentSession(request, flow);
    if (session !== undefined) {
      if (!flow.browser.isOwnForm(request, form.get('form_token'), session.id))
        return redirect(reply, '/logout');
      const { at, address, requestId } = requestContext(request, flow.clock);
      await endSession({ session, at, address, requestId }, { sessions: flow.sessions, random });
    }
    flow.browser.clearSession(reply);
    const interaction = form.get('interaction');
    const waiting = await waitingRequest(interaction, request, flow);
    if (interaction !== undefined && waiting !== undefined) {
      return redirect(reply, `/login?interaction=${encodeURIComponent(interaction)}`);
    }
    return reply.headers(pageHeaders()).send(signedOutPage({ signInUrl: '/login' }));
  });
}
