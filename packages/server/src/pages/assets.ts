/** The style sheet, scripts, font and icons of the pages: read once at start, served from memory. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  'tessera.css': 'text/css; charset=utf-8',
  'guide.css': 'text/css; charset=utf-8',
  'enhance.js': 'text/javascript; charset=utf-8',
  'passkey.js': 'text/javascript; charset=utf-8',
  'mark.svg': 'image/svg+xml',
  'ibm-plex-mono.woff2': 'font/woff2',
  'ibm-plex-mono.license.txt': 'text/plain; charset=utf-8',
};

interface Asset {
  readonly name: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Changes with the content. */
  readonly version: string;
}

const assets: ReadonlyMap<string, Asset> = new Map(
  Object.entries(CONTENT_TYPES).map(([name, contentType]) => {
    const body = readFileSync(new URL(`assets/${name}`, import.meta.url));
    const version = hash('sha256', body, 'base64url').slice(0, 16);
    return [name, { name, contentType, body, version }];
  }),
);

const ONE_YEAR = 'public, max-age=31536000, immutable';

/** The address of an asset; it names the content, so that a browser may keep it for as long as it likes. */
export function assetPath(name: string): string {
  const asset = assets.get(name);
  if (!asset) throw new Error(`no such asset: ${name}`);
  return `/assets/${name}?v=${asset.version}`;
}

/** Serves `/assets/…` and `/favicon.ico`. */
export function registerAssets(app: FastifyInstance): void {
  app.get<{ Params: { name: string }; Querystring: { v?: string } }>(
    '/assets/:name',
    async (request, reply) => {
      const asset = assets.get(request.params.name);
      if (!asset) return await reply.code(404).type('text/plain; charset=utf-8').send('No such asset.\n');
      return await send(request, reply, asset, request.query.v === asset.version);
    },
  );
  const icon = assets.get('mark.svg');
  // Browsers ask for it on every page that names no icon, answers in JSON included.
  if (icon) app.get('/favicon.ico', async (request, reply) => await send(request, reply, icon, false));
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  asset: Asset,
  named: boolean,
): Promise<FastifyReply> {
  const etag = `"${asset.version}"`;
  reply.headers({
    etag,
    'cache-control': named ? ONE_YEAR : 'no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
  return await reply.type(asset.contentType).send(asset.body);
}
