/** Whether the settings fit together. */
import { isIPv4 } from 'node:net';
import { createTrustedPeers } from '@tessera/verifier';
import { limitProblems } from './limit-settings.ts';
import type { Config } from './schema.ts';
import { smtpProblems } from './smtp.ts';

/** What settings that are each right may get wrong between them; one line each, with what to change. */
export function checkTogether(config: Config, problems: string[]): void {
  if (config.issuer !== undefined) problems.push(...issuerProblems(config.issuer));
  if ((config.tls_cert === undefined) !== (config.tls_key === undefined)) {
    problems.push('tls_cert and tls_key go together; one of them is missing.');
  }
  problems.push(...proxyProblems(config));
  problems.push(...certificateProblems(config));
  problems.push(...smtpProblems(config));
  problems.push(...limitProblems(config));
  if (config.master_key !== undefined && masterKeyBytes(config.master_key) === undefined) {
    problems.push(
      'master_key is not 32 bytes in base64url. Make one: openssl rand -base64 32 | tr "+/" "-_" | tr -d "="',
    );
  }
  if (config.other_master_key !== undefined && masterKeyBytes(config.other_master_key) === undefined) {
    problems.push('other_master_key is not 32 bytes in base64url.');
  }
  if (isPostgres(config) && config.master_key === undefined) {
    problems.push(
      'PostgreSQL needs master_key, because all nodes share the sealed keys. Make one: openssl rand -base64 32 | tr "+/" "-_" | tr -d "="',
    );
  }
  const { access_token_lifetime: shortest, access_token_lifetime_max: longest } = config;
  if (longest !== undefined && shortest > longest) {
    problems.push('access_token_lifetime is longer than access_token_lifetime_max.');
  }
  if (config.headers_timeout > config.request_timeout) {
    problems.push('headers_timeout is longer than request_timeout.');
  }
  if (config.session_idle_lifetime > config.session_absolute_lifetime) {
    problems.push('session_idle_lifetime is longer than session_absolute_lifetime.');
  }
  if (config.refresh_token_idle_lifetime > config.refresh_token_absolute_lifetime) {
    problems.push('refresh_token_idle_lifetime is longer than refresh_token_absolute_lifetime.');
  }
}

/** Names of networks that every machine has, as the HTTP layer knows them. */
const NAMED_NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

function proxyProblems({ trusted_proxies: proxies }: Config): readonly string[] {
  return proxies
    .filter((proxy) => !NAMED_NETWORKS.has(proxy) && !hasNetmask(proxy) && !areNetworks([proxy]))
    .map((proxy) => `trusted_proxies: ${proxy} is neither an address nor a network such as 10.0.0.0/8.`);
}

/** The older way to write a network: 10.0.0.0/255.0.0.0 */
function hasNetmask(network: string): boolean {
  const parts = network.split('/');
  return parts.length === 2 && parts.every((part) => isIPv4(part));
}

function certificateProblems(config: Config): readonly string[] {
  const problems: string[] = [];
  if (config.mtls_port !== undefined && config.tls_cert === undefined) {
    problems.push('mtls_port needs tls_cert and tls_key.');
  }
  if (config.client_cert_header && config.trusted_proxies.length === 0) {
    problems.push(
      'client_cert_header needs trusted_proxies: the addresses of the proxies that ask for certificates.',
    );
  }
  if (config.client_cert_header && !areNetworks(config.trusted_proxies)) {
    problems.push(
      'client_cert_header needs trusted_proxies that are addresses or networks such as 10.0.0.0/8.',
    );
  }
  if (config.mtls_url !== undefined && !/^https:\/\/[^/?#@]+(?:\/[^?#]*[^/?#])?$/.test(config.mtls_url)) {
    problems.push('mtls_url is not an https URL without a trailing slash, query or fragment.');
  }
  return problems;
}

function areNetworks(networks: readonly string[]): boolean {
  try {
    createTrustedPeers(networks);
    return true;
  } catch {
    return false;
  }
}

function issuerProblems(issuer: string): readonly string[] {
  if (!URL.canParse(issuer)) return ['issuer is not a URL.'];
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return ['issuer is neither http nor https.'];
  if (url.search !== '' || url.hash !== '' || issuer.includes('?') || issuer.includes('#')) {
    return ['issuer may not have a query or fragment (RFC 8414 §2).'];
  }
  if (issuer.endsWith('/')) return [`issuer ends with a slash; write ${issuer.replace(/\/+$/, '')}`];
  const normal = url.pathname === '/' ? url.origin : `${url.origin}${url.pathname}`;
  return issuer === normal ? [] : [`issuer is not in its normal form; write ${normal}`];
}

export function isPostgres(config: Config): boolean {
  return /^postgres(ql)?:/.test(config.database_url);
}

/** The bytes of a given master key, or undefined when they are not 32. */
export function masterKeyBytes(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return /^[A-Za-z0-9_-]{43}=?$/.test(text) && bytes.length === 32 ? bytes : undefined;
}
