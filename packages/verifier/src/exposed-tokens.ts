/** A token that came in a URL is told to its issuer, so that its owner hears of it. Requests never wait for that. */
import { createHash } from 'node:crypto';
import type { Fetch } from './fetch-json.ts';
import type { ClientCredentials } from './introspection-endpoint.ts';
import { reportLeakedToken } from './leaked-token.ts';

export interface ExposureReportOptions {
  /** Those that may have issued it. One without credentials is not handed anything. */
  readonly issuers: () => readonly {
    readonly issuer: string;
    readonly credentials: ClientCredentials | undefined;
  }[];
  /** Told when an issuer could not be; never with the token. */
  readonly failed?: (issuer: string, error: unknown) => void;
  readonly fetch?: Fetch | undefined;
}

/** What is told twice is no news. */
const REMEMBERED = 1000;
/** Whoever sends many may not keep anybody busy with them. */
const MOST_UNDER_WAY = 8;

/** @returns takes a token that was found in a URL; never throws */
export function createExposureReports({
  issuers,
  failed,
  fetch,
}: ExposureReportOptions): (token: string) => void {
  const known = new Set<string>();
  let underWay = 0;
  const report = async (token: string, issuer: string, credentials: ClientCredentials): Promise<void> => {
    underWay += 1;
    try {
      await reportLeakedToken(token, {
        issuer,
        ...credentials,
        foundIn: 'url',
        ...(fetch === undefined ? {} : { fetch }),
      });
    } catch (error) {
      failed?.(issuer, error);
    } finally {
      underWay -= 1;
    }
  };
  return (token) => {
    const id = createHash('sha256').update(token).digest('base64url');
    if (token === '' || known.has(id)) return;
    for (const { issuer, credentials } of issuers()) {
      if (credentials === undefined || underWay >= MOST_UNDER_WAY) continue;
      known.add(id);
      void report(token, issuer, credentials);
    }
    const [oldest] = known;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  };
}
