import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { expect, test } from '@jest/globals';
import { testIssuer } from '../../lib/testing/index.js';
import { loopbackCertificate } from '../../lib/testing/tls-certificate.js';
import { afterThisTest } from '../helpers/after-this-test.js';

async function secureIssuer() {
  const issuer = await testIssuer({ tls: true });
  afterThisTest(() => issuer.close());
  return issuer;
}

function statusOf(url: string, ca?: string): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      resolve(response.statusCode);
      response.destroy();
    }).on('error', ({ message }) => resolve(message));
  });
}

test.each(['127.0.0.1', 'localhost'])('serves %s to those who trust its authority', async (host) => {
  const issuer = await secureIssuer();
  const url = issuer.metadata.jwks_uri.replace('127.0.0.1', host);
  expect(url.startsWith('https://')).toBe(true);
  expect(await statusOf(url, issuer.ca)).toBe(200);
});

test('is not believed by those who do not, nor by those who trust another’s', async () => {
  const issuer = await secureIssuer();
  const url = issuer.metadata.jwks_uri;
  expect(await statusOf(url)).toMatch(/certificate/);
  expect(await statusOf(url, loopbackCertificate().ca)).toMatch(/certificate/);
});

test('its certificates say what they are', () => {
  const { cert, ca } = loopbackCertificate();
  const [server, authority] = [new X509Certificate(cert), new X509Certificate(ca)];
  expect([server.ca, authority.ca]).toEqual([false, true]);
  expect(server.verify(authority.publicKey) && authority.verify(authority.publicKey)).toBe(true);
  expect(server.checkIssued(authority)).toBe(true);
  expect(server.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(server.checkHost('example.com')).toBeUndefined();
});
