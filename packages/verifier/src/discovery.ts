/**
 * The issuer's metadata: where its keys and its introspection endpoint are.
 * @spec RFC 8414 §3, §3.3, §6.2
 */
import type { Clock } from './clock.ts';
import { fetchJson } from './fetch-json.ts';
import type { FetchLimits } from './fetch-json.ts';

export interface IssuerMetadata {
  readonly jwksUri: string | undefined;
  readonly introspectionEndpoint: string | undefined;
  /** Where the issuer tells what ends; only a Tessera does. */
  readonly eventsEndpoint: string | undefined;
  /** Where the issuer takes reports of leaked tokens; only a Tessera does. */
  readonly leakedTokensEndpoint: string | undefined;
}

const MAXIMUM_AGE_MS = 3600_000;

/** @throws TypeError unless the issuer is an http or https URL without query and fragment (RFC 8414 §2) */
export function metadataUrl(issuer: string): string {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || /[?#]/.test(issuer)) {
    throw new TypeError('issuer must be an http or https URL without query and fragment');
  }
  const path = url.pathname.replace(/\/$/, '');
  return `${url.origin}/.well-known/oauth-authorization-server${path}`;
}

/**
 * @returns a function that gives the metadata, fetched at most once an hour; one fetch serves all who wait for it.
 * It rejects when they cannot be had or are another issuer's.
 */
export function createDiscovery(
  issuer: string,
  clock: Clock,
  limits: FetchLimits,
): () => Promise<IssuerMetadata> {
  const url = metadataUrl(issuer);
  let current: Promise<IssuerMetadata> | undefined;
  let fetchedAt = 0;
  return () => {
    if (current !== undefined && clock() - fetchedAt < MAXIMUM_AGE_MS) return current;
    fetchedAt = clock();
    const fetched = fetchJson(url, {}, limits).then((document) => readMetadata(document, issuer));
    current = fetched;
    fetched.catch(() => {
      if (current === fetched) current = undefined; // a failure is not kept
    });
    return fetched;
  };
}

function readMetadata(document: unknown, issuer: string): IssuerMetadata {
  if (typeof document !== 'object' || document === null)
    throw new Error('the issuer metadata are not an object');
  const metadata: Readonly<Record<string, unknown>> = { ...document };
  // Without this an attacker's server could present another one's name (RFC 8414 §6.2).
  if (metadata['issuer'] !== issuer) throw new Error('the issuer metadata name another issuer');
  return {
    jwksUri: endpoint(metadata['jwks_uri'], issuer),
    introspectionEndpoint: endpoint(metadata['introspection_endpoint'], issuer),
    eventsEndpoint: endpoint(metadata['tessera_events_endpoint'], issuer),
    leakedTokensEndpoint: endpoint(metadata['tessera_leaked_tokens_endpoint'], issuer),
  };
}

function endpoint(value: unknown, issuer: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !URL.canParse(value))
    throw new Error('the issuer metadata hold a malformed URL');
  const { protocol } = new URL(value);
  const allowed = protocol === 'https:' || (protocol === 'http:' && issuer.startsWith('http:'));
  if (!allowed) throw new Error('the issuer metadata lead from https to another scheme');
  return value;
}
