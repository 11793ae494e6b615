/**
 * Which domains metadata documents may come from.
 * @spec draft-ietf-oauth-client-id-metadata-document-00 §6.8
 */
export interface DomainPolicy {
  /** Empty: all. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

export function isAllowedDomain(hostname: string, { allow, deny }: DomainPolicy): boolean {
  if (deny.some((domain) => isWithin(hostname, domain))) return false;
  return allow.length === 0 || allow.some((domain) => isWithin(hostname, domain));
}

/** A final dot names the same host in the DNS. */
function isWithin(hostname: string, domain: string): boolean {
  const host = hostname.replace(/\.$/, '');
  const above = domain.toLowerCase().replace(/^\.|\.$/g, '');
  return host === above || host.endsWith(`.${above}`);
}
