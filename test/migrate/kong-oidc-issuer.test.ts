import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { ConfigurationError } from '../../lib/index.js';
import { fromConduktor, fromConsul, fromKong, fromZitadel } from '../../lib/migrate/index.js';
import { keyServer } from '../helpers/key-server.js';
import { app } from '../helpers/servers.js';
import { signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
const PUBLIC_NAME = 'https://sso.example.com/realms/x';

/** A provider with documents at several addresses, each of which names another issuer. */
const provider = await keyServer((origin) => {
  const document = (issuer: unknown) => ({
    issuer,
    jwks_uri: `${origin}/keys`,
    token_endpoint: `${origin}/token`,
    introspection_endpoint: `${origin}/introspect`,
  });
  return {
    '/keys': { keys: [jwk] },
    '/introspect': { active: true, sub: 'ann', exp: inSeconds(300) },
    '/realms/x/.well-known/openid-configuration': document(PUBLIC_NAME),
    '/.well-known/openid-configuration': document(`${origin}/`),
    '/slashed/.well-known/openid-configuration': document(`${origin}/slashed`),
    '/common/v2.0/.well-known/openid-configuration': document(`${origin}/{tenantid}/v2.0`),
    '/nameless/.well-known/openid-configuration': document(undefined),
    '/.well-known/oauth-authorization-server/as': document(`${origin}/as`),
  };
});

const token = (iss: string) => signed('RS256', privateKey, { iss, sub: 'u1', exp: inSeconds(300) }, { kid: 'k1' });
const oidc = (config: object) => ({
  plugins: [{ name: 'openid-connect', config: { auth_methods: ['bearer'], ...config } }],
});

async function statusOf(config: object, iss: string): Promise<number> {
  const { methods } = await fromKong(oidc(config));
  const { status } = await request(app(...methods))
    .get('/')
    .set('Authorization', `Bearer ${token(iss)}`);
  await Promise.all(methods.map((method) => method.close()));
  return status;
}

describe('config.issuer says where the document is, and the document says whose tokens are meant:', () => {
  const at = (path: string) => `${provider.origin}${path}`;
  const cases: readonly (readonly [title: string, config: () => object, iss: () => string, status: number])[] = [
    ['an internal address, a public name', () => ({ issuer: at('/realms/x') }), () => PUBLIC_NAME, 200],
    ['the internal address as a name', () => ({ issuer: at('/realms/x') }), () => at('/realms/x'), 401],
    ['somebody else', () => ({ issuer: at('/realms/x') }), () => 'https://other.example', 401],
    ['a slash that only the document has', () => ({ issuer: at('') }), () => at('/'), 200],
    ['a slash that only the configuration has', () => ({ issuer: at('/slashed/') }), () => at('/slashed'), 200],
    ['a slash that only the token has', () => ({ issuer: at('/slashed') }), () => at('/slashed/'), 200],
    ['two slashes', () => ({ issuer: at('/slashed') }), () => at('/slashed//'), 401],
    [
      'the address of the document',
      () => ({ issuer: at('/realms/x/.well-known/openid-configuration') }),
      () => PUBLIC_NAME,
      200,
    ],
    [
      'the address of a document of RFC 8414',
      () => ({ issuer: at('/.well-known/oauth-authorization-server/as') }),
      () => at('/as'),
      200,
    ],
    ['a document that names nobody', () => ({ issuer: at('/nameless') }), () => at('/nameless'), 200],
    ['a document for all tenants', () => ({ issuer: at('/common/v2.0') }), () => at('/t1/v2.0'), 401],
    [
      'issuers_allowed beside a document for all tenants',
      () => ({ issuer: at('/common/v2.0'), issuers_allowed: [at('/t1/v2.0'), at('/t2/v2.0')] }),
      () => at('/t2/v2.0'),
      200,
    ],
    [
      'issuers_allowed, and a tenant who is not on it',
      () => ({ issuer: at('/common/v2.0'), issuers_allowed: [at('/t1/v2.0')] }),
      () => at('/t3/v2.0'),
      401,
    ],
    [
      'issuers_allowed, and the issuer of the document',
      () => ({ issuer: at('/realms/x'), issuers_allowed: ['https://other.example'] }),
      () => PUBLIC_NAME,
      401,
    ],
    [
      'jwks_endpoint beside it',
      () => ({ issuer: at('/realms/x'), jwks_endpoint: at('/keys') }),
      () => PUBLIC_NAME,
      200,
    ],
    [
      'jwks_endpoint, somebody else',
      () => ({ issuer: at('/realms/x'), jwks_endpoint: at('/keys') }),
      () => 'https://o.example',
      401,
    ],
    [
      'a pseudo issuer, whose document is never read',
      () => ({ issuer: 'https://pseudo.example', using_pseudo_issuer: true, jwks_endpoint: at('/keys') }),
      () => 'https://pseudo.example',
      200,
    ],
  ];
  test.each(cases)('%s', async (_title, config, iss, status) => {
    expect(await statusOf(config(), iss())).toBe(status);
  });

  test('a forged token is refused whatever it names', async () => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const { methods } = await fromKong(oidc({ issuer: at('/realms/x') }));
    const forged = signed('RS256', stranger, { iss: PUBLIC_NAME, sub: 'u1', exp: inSeconds(300) }, { kid: 'k1' });
    expect(
      (
        await request(app(...methods))
          .get('/')
          .set('Authorization', `Bearer ${forged}`)
      ).status,
    ).toBe(401);
  });

  test('ready() is ready, and a provider is asked about opaque tokens there, whatever it calls itself', async () => {
    const client = { client_id: ['kong'], client_secret: ['s'.repeat(40)] };
    const config = { issuer: at('/realms/x'), auth_methods: ['bearer', 'introspection'], ...client };
    const { methods } = await fromKong(oidc(config));
    await methods[0]?.ready();
    const { status, body } = await request(app(...methods))
      .get('/')
      .set('Authorization', 'Bearer opaque');
    expect([status, body.principal?.subject]).toEqual([200, 'ann']);
  });
});

describe('plain http', () => {
  const refusal = async (migrating: Promise<unknown>) => {
    const thrown: unknown = await migrating.then(
      () => undefined,
      (error: unknown) => error,
    );
    return thrown instanceof ConfigurationError ? thrown.message : thrown;
  };
  const KEYCLOAK = 'http://keycloak:8080/realms/my-realm';
  const client = { client_id: ['kong'], client_secret: ['s'.repeat(40)] };
  const grants = { issuer: 'https://i.example', auth_methods: ['client_credentials', 'introspection'], ...client };
  const nomad = { JWKSURL: 'http://nomad.service.consul:4646/.well-known/jwks.json', BoundAudiences: ['consul.io'] };
  const zitadel = { issuer: 'https://i.example', jwtEndpoint: 'http://waf/jwt', keysEndpoint: 'http://waf/keys' };

  test.each([
    ['plugins[0].config.issuer', (options: object) => fromKong(oidc({ issuer: KEYCLOAK }), options)],
    [
      'plugins[0].config.jwks_endpoint',
      (options: object) => fromKong(oidc({ issuer: 'https://i.example', jwks_endpoint: `${KEYCLOAK}/certs` }), options),
    ],
    [
      'plugins[0].config.token_endpoint',
      (options: object) => fromKong(oidc({ ...grants, token_endpoint: `${KEYCLOAK}/token` }), options),
    ],
    [
      'plugins[0].config.introspection_endpoint',
      (options: object) => fromKong(oidc({ ...grants, introspection_endpoint: `${KEYCLOAK}/i` }), options),
    ],
    ['Config.JWKSURL', (options: object) => fromConsul({ Name: 'nomad', Type: 'jwt', Config: nomad }, options)],
    [
      'Config.OIDCDiscoveryURL',
      (options: object) => fromConsul({ Name: 'n', Type: 'jwt', Config: { OIDCDiscoveryURL: KEYCLOAK } }, options),
    ],
    ['sso.jwt-auth.issuer', (options: object) => fromConduktor({ sso: { 'jwt-auth': { issuer: KEYCLOAK } } }, options)],
    ['jwtEndpoint', (options: object) => fromZitadel(zitadel, options)],
  ])('of other hosts at %s is refused, and the message names an option that is taken', async (path, migrate) => {
    const reason = await refusal(migrate({}));
    expect(reason).toContain(`${path}: `);
    expect(reason).toContain('dangerouslyAllowHttp: true');
    expect(await refusal(migrate({ dangerouslyAllowHttp: true }))).toBeUndefined();
    expect(await refusal(migrate({ dangerouslyAllowHttp: 'yes' }))).toContain('dangerouslyAllowHttp');
  });
});

describe('Kong looks at no other claims, so none of them refuses a token:', () => {
  test.each([
    { roles: [{ owner: 'o', name: 'sales' }] },
    { groups: [{ id: 1 }] },
    { groups: ['a', null] },
    { name: { given: 'A' } },
    { email: ['a@b.example'] },
    { preferred_username: {} },
    { scope: { read: true } },
    { scp: [['a']] },
    { email_verified: 'yes' },
    { nonce: 'n', azp: 'x' },
    { at_hash: 'x' },
    { typ: 'ID' },
    { events: {} },
  ])('%j', async (claims) => {
    const { methods } = await fromKong(oidc({ issuer: `${provider.origin}/realms/x` }));
    const presented = signed(
      'RS256',
      privateKey,
      { iss: PUBLIC_NAME, sub: 'u1', exp: inSeconds(300), ...claims },
      { kid: 'k1' },
    );
    expect(
      (
        await request(app(...methods))
          .get('/')
          .set('Authorization', `Bearer ${presented}`)
      ).status,
    ).toBe(200);
  });

  test('a token that is bound to a key is refused all the same', async () => {
    const { methods } = await fromKong(oidc({ issuer: `${provider.origin}/realms/x` }));
    const bound = signed(
      'RS256',
      privateKey,
      { iss: PUBLIC_NAME, sub: 'u1', exp: inSeconds(300), cnf: { jkt: 'x' } },
      { kid: 'k1' },
    );
    expect(
      (
        await request(app(...methods))
          .get('/')
          .set('Authorization', `Bearer ${bound}`)
      ).status,
    ).toBe(401);
  });
});

describe('what is one comparison is carried over:', () => {
  const cases: readonly (readonly [config: object, claims: object, status: number])[] = [
    [{ domains: ['example.com', 'example.org'] }, { hd: 'example.org' }, 200],
    [{ domains: ['example.com'] }, { hd: 'other.example' }, 401],
    [{ domains: ['example.com'] }, {}, 401],
    [{ domains: ['example.com'] }, { hd: ['example.com'] }, 401],
    [{ max_age: 60 }, { auth_time: inSeconds(-30) }, 200],
    [{ max_age: 60 }, { auth_time: inSeconds(-90) }, 401],
    [{ max_age: 60, leeway: 60 }, { auth_time: inSeconds(-90) }, 200],
    [{ max_age: 60 }, {}, 401],
    [{ max_age: 60 }, { auth_time: 'now' }, 401],
    [{ consumer_groups_claim: ['teams'] }, { teams: ['gold', 'x'] }, 200],
    [{ consumer_groups_claim: ['a', 'teams'] }, { a: { teams: 'gold' } }, 200],
    [{ consumer_groups_claim: ['teams'] }, { teams: ['silver'] }, 403],
    [{ consumer_groups_claim: ['teams'] }, {}, 403],
    [{ consumer_groups_claim: ['teams'], consumer_groups_optional: true }, {}, 200],
  ];
  test.each(cases)('%j with %j is %d', async (config, claims, status) => {
    const file = { ...oidc({ issuer: `${provider.origin}/realms/x`, ...config }), consumer_groups: [{ name: 'gold' }] };
    const { methods } = await fromKong(file);
    const presented = signed(
      'RS256',
      privateKey,
      { iss: PUBLIC_NAME, sub: 'u1', exp: inSeconds(300), ...claims },
      { kid: 'k1' },
    );
    expect(
      (
        await request(app(...methods))
          .get('/')
          .set('Authorization', `Bearer ${presented}`)
      ).status,
    ).toBe(status);
  });

  const session = { jwt_session_cookie: 'session' };
  test.each([
    [session, { sid: 's1' }, 'session=s1; other=x', 200],
    [session, { sid: 's1' }, 'session=s2', 401],
    [session, { sid: 's1' }, 'session=s1; session=s1', 401],
    [session, { sid: 's1' }, undefined, 401],
    [session, {}, 'session=s1', 401],
    [{ ...session, jwt_session_claim: 'jti' }, { jti: 'j1' }, 'session=j1', 200],
  ])('%j with %j and the cookies %j is %d', async (config, claims, cookies, status) => {
    const { methods } = await fromKong(oidc({ issuer: `${provider.origin}/realms/x`, ...config }));
    const presented = signed(
      'RS256',
      privateKey,
      { iss: PUBLIC_NAME, sub: 'u1', exp: inSeconds(300), ...claims },
      { kid: 'k1' },
    );
    const asking = request(app(...methods))
      .get('/')
      .set('Authorization', `Bearer ${presented}`);
    expect((await (cookies === undefined ? asking : asking.set('Cookie', cookies))).status).toBe(status);
  });

  test('expose_error_code: false leaves the error out of the challenge', async () => {
    const { methods } = await fromKong(oidc({ issuer: `${provider.origin}/realms/x`, expose_error_code: false }));
    const { status, headers } = await request(app(...methods))
      .get('/')
      .set('Authorization', 'Bearer x.y.z');
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });

  test('headers that Kong would write, and nobody writes here, are no client’s to send', async () => {
    const config = { upstream_user_info_header: 'X-Userinfo', upstream_id_token_header: 'x-id-token:bearer' };
    const { methods } = await fromKong(oidc({ issuer: `${provider.origin}/realms/x`, ...config }));
    const { body } = await request(app(...methods))
      .get('/')
      .set('Authorization', `Bearer ${token(PUBLIC_NAME)}`)
      .set('X-Userinfo', 'root')
      .set('X_Userinfo', 'root')
      .set('X-Id-Token', 'x');
    expect(Object.keys(body.headers).filter((name) => /user.?info|id.?token/.test(name))).toEqual([]);
  });
});
