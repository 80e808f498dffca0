import { loopbackCertificate, type TlsCertificate } from '../../lib/testing/tls-certificate.js';

/** A certificate and its key, as `node:https` takes them. */
export type TlsIdentity = Pick<TlsCertificate, 'cert' | 'key'>;

/** A certificate authority of its own, with what a server or a client on this machine needs; nobody else trusts it. */
export function certificateAuthority(): { ca: string; server: TlsIdentity } {
  const { ca, cert, key } = loopbackCertificate();
  return { ca, server: { cert, key } };
}
