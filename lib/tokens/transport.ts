import { peerNetwork } from './peer-network.js';
import type { AuthRequest } from './request.js';

/**
 * Members that Express adds to a request: address and protocol, as its setting `trust proxy` takes them from proxies.
 */
type ExpressFacts = {
  readonly ip?: unknown;
  readonly secure?: unknown;
  readonly ips?: unknown;
  readonly app?: { get?: (name: string) => unknown };
};

// Loopback addresses (RFC 5735 section 3, RFC 4291 section 2.5.3); a dual-stack server writes IPv4 peers as
// ::ffff:a.b.c.d.
const LOOPBACK = /^(::ffff:)?127(\.\d{1,3}){3}$|^::1$/i;

/** Addresses for documentation (RFC 5737, RFC 3849): whoever believes them to be proxies believes everybody. */
const NOBODYS = ['192.0.2.1', '2001:db8::1'];
const FAR = 1_000;

/**
 * Whether Express believes every address in `X-Forwarded-For` (`trust proxy: true`, or as good as that). The client
 * then writes its own address.
 */
function believesEverybody({ app }: ExpressFacts): boolean {
  const trusts: unknown = app?.get?.('trust proxy fn');
  return typeof trusts === 'function' && NOBODYS.some((address) => trusts(address, FAR) === true);
}

/**
 * Returns the network of the client (see {@link peerNetwork}): of the socket, or of the address that comes from the
 * proxies which Express was told to trust. If it trusts everybody, the socket decides.
 */
export function peerOf(req: AuthRequest): string {
  // Cast: only Express requests have these members, and each is checked here.
  const facts = req as ExpressFacts;
  const named = typeof facts.ip === 'string' && !believesEverybody(facts) ? peerNetwork(facts.ip) : undefined;
  return named ?? peerNetwork(req.socket?.remoteAddress) ?? '';
}

/** Whether a request came over TLS: on its own socket, or to a proxy that Express was told to trust. */
export function cameOverTls(req: AuthRequest): boolean {
  // Cast: only sockets of node:tls have `encrypted`.
  const { encrypted } = (req.socket ?? {}) as { encrypted?: unknown };
  return encrypted === true || (req as ExpressFacts).secure === true;
}

/** Names of headers by which proxies tell that they forwarded a request, with `_` read as `-`. */
const FORWARDED = /^(?:x-)?forwarded(?:-|$)|^via$|^(?:x-)?(?:real|client|true-client|cluster-client)-?ip$/;

const isForwarded = ({ headers }: AuthRequest): boolean =>
  Object.keys(headers).some((name) => FORWARDED.test(name.replaceAll('_', '-')));

const isLoopback = (address: unknown): boolean =>
  address === undefined || (typeof address === 'string' && LOOPBACK.test(address));

/**
 * Whether a request came from this machine: its socket has a loopback address, or none (a Unix socket). A request that
 * a proxy forwarded came from elsewhere, even if the proxy is on this machine, unless Express trusts the proxy (`trust
 * proxy`) and every address that it names is of this machine.
 */
export function isLocal(req: AuthRequest): boolean {
  if (!isLoopback(req.socket?.remoteAddress)) return false;
  if (!isForwarded(req)) return true;
  const { ips } = req as ExpressFacts;
  return Array.isArray(ips) && ips.length > 0 && ips.every(isLoopback);
}
