/** What anyone may read: the docs, the assets, and where `/` leads. */
import { fileURLToPath } from 'node:url';
import type { Tessera } from '../main.ts';
import { registerAssets } from '../pages/assets.ts';
import { registerDocs } from '../pages/docs/docs.ts';

const DOCS_DIRECTORY = fileURLToPath(new URL('../../../../docs', import.meta.url));

/** @param options.home where `/` leads; absent when another page answers there */
export async function mountPublicPages(
  { app }: Tessera,
  options: { readonly home?: string } = {},
): Promise<void> {
  registerAssets(app);
  await registerDocs(app, { docsDirectory: DOCS_DIRECTORY });
  const { home } = options;
  if (home !== undefined) app.get('/', (_request, reply) => reply.redirect(home, 303));
}
