/** Proxies that may say things about the connection on their other side, by address or network. */
import { BlockList, isIP } from 'node:net';

/**
 * @param networks addresses, and networks such as 10.0.0.0/8
 * @returns whether an address is one of them
 * @throws TypeError for anything else
 */
export function createTrustedPeers(networks: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits, more] = network.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    const isSensible = /^\d{1,3}$/.test(bits ?? '0') && prefix <= (family === 6 ? 128 : 32);
    if (family === 0 || more !== undefined || !isSensible) {
      throw new TypeError(`${network} is neither an address nor a network`);
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => {
    if (address === undefined) return false;
    const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}
