/**
 * Requests under way. None outlives its token: whatever is still open when the token expires, or is not good any more, is
 * ended.
 */
import { type PresentedRequest, TokenError, type Verifier } from '@tessera/verifier';

export interface Passage {
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly token: string;
  /** What the token is to be held against again, where it says more about requests than others do. */
  readonly presented: PresentedRequest | undefined;
  readonly verifier: Verifier;
  /** Ends it, and says why to whoever can still be told. */
  end(reason: TokenError): void;
}

export interface Passages {
  add(passage: Passage): void;
  remove(passage: Passage): void;
  /** Stops looking. */
  close(): void;
}

const SECOND_MS = 1000;
/** An opaque token that nobody remembers costs its issuer a request. */
const ASK_EVERY = 5;

/** @param wakeUp runs what it is given after so many milliseconds, and gives what calls it off */
export function createPassages(
  clock: () => number,
  wakeUp: (run: () => void, afterMs: number) => () => void = afterTimeout,
): Passages {
  const open = new Set<Passage>();
  let callOff: (() => void) | undefined;
  let round = 0;
  const look = (): void => {
    round++;
    const now = clock();
    for (const passage of open) {
      if (now >= passage.exp * SECOND_MS) finish(passage, new TokenError('expired'));
      else if (!passage.token.startsWith('tsr_') || round % ASK_EVERY === 0) void lookAgain(passage);
    }
    callOff = open.size === 0 ? undefined : wakeUp(look, untilNextSecond(clock()));
  };
  const finish = (passage: Passage, reason: TokenError): void => {
    if (open.delete(passage)) passage.end(reason);
  };
  const lookAgain = async (passage: Passage): Promise<void> => {
    const reason = await reasonToEnd(passage);
    if (reason !== undefined) finish(passage, reason);
  };
  return {
    add(passage) {
      open.add(passage);
      callOff ??= wakeUp(look, untilNextSecond(clock()));
    },
    remove: (passage) => void open.delete(passage),
    close() {
      callOff?.();
      open.clear();
    },
  };
}

/** Tokens expire on the second, so that is when to look. */
function untilNextSecond(now: number): number {
  return SECOND_MS - (now % SECOND_MS);
}

function afterTimeout(run: () => void, afterMs: number): () => void {
  const timer = setTimeout(run, afterMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Said of a token alone, where everything else holds: possession was proven when the request came. */
const STILL_GOOD: ReadonlySet<string> = new Set(['bound', 'missing_certificate', 'unavailable']);

/** Said of the same request once more: its proof is used by now, and so is a token for one use. */
const USED_BY_NOW: ReadonlySet<string> = new Set([
  'used_proof',
  'bad_proof',
  'use_dpop_nonce',
  'not_acceptable',
  'unavailable',
]);

async function reasonToEnd({ verifier, token, presented }: Passage): Promise<TokenError | undefined> {
  try {
    await verifier.verify(presented ?? token);
    return undefined;
  } catch (error) {
    const harmless = presented === undefined ? STILL_GOOD : USED_BY_NOW;
    return error instanceof TokenError && !harmless.has(error.code) ? error : undefined;
  }
}
