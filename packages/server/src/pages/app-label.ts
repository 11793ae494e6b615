/**
 * What a page calls an app: its name where an operator registered it. An app that nobody here has looked at may take
 * any name, so it is called by what it cannot make up: the host of its document, or else where its answers go.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §6.4, RFC 7591 §5
 */
import type { Client } from '../domain/client.ts';

export function appLabel(client: Client, redirectUri: string): string {
  if (client.registeredBy === 'metadata_document') return new URL(client.id).host;
  if (client.registeredBy !== 'registration') return client.name;
  const { protocol, host, hostname } = new URL(redirectUri);
  return protocol === 'https:' && !isLoopbackHost(hostname) ? host : 'An app on this device';
}

/** @param host with or without a port */
export function isLoopbackHost(host: string): boolean {
  return /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(host);
}
