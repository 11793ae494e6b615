import type { FastifyRequest } from 'fastify';

/** Whether somebody looks at an address in a browser, rather than a program asks. */
export function isPageLoad({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;
}
