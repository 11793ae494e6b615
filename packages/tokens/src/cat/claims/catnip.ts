/** From which networks the token may be used: addresses, prefixes and autonomous systems. @spec CTA-5007-B §4.6.9; RFC 9164 */
import type { CborValue } from '../../cbor/index.ts';
import type { CatRequest } from '../cat-request.ts';
import type { CatClaim } from '../claim.ts';
import { formatIpPrefix, ipTagFrom, isWithin, parseIpAddress, readIpTag } from '../ip-address.ts';
import type { IpPrefix } from '../ip-address.ts';
import { isJsonList } from '../json-value.ts';
import type { JsonValue } from '../json-value.ts';
import { isList, isUint } from '../read-value.ts';

/** A number is an autonomous system. */
type Network = number | IpPrefix;

const LARGEST_ASN = 2 ** 32 - 1;
/** A longer prefix may point at a household, so it belongs into an encrypted token. */
const PUBLIC_BITS = { 4: 24, 16: 56 } as const;

export const catnip: CatClaim<readonly Network[]> = {
  name: 'catnip',
  label: 311,
  section: '4.6.9',
  support: 'must',
  says: 'From which networks: IP addresses, prefixes or autonomous systems, one of which must fit',
  read: readNetworks,
  acceptable: (networks, { request }) => {
    if (request.ip === undefined && request.asn === undefined) return 'claim_unsupported';
    return isFromOneOf(networks, request) ? undefined : 'wrong_network';
  },
  presented: ({ request: { ip, asn } }) => ({
    ...(ip !== undefined && { ip }),
    ...(asn !== undefined && { asn }),
  }),
  toJson: (networks) =>
    networks.map((network) => (typeof network === 'number' ? network : formatIpPrefix(network))),
  fromJson: networksFromJson,
  isPersonal: (networks) =>
    networks.some(
      (network) =>
        typeof network !== 'number' && network.bits > PUBLIC_BITS[network.address.length === 4 ? 4 : 16],
    ),
};

function isFromOneOf(networks: readonly Network[], { ip, asn }: CatRequest): boolean {
  const address = ip === undefined ? undefined : parseIpAddress(ip);
  return networks.some((network) =>
    typeof network === 'number' ? network === asn : address !== undefined && isWithin(address, network),
  );
}

function readNetworks(value: CborValue): readonly Network[] | undefined {
  if (!isList(value) || value.length === 0) return undefined;
  const networks: Network[] = [];
  for (const each of value) {
    const network = isUint(each) ? (each <= LARGEST_ASN ? each : undefined) : readIpTag(each);
    if (network === undefined) return undefined;
    networks.push(network);
  }
  return networks;
}

function networksFromJson(json: JsonValue): CborValue | undefined {
  if (!isJsonList(json) || json.length === 0) return undefined;
  const networks: CborValue[] = [];
  for (const each of json) {
    const network =
      typeof each === 'number' ? each : typeof each === 'string' ? networkFrom(each) : undefined;
    if (network === undefined) return undefined;
    networks.push(network);
  }
  return networks;
}

function networkFrom(text: string): CborValue | undefined {
  return /^\d+$/.test(text) ? Number(text) : ipTagFrom(text);
}
