import { describe, expect, test } from '@jest/globals';
import { memoryUsers, type WafPresetName, wafPresets, wafToken } from '../../../lib/index.js';
import { wafSimulators } from '../../../lib/testing/index.js';
import { afterThisTest } from '../../helpers/after-this-test.js';
import { leftoversOf, sendTo } from '../../helpers/waf.js';
import { everyProduct, PRODUCT_NAMES, presentAs } from '../../helpers/waf-products.js';

const product = everyProduct();

/** What each preset makes of a person. */
const PEOPLE: Readonly<Record<WafPresetName, object>> = {
  googleIap: { subject: 'accounts.google.com:118133858486581853996', email: 'ann@example.com' },
  awsAlb: { subject: '5f0e6a6e', username: 'ann', email: 'ann@example.com', issuer: 'https://login.example.com' },
  awsVerifiedAccess: { subject: '5f0e6a6e', email: 'ann@example.com', emailVerified: true, groups: ['engineering'] },
  cloudflareAccess: { subject: '7335d417-61da-459d-899c-0a01c76a2f94', email: 'ann@example.com' },
  pomerium: { subject: 'google/118133858486581853996', groups: ['00xyz', 'engineering'], issuer: 'app.example.com' },
  teleport: { subject: 'ann', username: 'ann', roles: ['access'], issuer: 'teleport.example.com' },
  azureEasyAuth: { subject: '690222be-ff1a-4d56-abd1-7e4f7d38e474', username: 'ann@example.com' },
  authentik: { subject: '5d8c7e1f0a', username: 'ann', groups: ['engineering'], emailVerified: true },
};

/** What refuses a token for another application. */
const ELSEWHERE: Readonly<Partial<Record<WafPresetName, string>>> = {
  awsAlb: '401 claim_invalid',
  awsVerifiedAccess: '401 claim_invalid',
};

describe.each(PRODUCT_NAMES)('%s', (name) => {
  test('takes what the product signs', async () => {
    const { simulator, preset } = product(name);
    const { status, principal } = await sendTo(preset(), [simulator.header, await simulator.token()]);
    expect(status).toBe(200);
    expect(principal).toMatchObject({ type: 'user', method: name, ...PEOPLE[name] });
    expect(Date.parse(String(principal?.credential.expiresAt))).toBeGreaterThan(Date.now());
  });

  test('registers the person that the token names', async () => {
    const { simulator, preset } = product(name);
    const method = preset({ users: { store: memoryUsers(), autoRegister: true } });
    const { principal } = await sendTo(method, [simulator.header, await simulator.token()]);
    expect(principal).toMatchObject({ created: true });
  });

  test('refuses what is wrong with a token', async () => {
    const it = product(name);
    const refusals = Object.fromEntries(
      await Promise.all(
        (['signature', 'issuer', 'audience', 'past-expiration'] as const).map(async (fault) => [
          fault,
          await presentAs(it, await it.simulator.token({}, { fault })),
        ]),
      ),
    );
    expect(refusals).toEqual({
      signature: '401 signature_invalid',
      issuer: '401 issuer_unknown',
      audience: ELSEWHERE[name] ?? '401 audience_mismatch',
      'past-expiration': '401 token_expired',
    });
  });

  test('refuses other algorithms and keys that the token names', async () => {
    const it = product(name);
    const headers = [
      { alg: 'HS256' },
      { alg: 'none' },
      { kid: '00000000-0000-0000-0000-000000000000' },
      { jwk: { kty: 'RSA' } },
    ];
    const verdicts = await Promise.all(
      headers.map(async (header) => presentAs(it, await it.simulator.token({}, { header }))),
    );
    expect(verdicts).toEqual([
      '401 algorithm_not_allowed',
      '401 algorithm_not_allowed',
      '401 key_not_found',
      '401 token_malformed',
    ]);
  });

  test('follows a rotation of the product’s keys in the same request', async () => {
    const it = product(name);
    const method = it.preset({ cooldown: 0 });
    expect((await sendTo(method, [it.simulator.header, await it.simulator.token()])).status).toBe(200);
    await it.simulator.rotate();
    expect((await sendTo(method, [it.simulator.header, await it.simulator.token()])).status).toBe(200);
  });

  test('takes the token and everything unsigned beside it off the request', async () => {
    const { simulator, preset } = product(name);
    const unsigned = SIBLINGS[name].flatMap((header) => [header, 'forged', header.replaceAll('-', '_'), 'forged']);
    const left = await leftoversOf(preset(), [simulator.header, await simulator.token(), ...unsigned]);
    expect([...left].sort()).toEqual(['connection', 'host']);
  });

  test('says which of its options is missing', () => {
    const make = wafPresets[name] as unknown as (options: object) => unknown;
    expect(() => make({})).toThrow(expect.objectContaining({ name: 'ConfigurationError' }));
    expect(() => make({})).toThrow(new RegExp(name));
  });

  test('needs no address of keys from the application', () => {
    const { simulator } = product(name);
    const make = wafPresets[name] as unknown as (options: object) => { health(): { source: string }[] };
    const { jwksUri: _jwksUri, pemPerKid: _pemPerKid, ...own } = simulator.options;
    expect(make(own).health()[0]?.source).toBe(KEYS[name]);
  });
});

const SIBLINGS: Readonly<Record<WafPresetName, readonly string[]>> = {
  googleIap: ['X-Goog-Authenticated-User-Email', 'X-Goog-Authenticated-User-ID'],
  awsAlb: ['X-Amzn-Oidc-Identity', 'X-Amzn-Oidc-Accesstoken'],
  awsVerifiedAccess: [],
  cloudflareAccess: ['Cf-Access-Authenticated-User-Email', 'Cf-Access-Client-Id', 'Cf-Access-Client-Secret'],
  pomerium: ['X-Pomerium-Claim-Email', 'X-Pomerium-Claim-Groups', 'X-Pomerium-Jwt-Assertion-For'],
  teleport: [],
  azureEasyAuth: [
    ...['X-MS-Client-Principal', 'X-MS-Client-Principal-Id', 'X-MS-Client-Principal-Name'],
    ...['X-MS-Client-Principal-Idp', 'X-MS-Token-Aad-Access-Token', 'X-MS-Token-Aad-Expires-On'],
    'X-MS-Token-Aad-Refresh-Token',
  ],
  authentik: ['X-Authentik-Username', 'X-Authentik-Groups', 'X-Authentik-Meta-Jwks', 'X-Authentik-Email'],
};

/** Where the products publish their keys. */
const KEYS: Readonly<Record<WafPresetName, string>> = {
  googleIap: 'https://www.gstatic.com/iap/verify/public_key-jwk',
  awsAlb: 'https://public-keys.auth.elb.eu-west-1.amazonaws.com/{kid}',
  awsVerifiedAccess: 'https://public-keys.prod.verified-access.eu-west-1.amazonaws.com/{kid}',
  cloudflareAccess: 'https://example.cloudflareaccess.com/cdn-cgi/access/certs',
  pomerium: 'https://app.example.com/.well-known/pomerium/jwks.json',
  teleport: 'https://teleport.example.com:3080/.well-known/jwks.json',
  azureEasyAuth: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/discovery/v2.0/keys',
  authentik: 'https://auth.example.com/application/o/app/jwks/',
};

describe('Google IAP', () => {
  const it = () => product('googleIap');

  test('passes the six tests that Google’s own test mode makes', async () => {
    const faults = ['future-issue', 'past-expiration', 'issuer', 'audience', 'signature'] as const;
    const verdicts = await Promise.all(
      faults.map(async (fault) => presentAs(it(), await it().simulator.token({}, { fault }))),
    );
    expect(await presentAs(it(), await it().simulator.token())).toBe(200);
    expect(verdicts).toEqual([
      '401 token_not_yet_valid',
      '401 token_expired',
      '401 issuer_unknown',
      '401 audience_mismatch',
      '401 signature_invalid',
    ]);
  });

  test.each([
    ['20 seconds after its end', { iat: -600, exp: -20 }, 200],
    ['40 seconds after its end', { iat: -600, exp: -40 }, '401 token_expired'],
    ['20 seconds before its beginning', { iat: 20, exp: 600 }, 200],
    ['40 seconds before its beginning', { iat: 40, exp: 600 }, '401 token_not_yet_valid'],
    ['with more than ten minutes of life', { iat: 0, exp: 660 }, '401 token_lifetime_exceeded'],
  ])('meets a token %s', async (_title, { iat, exp }, expected) => {
    const now = Math.floor(Date.now() / 1000);
    expect(await presentAs(it(), await it().simulator.token({ iat: now + iat, exp: now + exp }))).toBe(expected);
  });

  test.each(['iat', 'sub'])('refuses a token without %s', async (claim) => {
    expect(await presentAs(it(), await it().simulator.token({ [claim]: undefined }))).toBe('401 claim_missing');
  });

  test('takes several audiences', async () => {
    const audience = ['/projects/1/apps/other', it().simulator.options.audience as string];
    expect(await presentAs(it(), await it().simulator.token(), { audience })).toBe(200);
  });
});

describe('Cloudflare Access', () => {
  const it = () => product('cloudflareAccess');
  const service = { sub: '', email: undefined, nbf: undefined, identity_nonce: undefined, common_name: 'robot.access' };

  test.each(['org', 'App', '', undefined])('refuses a token of the type %j', async (type) => {
    expect(await presentAs(it(), await it().simulator.token({ type }))).toBe('401 claim_invalid');
  });

  test('takes a service token for the client that it names, and registers nobody', async () => {
    const { simulator, preset } = it();
    const method = preset({ users: { store: memoryUsers(), autoRegister: true } });
    const { principal } = await sendTo(method, [simulator.header, await simulator.token(service)]);
    expect(principal).toMatchObject({ type: 'client', id: 'robot.access' });
    expect(principal).not.toHaveProperty('user');
    expect(principal).not.toHaveProperty('subject');
  });

  test('takes the audience of a service token as a plain text', async () => {
    const { simulator } = it();
    const aud = simulator.options.audience as string;
    expect(await presentAs(it(), await simulator.token({ ...service, aud }))).toBe(200);
    expect(await presentAs(it(), await simulator.token({ ...service, aud: `${aud}x` }))).toBe('401 audience_mismatch');
  });

  test('takes nobody with a subject for the client that the token names besides', async () => {
    const { simulator, preset } = it();
    const token = await simulator.token({ common_name: 'robot.access' });
    expect((await sendTo(preset(), [simulator.header, token])).principal).toMatchObject({ type: 'user' });
  });

  test('takes the team by its name, its host or its URL', async () => {
    for (const team of ['example', 'example.cloudflareaccess.com', 'https://example.cloudflareaccess.com/']) {
      expect(await presentAs(it(), await it().simulator.token(), { team })).toBe(200);
    }
    expect(() => it().preset({ team: 'example/evil' })).toThrow(/team/);
  });
});

describe('Azure', () => {
  const it = () => product('azureEasyAuth');

  test('refuses a token whose tenant is not the one of its issuer', async () => {
    expect(await presentAs(it(), await it().simulator.token({ tid: 'another' }))).toBe('401 claim_invalid');
  });

  test.each(['common', 'organizations', 'consumers', 'a/b', ''])('does not take %j for a tenant', (tenant) => {
    expect(() => it().preset({ tenant })).toThrow(/azureEasyAuth\.tenant/);
  });

  test('never links by an address that nobody verified', async () => {
    const store = memoryUsers();
    const { simulator, preset } = it();
    const first = product('authentik');
    const users = { store, autoRegister: true } as const;
    const known = await sendTo(first.preset({ users }), [first.simulator.header, await first.simulator.token()]);
    const answer = await sendTo(preset({ users }), [simulator.header, await simulator.token()]);
    expect(known.principal?.user).toMatchObject({ email: 'ann@example.com' });
    expect(answer.principal?.id).not.toBe(known.principal?.id);
  });
});

describe('authentik', () => {
  test('never asks the key set that a header names', async () => {
    const { simulator, preset } = product('authentik');
    const before = simulator.keyRequests;
    const headers = [simulator.header, await simulator.token(), 'X-Authentik-Meta-Jwks', 'http://127.0.0.1:1/'];
    expect((await sendTo(preset(), headers)).status).toBe(200);
    expect(simulator.keyRequests).toBe(before + 1);
  });
});

describe('a preset', () => {
  test('is given to wafToken by its name, its function, or the method that it made', async () => {
    const simulator = await wafSimulators.cloudflareAccess();
    afterThisTest(() => simulator.close());
    const { options } = simulator;
    const made = wafPresets.cloudflareAccess(options);
    const token = await simulator.token();
    const methods = [
      wafToken({ preset: 'cloudflareAccess', ...options }),
      wafToken({ preset: wafPresets.cloudflareAccess, ...options }),
    ];
    for (const method of methods) {
      expect((await sendTo(method, [simulator.header, token])).status).toBe(200);
      await method.close();
    }
    const named = wafToken({ preset: made, name: 'edge' });
    expect((await sendTo(named, [simulator.header, token])).principal).toMatchObject({ method: 'edge' });
    expect((await sendTo(made, [simulator.header, token])).principal).toMatchObject({ method: 'cloudflareAccess' });
    await named.close();
  });

  test('takes the options of wafToken, which win', async () => {
    const { simulator } = product('pomerium');
    const own = simulator.token({ iss: 'https://app.example.com/', aud: 'https://app.example.com/', login: 'ann' });
    const options = {
      issuer: 'https://app.example.com/',
      audience: 'https://app.example.com/',
      claims: { username: 'login' },
    };
    const method = product('pomerium').preset({ ...options, header: 'x-own' });
    const { principal } = await sendTo(method, ['x-own', await own]);
    expect(principal).toMatchObject({ username: 'ann', email: 'ann@example.com', issuer: 'https://app.example.com/' });
  });

  test('adds the application’s claims and siblings to its own', async () => {
    const { simulator, preset } = product('awsAlb');
    const method = preset({ claims: { attributes: { nick: 'nickname' } }, siblings: ['x-own'] });
    const token = await simulator.token({ nickname: 'Annie' });
    expect((await sendTo(method, [simulator.header, token])).principal).toMatchObject({
      username: 'ann',
      attributes: { nick: 'Annie' },
    });
    const left = await leftoversOf(method, [simulator.header, token, 'X-Amzn-Oidc-Identity', 'x', 'X-Own', 'x']);
    expect([...left].sort()).toEqual(['connection', 'host']);
  });

  test.each([
    ['of another library', { preset: 'nginx' }],
    ['that is a function of its own', { preset: () => undefined }],
    ['that is nothing', { preset: null }],
    ['that there is not', { preset: (wafPresets as Record<string, unknown>).googleIAP }],
    ['that is a number', { preset: 1 }],
    ['of the prototype', { preset: 'toString' }],
  ])('%s is refused', (_title, options) => {
    expect(() => wafToken(options as never)).toThrow(/wafToken\.preset: expects one of googleIap/);
  });

  test('points at the option that was meant', () => {
    const make = wafPresets.awsAlb as unknown as (options: object) => unknown;
    expect(() => make({ albARN: 'x' })).toThrow(/albARN.*did you mean "albArn"/);
    expect(() => make({ jwks_uri: 'x' })).toThrow(/did you mean "jwksUri"/);
    expect(() => make(undefined as never)).toThrow(/wafPresets\.awsAlb: expects an options object/);
  });
});
