import { HttpTestIssuer } from './http-test-issuer.js';
import type { SecureTestIssuer, TestIssuer, TestIssuerOptions } from './issuer-contract.js';
import { loopbackCertificate } from './tls-certificate.js';

/**
 * Starts an issuer in this process: discovery document, key set, token endpoint (`client_credentials` and
 * `password`) and introspection over real HTTP on a free port of 127.0.0.1, with key rotation and faults on demand.
 *
 * ```ts
 * const issuer = await testIssuer();
 * app.use(oidcBearer({ issuer: issuer.url, audience: issuer.audience }));
 * await request(app).get('/').set('Authorization', `Bearer ${await issuer.mint({ scope: 'read' })}`);
 * await issuer.close();
 * ```
 */
export function testIssuer(options: TestIssuerOptions & { tls: true }): Promise<SecureTestIssuer>;
export function testIssuer(options?: TestIssuerOptions): Promise<TestIssuer>;
export async function testIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const issuer = new HttpTestIssuer(options, options.tls === true ? loopbackCertificate() : undefined);
  await issuer.start();
  return issuer;
}
