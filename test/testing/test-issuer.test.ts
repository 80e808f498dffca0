import { describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { TestIssuer } from '../../lib/testing/index.js';
import { issuerForTest } from '../helpers/key-journey.js';

const DISCOVERY = '/.well-known/openid-configuration';

async function getJson(url: string) {
  const response = await fetch(url);
  return { status: response.status, body: response.status === 200 ? await response.json() : undefined };
}

const verify = (issuer: TestIssuer, token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(issuer.metadata.jwks_uri)), {
    issuer: issuer.url,
    audience: issuer.audience,
  });

describe('the document', () => {
  test('stands where OpenID Connect Discovery looks, and names the issuer', async () => {
    const issuer = await issuerForTest({ path: '/realms/test' });
    const { body } = await getJson(issuer.url + DISCOVERY);
    expect(body).toMatchObject({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` });
  });

  test.each(['oauth', 'both'] as const)('discovery: %s puts it where RFC 8414 looks', async (discovery) => {
    const issuer = await issuerForTest({ path: '/realms/test', discovery });
    const origin = issuer.url.replace('/realms/test', '');
    const { body } = await getJson(`${origin}/.well-known/oauth-authorization-server/realms/test`);
    expect(body).toMatchObject({ issuer: issuer.url });
    expect((await getJson(issuer.url + DISCOVERY)).status).toBe(discovery === 'both' ? 200 : 404);
  });
});

describe('minted tokens', () => {
  test('verify against the published set', async () => {
    const issuer = await issuerForTest({ audience: 'things' });
    const { payload, protectedHeader } = await verify(issuer, await issuer.mint({ scope: 'read' }));
    expect(payload).toMatchObject({ iss: issuer.url, aud: 'things', sub: 'test-user', scope: 'read' });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  });

  test.each(['RS256', 'PS256', 'ES512', 'EdDSA'] as const)('verify with %s too', async (algorithm) => {
    const issuer = await issuerForTest({ algorithms: ['ES256', algorithm] });
    const { protectedHeader } = await verify(issuer, await issuer.mint({}, { algorithm }));
    expect(protectedHeader.alg).toBe(algorithm);
  });

  test('are refused for an algorithm that the issuer has no key for', async () => {
    const issuer = await issuerForTest();
    await expect(issuer.mint({}, { algorithm: 'RS256' })).rejects.toThrow('ES256');
  });

  test('are as wrong as asked for', async () => {
    const issuer = await issuerForTest();
    const token = await issuer.mint({ sub: undefined, iss: 'other' }, { lifetime: -5, header: { kid: undefined } });
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token);
    expect(exp - iat).toBe(-5);
    expect(claims).toEqual({ iss: 'other', aud: 'test-api', jti: expect.any(String) });
  });
});

describe('rotation', () => {
  test('publishes the new key beside the old one', async () => {
    const issuer = await issuerForTest();
    const old = await issuer.mint();
    await issuer.rotate();
    await expect(verify(issuer, old)).resolves.toBeDefined();
    await expect(verify(issuer, await issuer.mint())).resolves.toBeDefined();
  });

  test('withdraws the old key at once where asked to', async () => {
    const issuer = await issuerForTest();
    const old = await issuer.mint();
    await issuer.rotate({ keepOld: false });
    expect(issuer.jwks().keys).toHaveLength(1);
    await expect(verify(issuer, old)).rejects.toThrow();
  });
});

describe('up and down', () => {
  test('refuses connections while stopped, and comes back on the same port with the same keys', async () => {
    const issuer = await issuerForTest();
    const token = await issuer.mint();
    const { url } = issuer;
    await issuer.stop();
    await expect(fetch(url + DISCOVERY)).rejects.toThrow();
    await issuer.start();
    await issuer.start();
    expect(issuer.url).toBe(url);
    await expect(verify(issuer, token)).resolves.toBeDefined();
  });

  test('stop() and close() may be called twice', async () => {
    const issuer = await issuerForTest();
    await issuer.stop();
    await expect(Promise.all([issuer.stop(), issuer.close(), issuer.close()])).resolves.toBeDefined();
  });
});

test('counts requests by endpoint, and nothing else', async () => {
  const issuer = await issuerForTest();
  const before = issuer.counts;
  await getJson(issuer.url + DISCOVERY);
  await getJson(issuer.metadata.jwks_uri);
  await getJson(`${issuer.metadata.jwks_uri}?again`);
  await getJson(`${issuer.url}/elsewhere`);
  expect(issuer.counts).toEqual({ discovery: 1, jwks: 2, token: 0, introspection: 0 });
  expect(before).toEqual({ discovery: 0, jwks: 0, token: 0, introspection: 0 });
});

test('two issuers share neither port nor keys', async () => {
  const [one, other] = [await issuerForTest(), await issuerForTest()];
  expect(one.url).not.toBe(other.url);
  await expect(verify(one, await other.mint({ iss: one.url }))).rejects.toThrow();
});
