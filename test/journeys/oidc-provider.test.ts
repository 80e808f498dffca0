import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { certificateAuthority } from '../helpers/certificate-authority.js';
import { present, verdict } from '../helpers/oidc-door.js';
import { programToken } from '../helpers/provider-client.js';
import { API, PROGRAM, type RealProvider, realProvider, signingKey, TOKEN_TTL } from '../helpers/real-provider.js';

const authority = certificateAuthority();
const overHttp = await realProvider();
const overHttps = await realProvider({ tls: authority.server });
const impostor = await realProvider({ posingAs: overHttp.origin });

const apiOf = ({ origin }: RealProvider, options: Partial<OidcBearerOptions> = {}) =>
  oidcBearer({ issuer: origin, audience: API, exposeReason: true, ...options } as OidcBearerOptions);

afterEach(() => void jest.restoreAllMocks());

describe.each<[scheme: string, provider: RealProvider, trust: { ca?: string }]>([
  ['http', overHttp, {}],
  ['https with an authority of its own', overHttps, { ca: authority.ca }],
])('a real provider over %s', (_scheme, provider, trust) => {
  const api = apiOf(provider, trust);
  const tokenFor = (resource?: string) => programToken(provider, { ...trust, ...(resource && { resource }) });

  test('lets a program in by two options', async () => {
    const { status, principal } = await present(
      api,
      await programToken(provider, { ...trust, scope: 'things:read things:write' }),
    );
    expect(status).toBe(200);
    expect(principal).toMatchObject({
      type: 'client',
      id: PROGRAM.id,
      issuer: provider.origin,
      subject: PROGRAM.id,
      scopes: ['things:read', 'things:write'],
      claims: { aud: API },
    });
  });

  test('makes access tokens to the letter of RFC 9068', async () => {
    expect(await verdict(apiOf(provider, { ...trust, tokenProfile: 'at+jwt' }), await tokenFor())).toBe(200);
  });

  test('does not let a token in that is for another API', async () => {
    expect(await verdict(api, await tokenFor('urn:example:another'))).toBe('audience_mismatch');
  });

  test('does not let an expired token in', async () => {
    const token = await tokenFor();
    const later = Date.now() + (TOKEN_TTL + 61) * 1000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect(await verdict(api, token)).toBe('token_expired');
  });

  test('works by the address of its key set alone', async () => {
    const jwksUri = `${provider.origin}/jwks`;
    expect(await verdict(apiOf(provider, { ...trust, jwksUri }), await tokenFor())).toBe(200);
  });

  test('warms up before the first token', async () => {
    const fresh = apiOf(provider, trust);
    await fresh.ready();
    expect(fresh.health()).toMatchObject([{ source: provider.origin, keyCount: 1, lastSuccess: expect.any(Date) }]);
    const before = provider.asked.length;
    const token = await tokenFor();
    const spent = provider.asked.length - before;
    expect(await verdict(fresh, token)).toBe(200);
    expect(provider.asked.length - before).toBe(spent);
  });
});

describe('a provider that is not ours', () => {
  test('is unknown, and is asked nothing', async () => {
    const token = await programToken(overHttp);
    const before = overHttp.asked.length;
    expect(await verdict(apiOf(overHttps, { ca: authority.ca }), token)).toBe('issuer_unknown');
    expect(overHttp.asked.length).toBe(before);
  });

  test('is found out where it poses as ours', async () => {
    expect(await verdict(apiOf(overHttp), await programToken(impostor))).toBe('key_not_found');
  });

  test('is found out where it even uses the name of our key', async () => {
    await overHttp.useKeys(signingKey('k1'));
    await impostor.useKeys(signingKey('k1'));
    const api = apiOf(overHttp);
    expect(await verdict(api, await programToken(impostor))).toBe('signature_invalid');
    expect(await verdict(api, await programToken(overHttp))).toBe(200);
  });

  test('is no place to discover our keys', async () => {
    const elsewhere = apiOf(overHttps, { discovery: { url: `${overHttp.origin}/.well-known/openid-configuration` } });
    expect(await verdict(elsewhere, await programToken(overHttps, { ca: authority.ca }))).toBe('503 keys_unavailable');
  });
});

describe('a provider whose certificate we cannot check', () => {
  test.each([
    ['no authority was given', {}],
    ['another authority was given', { ca: certificateAuthority().ca }],
  ])('is an outage where %s', async (_what, options) => {
    const token = await programToken(overHttps, { ca: authority.ca });
    expect(await verdict(apiOf(overHttps, options), token)).toBe('503 keys_unavailable');
  });
});
