import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { oidcPresets } from '../../../../lib/index.js';
import { mintToken } from '../../../../lib/testing/index.js';
import { loopbackCertificate } from '../../../../lib/testing/tls-certificate.js';
import { present } from '../../../helpers/oidc-providers.js';

// AD FS names the issuer of its access tokens in its document, beside its own name.

const FARM = 'http://sts.acme.com/adfs/services/trust';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { key, cert, ca } = loopbackCertificate();
const asked: string[] = [];
let isDown = false;
let url = '';

const server = createServer({ key, cert }, (req, res) => {
  asked.push(req.url ?? '');
  if (isDown) return res.writeHead(503).end();
  const document = { issuer: `${url}/adfs`, access_token_issuer: FARM, jwks_uri: `${url}/adfs/discovery/keys` };
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig' }] };
  return res.end(JSON.stringify(req.url?.endsWith('/keys') ? keys : document));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  isDown = false;
  asked.length = 0;
});

const tokenOf = (iss: string) =>
  mintToken({ iss, aud: 'api', upn: 'ann@acme.com', scp: 'openid' }, { algorithm: 'RS256', key: privateKey });
const methodOf = () => oidcPresets.adfs({ url, audience: 'api', ca, cooldown: 0 });

test('takes the issuer that the document names for access tokens', async () => {
  const method = methodOf();
  const { verdict, principal } = await present(method, await tokenOf(FARM));
  expect([verdict, principal?.id]).toEqual(['200', `${FARM}|ann@acme.com`]);
  expect(asked).toEqual(['/adfs/.well-known/openid-configuration', '/adfs/discovery/keys']);
  await method.close();
});

test('refuses an issuer that the document does not name, without asking again for each', async () => {
  const method = methodOf();
  for (const host of ['evil.example.com', 'other.example.com', 'sts.acme.com.evil.example.com'])
    expect((await present(method, await tokenOf(`http://${host}/adfs/services/trust`))).verdict).toBe(
      '401 issuer_unknown',
    );
  expect((await present(method, await tokenOf('https://login.example.com'))).verdict).toBe('401 issuer_unknown');
  expect(asked.length).toBe(2);
  await method.close();
});

test('calls it an outage while the document cannot be read', async () => {
  isDown = true;
  const method = methodOf();
  expect((await present(method, await tokenOf(FARM))).verdict).toBe('503 keys_unavailable');
  await method.close();
});
