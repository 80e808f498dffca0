import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuthMethod, oidcPresets } from '../../../../lib/index.js';
import { mintToken } from '../../../../lib/testing/index.js';
import { loopbackCertificate } from '../../../../lib/testing/tls-certificate.js';
import { present } from '../../../helpers/oidc-providers.js';

// Azure AD B2C has a document and a key set for each policy.

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const SIGN_IN = 'B2C_1_signin';
const PROFILE = 'B2C_1_profile';

interface Policy {
  readonly kid: string;
  readonly key: KeyObject;
  readonly jwk: object;
}

function policy(kid: string): Policy {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, key: privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } };
}

const policies: Record<string, Policy> = { [SIGN_IN]: policy('one'), [PROFILE]: policy('two') };
const { key, cert, ca } = loopbackCertificate();
const asked: string[] = [];
let down: string | undefined;
let host = '';
let method: AuthMethod;

const server = createServer({ key, cert }, ({ url = '' }, res) => {
  asked.push(url);
  const name = Object.keys(policies).find((one) => url.includes(one)) ?? '';
  if (name === down) return res.writeHead(503).end();
  const document = {
    issuer: `https://${host}/${TENANT}/v2.0/`,
    jwks_uri: `https://${host}/contoso.onmicrosoft.com/${name}/discovery/v2.0/keys`,
  };
  return res.end(JSON.stringify(url.endsWith('/keys') ? { keys: [policies[name]?.jwk] } : document));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  asked.length = 0;
  down = undefined;
  const own = { tenant: 'contoso', tenantId: TENANT, policies: [SIGN_IN, PROFILE], clientId: 'api', domain: host };
  method = oidcPresets.b2c({ ...own, ca, cooldown: 0 });
});

interface Minted {
  signer?: Policy;
  oid?: string;
  withoutKid?: boolean;
}

const tokenOf = (name: string, { signer = policies[name], oid = 'ann', withoutKid = false }: Minted = {}) => {
  const claims = { iss: `https://${host}/${TENANT}/v2.0/`, aud: 'api', azp: 'spa', scp: 'read', oid, tfp: name };
  if (signer === undefined) throw new Error(`no policy ${name}`);
  return mintToken(claims, { algorithm: 'RS256', key: signer.key, ...(withoutKid ? {} : { kid: signer.kid }) });
};

test('takes the tokens of every policy by its own keys', async () => {
  expect((await present(method, await tokenOf(SIGN_IN))).verdict).toBe('200');
  expect((await present(method, await tokenOf(PROFILE))).verdict).toBe('200');
  await method.close();
});

test('remembers where a key was found, and asks nowhere else for its next tokens', async () => {
  await present(method, await tokenOf(PROFILE));
  const before = asked.length;
  for (const oid of ['bob', 'carol', 'dave'])
    expect((await present(method, await tokenOf(PROFILE, { oid }))).verdict).toBe('200');
  expect(asked.length).toBe(before);
  await method.close();
});

test('tries the keys of all places where two of them name different keys alike', async () => {
  const before = policies[PROFILE];
  const alike = policy('one');
  policies[PROFILE] = alike;
  try {
    expect((await present(method, await tokenOf(SIGN_IN))).verdict).toBe('200');
    expect((await present(method, await tokenOf(PROFILE))).verdict).toBe('200');
    expect((await present(method, await tokenOf(PROFILE, { signer: policy('one') }))).verdict).toBe(
      '401 signature_invalid',
    );
  } finally {
    if (before !== undefined) policies[PROFILE] = before;
  }
  await method.close();
});

test('tries the keys of all places for a token without a kid', async () => {
  for (const name of [SIGN_IN, PROFILE])
    expect((await present(method, await tokenOf(name, { withoutKid: true }))).verdict).toBe('200');
  await method.close();
});

test('refuses a key that is in no place', async () => {
  const stranger = policy('three');
  expect((await present(method, await tokenOf(SIGN_IN, { signer: stranger }))).verdict).toBe('401 key_not_found');
  const forged = { ...stranger, kid: 'one' };
  expect((await present(method, await tokenOf(SIGN_IN, { signer: forged }))).verdict).toBe('401 signature_invalid');
  await method.close();
});

test('calls a key that may be in a place which is down an outage, and takes those of the others', async () => {
  down = SIGN_IN;
  expect((await present(method, await tokenOf(PROFILE))).verdict).toBe('200');
  expect((await present(method, await tokenOf(SIGN_IN))).verdict).toBe('503 keys_unavailable');
  down = undefined;
  await method.close();
});

test('tells the health of all places as one', async () => {
  await method.ready();
  expect(method.health()).toEqual([expect.objectContaining({ keyCount: 2 })]);
  await method.close();
});
