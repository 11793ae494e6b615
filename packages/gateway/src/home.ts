/** `GET /`, where no route takes it: what this is, and where to go. */
import type { ServerResponse } from 'node:http';
import { GatewayError } from './refusal.ts';
import { routeOf } from './serve-request.ts';
import type { Visit } from './visit.ts';

/** @returns whether it has answered */
export function answerHome(visit: Visit, response: ServerResponse): boolean {
  const { request, generation } = visit;
  if ((request.method !== 'GET' && request.method !== 'HEAD') || isRouted(visit)) return false;
  visit.status = 200;
  const { home_url: home } = generation.config;
  const link = home === undefined ? '' : `<p>Home: <a href="${escaped(home)}">${escaped(home)}</a></p>`;
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Tessera gateway</title>
<h1>Tessera gateway</h1><p>Requests with a good access token are passed on to the APIs behind it.</p>${link}</html>
`;
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
    .end(page);
  return true;
}

function isRouted(visit: Visit): boolean {
  try {
    routeOf(visit);
    return true;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'no_route') return false;
    throw error;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
