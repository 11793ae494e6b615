/**
 * Asks the issuer about an opaque token over HTTP: once for all who ask at the same moment, and not at all while the
 * issuer keeps failing.
 * @spec RFC 7662 §2.1; RFC 6749 §2.3.1
 */
import { createCircuitBreaker } from './circuit-breaker.ts';
import type { Clock } from './clock.ts';
import type { IssuerMetadata } from './discovery.ts';
import { fetchJson } from './fetch-json.ts';
import type { FetchLimits } from './fetch-json.ts';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface IntrospectionTimes {
  readonly clock: Clock;
  /** A counter that moves when tokens may have ended: nobody is given an answer that was asked for before. */
  readonly moment: () => number;
}

/**
 * For how long a question that is under way serves those who come after. An answer tells how things stood some time
 * after its question was asked, so this much later at most a token may pass that has ended meanwhile.
 */
const JOIN_WITHIN_MS = 50;

interface Question {
  readonly askedAt: number;
  readonly moment: number;
  readonly answer: Promise<unknown>;
}

export function createRemoteIntrospection(
  discover: () => Promise<IssuerMetadata>,
  credentials: ClientCredentials,
  limits: FetchLimits,
  { clock, moment }: IntrospectionTimes,
): (token: string, callerAddress?: string) => Promise<unknown> {
  const authorization = basicCredentials(credentials);
  const breaker = createCircuitBreaker(clock);
  const underWay = new Map<string, Question>();
  const ask = async (token: string, callerAddress: string | undefined): Promise<unknown> => {
    const { introspectionEndpoint } = await discover();
    if (introspectionEndpoint === undefined)
      throw new Error('the issuer metadata name no introspection endpoint');
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' });
    if (callerAddress !== undefined) body.set('caller_address', callerAddress);
    return fetchJson(introspectionEndpoint, { method: 'POST', headers: { authorization }, body }, limits);
  };
  return (token, callerAddress) => {
    const now = clock();
    // The answer for one caller is none for another.
    const asked = callerAddress === undefined ? token : `${token} ${callerAddress}`;
    const earlier = underWay.get(asked);
    if (earlier?.moment === moment() && now - earlier.askedAt < JOIN_WITHIN_MS) return earlier.answer;
    const answer = breaker.run(() => ask(token, callerAddress));
    const question = { askedAt: now, moment: moment(), answer };
    underWay.set(asked, question);
    const isDone = (): void => {
      if (underWay.get(asked) === question) underWay.delete(asked);
    };
    answer.then(isDone, isDone);
    return answer;
  };
}

/** `client_secret_basic`: both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
export function basicCredentials({ clientId, clientSecret }: ClientCredentials): string {
  const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function formEncode(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1);
}
