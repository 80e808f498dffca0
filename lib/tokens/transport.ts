import type { AuthRequest } from './request.js';

/**
 * Members that Express adds to a request: address and protocol, as its setting `trust proxy` takes them from proxies.
 */
type ExpressFacts = { readonly ip?: unknown; readonly secure?: unknown };

// Loopback addresses (RFC 5735 section 3, RFC 4291 section 2.5.3); a dual-stack server writes IPv4 peers as
// ::ffff:a.b.c.d.
const LOOPBACK = /^(::ffff:)?127(\.\d{1,3}){3}$|^::1$/i;

/** Returns the address of the client: of the socket, or from the proxies that Express was told to trust. */
export function peerOf(req: AuthRequest): string | undefined {
  // Cast: only Express requests have these members, and each is checked here.
  const { ip } = req as ExpressFacts;
  return typeof ip === 'string' && ip !== '' ? ip : req.socket?.remoteAddress;
}

/** Whether a request came over TLS: on its own socket, or to a proxy that Express was told to trust. */
export function cameOverTls(req: AuthRequest): boolean {
  // Cast: only sockets of node:tls have `encrypted`.
  const { encrypted } = (req.socket ?? {}) as { encrypted?: unknown };
  return encrypted === true || (req as ExpressFacts).secure === true;
}

/** Whether both ends are on one machine: the address is a loopback one, or there is none (a Unix socket). */
export function isLocal(req: AuthRequest): boolean {
  const peer = peerOf(req);
  return peer === undefined || LOOPBACK.test(peer);
}
