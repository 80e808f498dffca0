import { BlockList, isIP } from 'node:net';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertStrings } from '../options/assertions.js';
import type { AuthRequest } from './request.js';

/** Whether the other end of the connection is a trusted proxy. */
export type TrustedPeers = (req: AuthRequest) => boolean;

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function addRange(list: BlockList, option: string, range: string): void {
  const [address = '', prefix, ...more] = range.split('/');
  const family = familyOf(address);
  const longest = family === 'ipv6' ? 128 : 32;
  const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (isIP(address) === 0 || more.length > 0 || !(bits >= 0 && bits <= longest)) {
    throw new ConfigurationError(
      option,
      `expects addresses and CIDR ranges such as "10.0.0.0/8" or "fd00::/8", not ${JSON.stringify(range)}`,
    );
  }
  list.addSubnet(address, bits, family);
}

/**
 * Compiles a list of addresses and CIDR ranges. Only the address of the socket counts, because a forwarded address is a
 * claim of the peer itself. A connection without an address (a Unix socket) is not trusted.
 * @throws {ConfigurationError} when the list is empty, or an entry is no address or range.
 */
export function compileTrustedPeers(option: string, ranges: unknown): TrustedPeers {
  assertStrings(option, ranges);
  if (ranges.length === 0) throw new ConfigurationError(option, 'names nobody, so no request could ever pass');
  const list = new BlockList();
  for (const range of ranges) addRange(list, option, range);
  return ({ socket }) => {
    // The zone of link-local addresses is removed. IPv4 peers of a dual-stack server, ::ffff:a.b.c.d, match IPv4
    // ranges.
    const address = socket?.remoteAddress?.replace(/%.*$/, '');
    return address !== undefined && isIP(address) !== 0 && list.check(address, familyOf(address));
  };
}
