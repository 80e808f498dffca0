import { createHash, createSecretKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type Algorithm,
  type AuthMethod,
  backchannelLogout,
  consumerJwt,
  jwtAuth,
  memoryConsumers,
  memoryRevocations,
  oidcBearer,
  wafToken,
} from '../../lib/index.js';
import { fromConduktor, fromConsul, fromKong, fromZitadel } from '../../lib/migrate/index.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';
import { APP, local, SECRET } from '../helpers/local.js';
import { jwkOf, pemOf } from '../helpers/oidc-door.js';
import { app } from '../helpers/servers.js';
import { signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

const provider = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = pemOf(provider.publicKey);
const certificate = new X509Certificate(CERTIFICATE);
const hash = (algorithm: string) => createHash(algorithm).update(certificate.raw).digest('base64url');

/** The issuer, and a place with the attacker's key that nobody may ask. */
let issuer = '';
let trap = '';
let connections = 0;
const servers: (() => void)[] = [];

async function serverOf(listener: RequestListener, onConnection: () => void = () => undefined): Promise<string> {
  const server = createServer(listener).on('connection', onConnection);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const attackersKeys = JSON.stringify({ keys: [jwkOf(certificate.publicKey, { kid: 'a' })] });
  const ourKeys = JSON.stringify({ keys: [jwkOf(provider.publicKey, { kid: 'a' })] });
  trap = await serverOf(
    (_req, res) => void res.end(attackersKeys),
    () => {
      connections += 1;
    },
  );
  issuer = await serverOf(({ url }, res) => {
    res.end(url === '/jwks' ? ourKeys : JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
  });
});
afterAll(() => {
  for (const close of servers) close();
});

/** Everything by which a header may say where its key is; all of it is true of the attacker's key. */
const HINTS: Readonly<Record<string, () => unknown>> = {
  jku: () => `${trap}/keys`,
  x5u: () => `${trap}/certificate`,
  x5c: () => [certificate.raw.toString('base64')],
  x5t: () => hash('sha1'),
  'x5t#S256': () => hash('sha256'),
};
const allHints = () => Object.fromEntries(Object.entries(HINTS).map(([member, value]) => [member, value()]));

interface Signer {
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** A way in, and how its good tokens look. */
interface Way {
  readonly methods: () => Promise<readonly AuthMethod[]> | readonly AuthMethod[];
  readonly claims?: () => object;
  readonly header?: string;
  readonly jose?: object;
  readonly signer?: Signer;
}

const providerSigner: Signer = { algorithm: 'ES256', key: provider.privateKey };
const client = { key: 'client', algorithm: 'ES256' } as const;
const asClient = () => ({ iss: client.key });

const WAYS: Readonly<Record<string, Way>> = {
  consumerJwt: {
    methods: () => {
      const credentials = [{ ...client, publicKey: PEM }];
      return [consumerJwt({ consumers: memoryConsumers([{ username: 'c', credentials }]) })];
    },
    claims: asClient,
  },
  'oidcBearer by discovery': { methods: () => [oidcBearer({ issuer, audience: 'api' })] },
  'oidcBearer with publicKeys': { methods: () => [oidcBearer({ issuer, audience: 'api', publicKeys: PEM })] },
  'oidcBearer with issuers': {
    methods: () => [oidcBearer({ issuers: () => ({ issuer, audience: 'api', jwksUri: `${issuer}/jwks` }) })],
  },
  wafToken: {
    methods: () => [wafToken({ header: 'x-waf', issuer, audience: 'api', jwksUri: `${issuer}/jwks` })],
    header: 'x-waf',
  },
  localToken: {
    methods: () => [local()],
    claims: () => ({ iss: APP, aud: APP, jti: 'j', principal: { type: 'user', groups: [] } }),
    jose: { kid: 'k1', typ: 'local+jwt' },
    signer: { algorithm: 'HS256', key: createSecretKey(SECRET, 'utf8') },
  },
  'fromKong, jwt': {
    methods: async () => {
      const jwt_secrets = [{ ...client, rsa_public_key: PEM }];
      return (await fromKong({ consumers: [{ username: 'c', jwt_secrets }], plugins: [{ name: 'jwt' }] })).methods;
    },
    claims: asClient,
  },
  'fromKong, openid-connect': {
    methods: async () =>
      (await fromKong({ plugins: [{ name: 'openid-connect', config: { issuer, auth_methods: ['bearer'] } }] })).methods,
  },
  fromConsul: {
    methods: async () => {
      const Config = {
        JWKSURL: `${issuer}/jwks`,
        BoundIssuer: issuer,
        BoundAudiences: ['api'],
        JWTSupportedAlgs: ['ES256'],
      };
      return (await fromConsul({ Name: 'corp', Type: 'jwt', Config })).methods;
    },
  },
  fromConduktor: {
    methods: async () => (await fromConduktor({ sso: { 'jwt-auth': { issuer } } })).methods,
    claims: () => ({ email: 'alice@example.com' }),
  },
  fromZitadel: {
    methods: async () => {
      const waf = { name: 'p', issuer, jwtEndpoint: 'https://p.example.com/jwt', keysEndpoint: `${issuer}/jwks` };
      return (await fromZitadel({ ...waf, headerName: 'x-auth-token' })).methods;
    },
    header: 'x-auth-token',
  },
};

function tokenOf({ claims = () => ({}), jose = { kid: 'a' } }: Way, { algorithm, key }: Signer, hints: object): string {
  const standard = { iss: issuer, sub: 'alice', aud: 'api', iat: inSeconds(0), exp: inSeconds(300) };
  return signed(algorithm, key, { ...standard, ...claims() }, { ...jose, ...hints });
}

async function statusOf({ methods: make, header = 'authorization' }: Way, token: string): Promise<number> {
  const methods = await make();
  const { status } = await request(app(jwtAuth({ methods })))
    .get('/')
    .set(header, header === 'authorization' ? `Bearer ${token}` : token);
  for (const method of methods) await method.close();
  return status;
}

describe.each(Object.entries(WAYS))('%s', (_name, way) => {
  const { signer = providerSigner } = way;

  test.each(Object.keys(HINTS))('takes a good token that carries %s, and asks nobody for it', async (member) => {
    expect(await statusOf(way, tokenOf(way, signer, { [member]: HINTS[member]?.() }))).toBe(200);
    expect(await statusOf(way, tokenOf(way, signer, { [member]: { of: ['any', 'type'] } }))).toBe(200);
    expect(connections).toBe(0);
  });

  test('takes no token of the key that the hints lead to, under any kid, and asks nobody for it', async () => {
    const attacker: Signer = { algorithm: 'ES256', key: CERTIFICATE_KEY };
    for (const jose of [{}, { kid: undefined }, { kid: 'b' }, { kid: hash('sha256') }]) {
      expect(await statusOf(way, tokenOf(way, attacker, { ...jose, ...allHints() }))).toBe(401);
    }
    expect(connections).toBe(0);
  });

  test('still refuses what changes the token, or brings a key along', async () => {
    const jwk = jwkOf(provider.publicKey);
    for (const header of [
      { crit: ['exp'] },
      { crit: ['jku'] },
      { b64: true },
      { zip: 'DEF' },
      { enc: 'A256GCM' },
      { jwk },
    ]) {
      expect(await statusOf(way, tokenOf(way, signer, { ...header, ...allHints() }))).toBe(401);
    }
  });
});

test('back-channel logout takes a logout token that carries hints, asks nobody for them, and believes none', async () => {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const sent = async (key: KeyObject) => {
    const handler = backchannelLogout({
      issuer,
      audience: 'rp',
      publicKeys: PEM,
      revocations: memoryRevocations() as never,
    });
    const claims = { iss: issuer, aud: 'rp', iat: inSeconds(0), exp: inSeconds(60), jti: 'j', sub: 'alice', events };
    const logout_token = signed('ES256', key, claims, { typ: 'logout+jwt', ...allHints() });
    return (await request(app(handler)).post('/').type('form').send({ logout_token })).status;
  };
  expect([await sent(provider.privateKey), await sent(CERTIFICATE_KEY), connections]).toEqual([200, 400, 0]);
});
