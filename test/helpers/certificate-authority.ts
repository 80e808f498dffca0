import { loopbackCertificate, type TlsCertificate } from '../../lib/testing/tls-certificate.js';

/** Certificate and key in the form of `node:https`. */
export type TlsIdentity = Pick<TlsCertificate, 'cert' | 'key'>;

/** Creates a certificate authority with a certificate for servers and clients on this machine. */
export function certificateAuthority(): { ca: string; server: TlsIdentity } {
  const { ca, cert, key } = loopbackCertificate();
  return { ca, server: { cert, key } };
}
