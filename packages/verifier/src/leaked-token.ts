/** Tells the issuer of a token that somebody else may hold it: it ends, and its owner hears of it. */
import { createDiscovery } from './discovery.ts';
import type { Fetch } from './fetch-json.ts';
import { basicCredentials } from './introspection-endpoint.ts';
import { DEFAULT_TIMEOUT_SECONDS } from './verifier-options.ts';

export interface LeakReportOptions {
  /** Whose token it is; a Tessera. */
  readonly issuer: string;
  /** Who reports it. Without, the issuer takes fewer reports a minute. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /**
   * `url`: it came in the address of a request, perhaps by its owner's own hand. Then the issuer's setting decides
   * whether it ends. Anything else found elsewhere ends.
   */
  readonly foundIn?: 'url';
  readonly fetch?: Fetch;
  readonly timeoutSeconds?: number;
}

/**
 * Resolves when the issuer has taken the report. It never says whether the token was good.
 * @throws Error when the issuer cannot be asked, or takes no reports; the message holds no token
 */
export async function reportLeakedToken(token: string, options: LeakReportOptions): Promise<void> {
  const { issuer, clientId, clientSecret, foundIn, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const fetch = options.fetch ?? ((url: string, init: RequestInit) => globalThis.fetch(url, init));
  const limits = { fetch, timeoutMilliseconds: timeoutSeconds * 1000 };
  const { leakedTokensEndpoint: endpoint } = await createDiscovery(issuer, Date.now, limits)();
  if (endpoint === undefined) throw new Error(`${issuer} takes no reports of leaked tokens`);
  const headers =
    clientId === undefined || clientSecret === undefined
      ? {}
      : { authorization: basicCredentials({ clientId, clientSecret }) };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ token, ...(foundIn === undefined ? {} : { found_in: foundIn }) }),
    redirect: 'manual',
    signal: AbortSignal.timeout(limits.timeoutMilliseconds),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`${endpoint} answered ${response.status}`);
}
