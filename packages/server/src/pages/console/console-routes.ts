/** `/console/…` and `/explain`: the console's page and files. What they show comes from the APIs. */
import { issuerPath } from '../../http/issuer-path.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Browser } from '../../http/browser.ts';
import { REQUEST_ID } from '../../http/respond.ts';
import { findSession } from '../../people/session.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sessions } from '../../ports/sessions.ts';
import { errorPage } from '../error-page.ts';
import { pageHeaders } from '../security-headers.ts';
import type { BuiltConsole } from './built-console.ts';

export interface ConsoleRouteDependencies {
  readonly issuer: string;
  readonly browser: Pick<Browser, 'sessionCookie'>;
  readonly sessions: Pick<Sessions, 'find'>;
  readonly clock: Clock;
  /** Everybody needs a second factor here. */
  readonly secondFactorRequired: boolean;
}

/** Their names change with what is in them. */
const KEPT_FOR_A_YEAR = {
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'accept-encoding',
} as const;

export function registerConsole(app: FastifyInstance, dependencies: ConsoleRouteDependencies): void {
  const prefix = issuerPath(dependencies.issuer);
  const built = readOnce();
  const showConsole = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { browser } = dependencies;
    if ((await findSession(browser.sessionCookie(request), dependencies)) !== undefined) {
      return show(await built(), prefix, request, reply);
    }
    const path = request.url.split('?', 1)[0] ?? '/console';
    return reply.redirect(`/login?${new URLSearchParams({ next: 'console', path }).toString()}`, 303);
  };
  app.get('/console', showConsole);
  app.get('/console/*', showConsole);
  app.get('/explain', async (request, reply) => show(await built(), prefix, request, reply));
  app.get<{ Params: { name: string } }>('/console/assets/:name', async (request, reply) => {
    const file = (await built())?.files.get(request.params.name);
    if (file === undefined) return reply.code(404).type('text/plain; charset=utf-8').send('No such file.\n');
    reply.headers(KEPT_FOR_A_YEAR).type(file.contentType);
    const packed = file.gzip !== undefined && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    return packed ? reply.header('content-encoding', 'gzip').send(file.gzip) : reply.send(file.body);
  });
}

/** A start does not wait for files that perhaps nobody asks for. */
function readOnce(): () => Promise<BuiltConsole | undefined> {
  let built: BuiltConsole | undefined;
  return async () => {
    const { readBuiltConsole } = await import('./built-console.ts');
    built ??= readBuiltConsole();
    return built;
  };
}

async function show(
  built: BuiltConsole | undefined,
  prefix: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (built === undefined) {
    const page = errorPage({
      status: 503,
      title: 'The console has not been built',
      explanation: 'The server runs, but the files of its console are missing.',
      whatToDo: 'Stop it and run `npm start`, or `node packages/console/build.mjs`.',
      reference: request.id,
    });
    return reply
      .code(503)
      .headers({ ...pageHeaders(), [REQUEST_ID]: request.id })
      .send(page);
  }
  const { consolePage } = await import('./console-page.ts');
  return reply.headers(pageHeaders({ app: true })).send(consolePage(built, prefix));
}
