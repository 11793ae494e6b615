/** `/api/leaked-tokens` takes reports, and the published patterns say what to look for. */
import { setTimeout as pause } from 'node:timers/promises';
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { type LeakedTokenDependencies, reportLeakedTokens } from '../protocol/endpoints/leaked-tokens.ts';
import { publishedTokenPatterns } from '../protocol/endpoints/token-patterns.ts';
import { OAuthError } from '../protocol/oauth-error.ts';
import { refuseOtherMethods, requestContext } from './app.ts';
import { parseJson } from './parse-json.ts';
import { ANY_ORIGIN, NO_STORE, PREFLIGHT } from './reply-headers.ts';

export interface LeakedTokenRouteDependencies extends LeakedTokenDependencies {
  readonly issuer: string;
  readonly clock: Clock;
}

const REPORTS = '/api/leaked-tokens';
const PATTERNS = '/.well-known/tessera-token-patterns.json';
/** Ending a token takes a write that an unknown one does not: no answer leaves before both would be done. */
const SOONEST_ANSWER_MS = 100;

export async function registerLeakedTokenRoutes(
  app: FastifyInstance,
  dependencies: LeakedTokenRouteDependencies,
): Promise<void> {
  const patterns = publishedTokenPatterns(dependencies.issuer);
  app.get(PATTERNS, (_request, reply) =>
    reply.headers({ ...ANY_ORIGIN, 'cache-control': 'public, max-age=3600' }).send(patterns),
  );
  app.options(PATTERNS, (_request, reply) => reply.headers(PREFLIGHT).code(204).send());
  refuseOtherMethods(app, PATTERNS, ['GET', 'HEAD', 'OPTIONS']);
  await app.register(async (reports: FastifyInstance) => {
    reports.removeAllContentTypeParsers();
    await reports.register(formbody);
    reports.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, parseJson(String(body)));
      } catch {
        done(new OAuthError('invalid_request', 'The body is not JSON that can be taken'));
      }
    });
    registerReports(reports, dependencies);
  });
}

function registerReports(app: FastifyInstance, dependencies: LeakedTokenRouteDependencies): void {
  app.post(REPORTS, async (request, reply) => {
    if (request.url.includes('?')) {
      throw new OAuthError('invalid_request', 'A report belongs in the body: a URL would spread the token');
    }
    const context = requestContext(request, dependencies.clock);
    const { authorization } = request.headers;
    await Promise.all([
      reportLeakedTokens(authorization, request.body, context, dependencies),
      pause(SOONEST_ANSWER_MS),
    ]);
    return reply.headers(NO_STORE).code(202).send();
  });
  refuseOtherMethods(app, REPORTS, ['POST']);
}
