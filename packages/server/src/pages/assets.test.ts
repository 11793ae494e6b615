import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { assetPath, registerAssets } from './assets.ts';

const app = Fastify();
registerAssets(app);
const get = async (url: string, headers: Record<string, string> = {}) => await app.inject({ url, headers });

describe('assets', () => {
  it.each(['/assets/none.css', '/assets/..%2fassets.ts', '/assets/constructor', '/assets/'])(
    '404: %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(404);
    },
  );

  it('refuses to name one that does not exist', () => {
    expect(() => assetPath('none.css')).toThrow('no such asset');
  });

  it.each([
    ['tessera.css', 'text/css; charset=utf-8'],
    ['guide.css', 'text/css; charset=utf-8'],
    ['enhance.js', 'text/javascript; charset=utf-8'],
    ['mark.svg', 'image/svg+xml'],
    ['ibm-plex-mono.woff2', 'font/woff2'],
  ])('serves %s for a year under the address that names its content', async (name, contentType) => {
    const { headers, statusCode } = await get(assetPath(name));
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': contentType,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(['/assets/tessera.css', '/assets/tessera.css?v=old', '/favicon.ico'])(
    'has %s asked for again',
    async (url) => {
      const { headers } = await get(url);
      expect(headers['cache-control']).toBe('no-cache');
      const again = await get(url, { 'if-none-match': String(headers.etag) });
      expect([again.statusCode, again.body]).toEqual([304, '']);
      expect((await get(url, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    },
  );
});
