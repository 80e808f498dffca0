import type { AuthRequest } from './request.js';

/** What Express adds: the address and the protocol as far as its `trust proxy` believes what proxies say. */
type ExpressFacts = { readonly ip?: unknown; readonly secure?: unknown };

// RFC 5735 section 3 and RFC 4291 section 2.5.3; IPv4 peers of a dual-stack server are written ::ffff:a.b.c.d.
const LOOPBACK = /^(::ffff:)?127(\.\d{1,3}){3}$|^::1$/i;

/** Who is at the other end: the socket's address, or the client's where Express was told which proxies to believe. */
export function peerOf(req: AuthRequest): string | undefined {
  // Express' own members, which plain requests lack.
  const { ip } = req as ExpressFacts;
  return typeof ip === 'string' && ip !== '' ? ip : req.socket?.remoteAddress;
}

/** Whether a request came over TLS: on its own socket, or to a proxy that Express was told to believe. */
export function cameOverTls(req: AuthRequest): boolean {
  // `encrypted` is there on the sockets of node:tls alone.
  const { encrypted } = (req.socket ?? {}) as { encrypted?: unknown };
  return encrypted === true || (req as ExpressFacts).secure === true;
}

/** Whether nothing lies between the two ends: they are on one machine, or there is no network address at all (a Unix socket). */
export function isLocal(req: AuthRequest): boolean {
  const peer = peerOf(req);
  return peer === undefined || LOOPBACK.test(peer);
}
