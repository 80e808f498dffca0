import { isIPv4, isIPv6 } from 'node:net';

/** Hosts usually have a whole /64 to choose addresses from (RFC 6177 section 2): four groups of sixteen bits. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Returns an address without the zone of link-local addresses, and without a port, which some proxies add. */
function bareAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/%.*$/, '');
  return bare.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}

/** Returns the groups of an address that is written in its shortest form. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  if (tail === undefined) return [...head];
  return [...head, ...Array<string>(GROUPS - head.length - tail.length).fill('0'), ...tail];
}

function ipv6Network(address: string): string {
  // The URL parser writes an address in its shortest form (RFC 5952), without dots.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(short) ?? [];
  if (high === undefined || low === undefined) return `${groupsOf(short).slice(0, NETWORK_GROUPS).join(':')}::/64`;
  const bits = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return bits.flatMap((pair) => [pair >>> 8, pair & 255]).join('.');
}

/**
 * Returns the network that one client can be assumed to have for itself: an IPv4 address, also where it is written as
 * an IPv6 one, or the /64 of an IPv6 address. `undefined` where a text is no address.
 */
export function peerNetwork(text: string | undefined): string | undefined {
  const address = bareAddress(text ?? '');
  if (isIPv4(address)) return address;
  return isIPv6(address) ? ipv6Network(address) : undefined;
}
