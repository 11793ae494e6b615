import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Under what uses of an access token are counted: a hash, because what is counted stays in memory. */
export function presentedToken({ headers }: FastifyRequest): string {
  return hash('sha256', headers.authorization ?? '', 'base64url');
}
