/** `/docs`, `/docs/<path>`, `/docs/<path>.md` and `/llms.txt`. Read when the first of them is asked for, then kept. */
import type { FastifyInstance } from 'fastify';
import type { DocsAnswers } from './docs-answers.ts';

export interface DocsOptions {
  /** The repository's `docs`. */
  readonly docsDirectory: string;
}

export async function registerDocs(app: FastifyInstance, { docsDirectory }: DocsOptions): Promise<void> {
  let answers: Promise<DocsAnswers> | undefined;
  const read = (): Promise<DocsAnswers> => {
    answers ??= import('./docs-answers.ts').then((module) => module.createDocsAnswers(docsDirectory));
    return answers;
  };
  app.get('/docs', async (_request, reply) => (await read()).map(reply));
  app.get<{ Params: { '*': string } }>('/docs/*', async (request, reply) =>
    (await read()).page(request.params['*'], reply),
  );
  app.get('/llms.txt', async (_request, reply) => (await read()).llms(reply));
}
