import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.ts';

describe('addresses that are not fetched from', () => {
  it.each([
    ['this network, RFC 791 §3.2', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private, RFC 1918', '10.0.0.1'],
    ['private, RFC 1918', '172.16.0.1'],
    ['private, RFC 1918', '172.31.255.255'],
    ['private, RFC 1918', '192.168.1.1'],
    ['shared by a carrier, RFC 6598', '100.64.0.1'],
    ['loopback, RFC 1122', '127.0.0.1'],
    ['loopback, RFC 1122', '127.255.255.254'],
    ['link local, RFC 3927; where clouds keep their secrets', '169.254.169.254'],
    ['protocol assignments, RFC 6890 §2.1', '192.0.0.1'],
    ['documentation, RFC 5737', '192.0.2.1'],
    ['documentation, RFC 5737', '198.51.100.1'],
    ['documentation, RFC 5737', '203.0.113.1'],
    ['6to4 relays, RFC 3068', '192.88.99.1'],
    ['benchmarks, RFC 2544', '198.18.0.1'],
    ['multicast, RFC 5771', '224.0.0.1'],
    ['reserved, RFC 1112', '240.0.0.1'],
    ['broadcast, RFC 919', '255.255.255.255'],
    ['unspecified, RFC 4291', '::'],
    ['loopback, RFC 4291', '::1'],
    ['IPv4-mapped, RFC 4291', '::ffff:127.0.0.1'],
    ['IPv4-mapped, of a public address', '::ffff:93.184.216.34'],
    ['IPv4-mapped, in hex', '::ffff:7f00:1'],
    ['IPv4-compatible, RFC 4291 §2.5.5.1', '::127.0.0.1'],
    ['translated, RFC 6052', '64:ff9b::7f00:1'],
    ['translated locally, RFC 8215', '64:ff9b:1::1'],
    ['translated, RFC 2765', '::ffff:0:7f00:1'],
    ['discard only, RFC 6666', '100::1'],
    ['Teredo, RFC 4380', '2001:0:1::1'],
    ['benchmarks, RFC 5180', '2001:2::1'],
    ['ORCHID, RFC 7343', '2001:20::1'],
    ['documentation, RFC 3849', '2001:db8::1'],
    ['documentation, RFC 9637', '3fff::1'],
    ['6to4 of loopback, RFC 3056', '2002:7f00:1::1'],
    ['segment routing, RFC 9602', '5f00::1'],
    ['unique local, RFC 4193', 'fc00::1'],
    ['unique local; where a cloud keeps its secrets', 'fd00:ec2::254'],
    ['link local, RFC 4291', 'fe80::1'],
    ['link local with a zone, RFC 4007', 'fe80::1%lo'],
    ['a public address with a zone', '2606:2800:220:1::1%eth0'],
    ['site local, RFC 3879', 'fec0::1'],
    ['multicast, RFC 4291', 'ff02::1'],
    ['assigned to nobody', '4000::1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('%s: %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('addresses of the open Internet', () => {
  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1:248:1893:25c8:1946'])(
    '%s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});
