/**
 * Which addresses are somebody's on the open Internet, by the registries of special-purpose addresses.
 *
 * @spec RFC 6890 §2.2
 */
import ipaddr from 'ipaddr.js';

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * @param address in its canonical form, without brackets
 * @returns false for every special-purpose range, for IPv6 forms that carry an IPv4 address, and for what is no address
 */
export function isPublicAddress(address: string): boolean {
  // With a zone it is an address of one link, and never a public one.
  if (!ipaddr.isValid(address) || address.includes('%')) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // What lies outside 2000::/3 is not assigned to anybody, `::127.0.0.1` among it.
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(GLOBAL_UNICAST);
}
