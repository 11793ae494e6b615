/**
 * From where the request came: judged where it arrives, so that a code is asked for from the network of the person, and
 * redeemed from that of the app.
 * @spec RFC 4632 §3.1, RFC 4291 §2.3, §2.5.5.2
 */
import { BlockList, isIP } from 'node:net';
import { anyOrNone, expectedOf } from './any-or-none.ts';
import { condition } from './condition.ts';

export const network = condition({
  name: 'network',
  schema: anyOrNone('Networks in CIDR notation, or single addresses', {
    pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$',
  }),
  prepare: ({ any_of: any, none_of: none }) => {
    const inside = any === undefined ? undefined : networks(any);
    const outside = none === undefined ? undefined : networks(none);
    const expected = expectedOf({ any_of: any, none_of: none });
    return ({ address }) => {
      // Whoever cannot say where they are is nowhere in particular: that fails, and what fails blocks.
      const plain = address === undefined ? undefined : plainAddress(address);
      if (plain === undefined) throw new Error('the address of the request is not known');
      const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
      const met = (inside?.check(plain, family) ?? true) && !(outside?.check(plain, family) ?? false);
      return { met, expected, got: plain };
    };
  },
});

/** What is wrong with a network; undefined: nothing. */
export function networkRefusal(text: string): string | undefined {
  try {
    networks([text]);
    return undefined;
  } catch {
    return 'is not a network in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32';
  }
}

/** @throws TypeError | RangeError */
function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address);
    if (family === 0 || rest.length > 0) throw new TypeError('not a network');
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix);
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** IPv4 in the clothes of IPv6 (`::ffff:192.0.2.1`) is IPv4; a zone is of this machine only. */
function plainAddress(address: string): string | undefined {
  const [unzoned = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned);
  const plain = mapped?.[1] ?? unzoned;
  return isIP(plain) === 0 ? undefined : plain;
}
