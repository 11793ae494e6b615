// Sends a broken request as it is, and waits for its answer for so long.
import { type Agent, request as httpRequest } from 'node:http';
import type { Broken } from './mutations.ts';

export interface Outcome {
  readonly status: number;
  readonly text: string;
}

/** What a request that got no answer in time is told by. */
export const NO_ANSWER = 'no answer in time';

/** @throws Error where the connection broke, or with `NO_ANSWER` */
export function sendBroken(base: string, broken: Broken, longestMs: number, agent?: Agent): Promise<Outcome> {
  const { hostname, port } = new URL(base);
  const { method, target: path, headers, body } = broken;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      hostname,
      port,
      method,
      path,
      headers: { ...headers, 'content-length': body?.length ?? 0 },
      ...(agent === undefined ? {} : { agent }),
    });
    request.setTimeout(longestMs, () => request.destroy(new Error(NO_ANSWER)));
    request.on('error', reject);
    request.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      // A stream goes on for as long as somebody listens.
      if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
        response.destroy();
        resolve({ status, text: '' });
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }));
    });
    request.end(body);
  });
}
