/** An API's side: checks opaque tokens with the verifier. */
import { createVerifier } from '@tessera/verifier';
import { answerCalls } from '../program.ts';
import { API_SERVER, SCOPE } from './contestant.ts';

/** As many requests as an API under load has under way. */
const PARALLEL = 32;

export interface OpaqueCheck {
  readonly issuer: string;
  readonly audience: string;
  readonly tokens: readonly string[];
  readonly cacheSeconds: number;
  readonly seconds: number;
}

/** @returns how many of them are checked in a second, `PARALLEL` at a time */
async function checksPerSecond(
  tokens: readonly string[],
  seconds: number,
  check: (token: string) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let count = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < until) {
      // oxlint-disable-next-line no-await-in-loop -- a caller waits for its answer
      await check(tokens[count++ % tokens.length] ?? '');
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, loop));
  return (count * 1000) / (performance.now() - startedAt);
}

answerCalls({
  opaque: async ({ issuer, audience, tokens, cacheSeconds, seconds }: OpaqueCheck) => {
    const { id: clientId, secret: clientSecret } = API_SERVER;
    const introspectionCacheSeconds = cacheSeconds;
    const verifier = createVerifier({ issuer, audience, clientId, clientSecret, introspectionCacheSeconds });
    const check = (token: string): Promise<unknown> => verifier.verify(token, { scopes: [SCOPE] });
    // Each token has been seen once before the clock starts.
    if (cacheSeconds > 0) for (const token of tokens) await check(token);
    return checksPerSecond(tokens, seconds, check);
  },
});
