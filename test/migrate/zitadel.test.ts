import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jwtIdp, memoryUsers } from '../../lib/index.js';
import { fromZitadel } from '../../lib/migrate/index.js';
import { mintToken, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { STRANGER_KEY } from '../helpers/oidc-door.js';
import { app } from '../helpers/servers.js';
import { Browser, HOME, outcome, SECRET, session } from '../helpers/sign-in.js';
import { inSeconds } from '../helpers/tokens.js';
import { jwtProvider, presentToZitadel, ZITADEL_HEADER, zitadelVerdict } from '../helpers/zitadel.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer({ algorithms: ['ES256', 'RS256', 'PS256', 'ES384', 'RS512', 'EdDSA'] });
});
afterAll(() => issuer.close());

const verdict = async (claims: object, settings: object = {}) =>
  zitadelVerdict(jwtProvider(issuer, settings), await issuer.mint(claims as Record<string, unknown>));

describe('the header', () => {
  test.each([
    ['the bare token', ''],
    ['Bearer in front', 'Bearer '],
  ])('may hold %s', async (_form, prefix) => {
    const answer = await presentToZitadel(jwtProvider(issuer), `${prefix}${await issuer.mint({ sub: 'ann' })}`);
    expect(answer).toMatchObject({ status: 200, principal: { method: 'old portal', subject: 'ann' } });
  });

  test.each([
    ['garbage', 'garbage', '401 token_malformed'],
    ['two values', 'a, b', '400 credentials_ambiguous'],
  ])('is refused with %s', async (_what, value, code) => {
    expect(await zitadelVerdict(jwtProvider(issuer), value)).toBe(code);
  });

  test('counts from the proxies alone, where they are named', async () => {
    const [config, token] = [jwtProvider(issuer), await issuer.mint()];
    expect(await zitadelVerdict(config, token, { trustedPeers: ['10.0.0.0/8'] })).toBe('401 peer_untrusted');
    expect(await zitadelVerdict(config, token, { trustedPeers: ['127.0.0.0/8', '::1'] })).toBe(200);
  });
});

describe('a token', () => {
  test.each(['ES256', 'RS256', 'PS256'] as const)('may be signed with %s', async (algorithm) => {
    expect(await zitadelVerdict(jwtProvider(issuer), await issuer.mint({}, { algorithm }))).toBe(200);
  });

  test.each(['ES384', 'RS512', 'EdDSA'] as const)('may not be signed with %s, as in ZITADEL', async (algorithm) => {
    const token = await issuer.mint({}, { algorithm });
    expect(await zitadelVerdict(jwtProvider(issuer), token)).toBe('401 algorithm_not_allowed');
  });

  test('signed with another key is refused', async () => {
    const claims = { iss: issuer.url, sub: 'ann' };
    const token = await mintToken(claims, { algorithm: 'ES256', key: STRANGER_KEY });
    expect(await zitadelVerdict(jwtProvider(issuer), token)).toBe('401 signature_invalid');
  });

  test('may be an ID token, and name nonce and client', async () => {
    expect(await verdict({ nonce: 'n', azp: 'portal', at_hash: 'h' })).toBe(200);
  });

  // Times are of the moment when a test runs, not of the file's.
  test.each<[what: string, claims: () => object, expected: 200 | string]>([
    ['of another issuer', () => ({ iss: 'https://evil.example' }), '401 issuer_unknown'],
    ['of the issuer with a slash', () => ({ iss: `${issuer.url}/` }), '401 issuer_unknown'],
    ['that has expired', () => ({ exp: inSeconds(-10) }), '401 token_expired'],
    ['in its last three seconds', () => ({ exp: inSeconds(2) }), '401 token_expired'],
    ['without an end', () => ({ exp: undefined }), '401 claim_missing'],
    ['without its time of issue', () => ({ iat: undefined }), '401 claim_missing'],
    ['from tomorrow', () => ({ iat: inSeconds(600), exp: inSeconds(900) }), '401 token_not_yet_valid'],
    ['of almost an hour ago', () => ({ iat: inSeconds(-3590) }), 200],
    ['of more than an hour ago, although it has not expired', () => ({ iat: inSeconds(-3610) }), '401 token_expired'],
    ['whose times are texts', () => ({ exp: '2099-01-01T00:00:00Z' }), '401 claim_invalid'],
  ])('%s', async (_what, claims, expected) => {
    expect(await verdict({ exp: inSeconds(300), ...claims() })).toBe(expected);
  });

  test('says whether an e-mail is verified as a boolean or a text', async () => {
    const claims = (verified: unknown) => ({ email: 'ann@example.com', email_verified: verified });
    const said = async (verified: unknown) =>
      (await presentToZitadel(jwtProvider(issuer), await issuer.mint(claims(verified)))).principal?.emailVerified;
    expect(await Promise.all([true, 'true', false, 'false', 'TRUE', 1].map(said))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(await said(undefined)).toBeUndefined();
  });
});

describe('the audience', () => {
  const warnings = async (settings: object, options = {}) =>
    (await fromZitadel(jwtProvider(issuer, settings), options)).warnings.filter((line) => line.includes('audience'));

  test('is not asked for where ZITADEL was told none, and a warning says so', async () => {
    expect(await verdict({ aud: 'somebody else' })).toBe(200);
    expect(await warnings({})).toHaveLength(1);
    expect(await warnings({}, { audience: null })).toEqual([]);
  });

  test.each([
    ['of the configuration', { audience: 'portal' }, {}],
    ['of the application', {}, { audience: 'portal' }],
  ])('%s must be among the token’s', async (_whose, settings, options) => {
    const ask = async (aud: string | string[]) =>
      zitadelVerdict(jwtProvider(issuer, settings), await issuer.mint({ aud }), options);
    expect(await Promise.all(['portal', ['other', 'portal'], 'other', ['other']].map(ask))).toEqual([
      200,
      200,
      '401 audience_mismatch',
      '401 audience_mismatch',
    ]);
    expect(await warnings(settings, options)).toEqual([]);
  });
});

test('jwtIdp signs a browser in with it', async () => {
  const users = memoryUsers();
  const config = jwtProvider(issuer, { providerOptions: { isCreationAllowed: true, isAutoCreation: true } });
  const { methods, jwtEndpoint } = await fromZitadel(config, { users });
  const idp = jwtIdp({ jwtEndpoint, method: methods[0], session, secret: SECRET, allowedReturnUrls: [HOME] });
  const browser = new Browser(app(idp, session));
  const { location = '' } = await browser.get('/login');
  expect(location.startsWith('https://portal.example.com/jwt?authRequestID=')).toBe(true);
  const ticket = {
    [ZITADEL_HEADER]: await issuer.mint({ sub: 'ann', email: 'ann@example.com', email_verified: true }),
  };
  const identified = await browser.get(`/jwt/authorize${new URL(location).search}`, ticket);
  expect(outcome(await browser.get(identified.location ?? ''))).toBe(HOME);
  expect(JSON.parse((await browser.get('/')).text).principal).toMatchObject({ email: 'ann@example.com' });
});

test('fetches nothing by itself', async () => {
  const before = issuer.counts.jwks;
  const { methods } = await fromZitadel(jwtProvider(issuer));
  expect(issuer.counts.jwks).toBe(before);
  await methods[0].ready();
  expect(issuer.counts.jwks).toBe(before + 1);
});
