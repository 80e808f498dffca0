import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClientMetadata } from 'oidc-provider';
import { type BasicGrantOptions, basicGrant, type ClientOptions, oidcBearer } from '../../lib/index.js';
import { certificateAuthority } from '../helpers/certificate-authority.js';
import { ALEX, grantProvider } from '../helpers/grant-provider.js';
import { basic, knock, outcomeOf } from '../helpers/grants.js';
import { given } from '../helpers/loose.js';
import { API } from '../helpers/real-provider.js';

const SECRET = 'a secret of thirty-two bytes, at least';
const STRANGE = 'se:cret %+&=/?# "\\~';
const keys: Readonly<Record<string, KeyObject>> = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  Ed25519: generateKeyPairSync('ed25519').privateKey,
};

const jwksOf = (key: KeyObject, kid: string) => {
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' });
  return { keys: [JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, use: 'sig' }))] };
};

const withSecret = (method: string, client_secret = SECRET): ClientMetadata => ({
  client_id: method,
  client_secret,
  token_endpoint_auth_method: method as never,
});

const authority = certificateAuthority();
const clientAuthority = certificateAuthority();
const stranger = certificateAuthority();

const CLIENTS: ClientMetadata[] = [
  withSecret('client_secret_basic'),
  withSecret('client_secret_post'),
  withSecret('client_secret_jwt'),
  { ...withSecret('client_secret_basic', STRANGE), client_id: 'strange' },
  {
    ...withSecret('client_secret_basic'),
    client_id: 'browser',
    grant_types: ['authorization_code'],
    redirect_uris: ['https://app.example.com/'],
    response_types: ['code'],
  },
  { client_id: 'none', token_endpoint_auth_method: 'none', grant_types: ['password'] },
  {
    client_id: 'tls_client_auth',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=localhost',
  },
  ...Object.entries(keys).map(([alg, key]) => ({
    client_id: alg,
    token_endpoint_auth_method: 'private_key_jwt' as const,
    jwks: jwksOf(key, `key of ${alg}`),
  })),
];

const provider = await grantProvider(CLIENTS);
const secure = await grantProvider(CLIENTS, { tls: authority.server, clientCa: clientAuthority.ca });

const method = (options: Partial<BasicGrantOptions> = {}, { origin } = provider) => {
  const trust = origin.startsWith('https:') ? { ca: authority.ca } : {};
  const verify = oidcBearer({ issuer: origin, audience: API, ...trust });
  return basicGrant(given({ issuer: origin, resource: API, verify, exposeReason: true, ...trust, ...options }));
};

describe('a program that has an id and a secret gets in where these are put', () => {
  test.each<[way: NonNullable<BasicGrantOptions['clientAuthentication']>, id: string]>([
    ['basic', 'client_secret_basic'],
    ['client_secret_basic', 'client_secret_basic'],
    ['post', 'client_secret_post'],
    ['client_secret_post', 'client_secret_post'],
    ['client_secret_jwt', 'client_secret_jwt'],
  ])('by %s', async (clientAuthentication, id) => {
    const grant = method({ clientAuthentication, scopes: ['things:read'] });
    expect((await knock(grant, basic(id, SECRET))).body.principal).toMatchObject({
      type: 'client',
      id,
      scopes: ['things:read'],
      claims: { aud: API },
      credential: { kind: 'basic' },
    });
    expect(await outcomeOf(grant, basic(id, `${SECRET}!`))).toBe('401 exchange_rejected');
    expect(await outcomeOf(grant, basic('nobody', SECRET))).toBe('401 exchange_rejected');
  });

  test('by basic, if nothing is said, and whatever is in the secret', async () => {
    const grant = method();
    expect(await outcomeOf(grant, basic('client_secret_basic', SECRET))).toBe(200);
    expect(await outcomeOf(grant, basic('strange', STRANGE))).toBe(200);
  });

  test('and not where it is registered for another way', async () => {
    expect(await outcomeOf(method(), basic('client_secret_jwt', SECRET))).toBe('401 exchange_rejected');
    expect(await outcomeOf(method(), basic('none', SECRET))).toBe('401 exchange_rejected');
  });

  test('and not where it may not ask for itself, or not for these scopes', async () => {
    expect(await outcomeOf(method(), basic('browser', SECRET))).toBe('401 exchange_rejected');
    const greedy = method({ scopes: ['things:delete', 'a"b'] });
    expect(await outcomeOf(greedy, basic('client_secret_basic', SECRET))).toBe('401 exchange_rejected');
  });

  test('and no pair in the world makes an outage out of it', async () => {
    const half = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text));
    const grant = method({
      attemptLimit: false,
      grants: ['client_credentials', 'password'],
      client: { id: 'none', authentication: 'none' },
    });
    await fc.assert(
      fc.asyncProperty(
        half.filter((text) => !text.includes(':')),
        half,
        async (id, secret) => {
          expect(await outcomeOf(grant, basic(id, secret))).toBe('401 exchange_rejected');
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a person gets in by name and password, where we prove who we are', () => {
  const expectPerson = async (client: ClientOptions, at = provider) => {
    const grant = method({ grants: ['password'], client }, at);
    const { status, code, body } = await knock(grant, basic(ALEX.name, ALEX.password));
    expect([status, code]).toEqual([200, undefined]);
    expect(body.principal).toMatchObject({ type: 'user', email: ALEX.name, credential: { kind: 'basic' } });
    expect(await outcomeOf(grant, basic(ALEX.name, 'dough'))).toBe('401 exchange_rejected');
  };

  test.each<[authentication: ClientOptions['authentication'], id: string]>([
    [undefined, 'client_secret_basic'],
    ['basic', 'client_secret_basic'],
    ['post', 'client_secret_post'],
    ['client_secret_jwt', 'client_secret_jwt'],
  ])('by %s', async (authentication, id) => {
    await expectPerson(given({ id, secret: SECRET, authentication }));
  });

  test.each(Object.keys(keys))('by private_key_jwt with %s', async (id) => {
    const privateKey = keys[id] as KeyObject;
    const authentication = 'private_key_jwt';
    await expectPerson({ id, authentication, privateKey, keyId: `key of ${id}` });
    await expectPerson({
      id,
      authentication,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
  });

  test('by nothing, where the client is a public one', async () => {
    await expectPerson({ id: 'none', authentication: 'none' });
  });

  test('by a certificate', async () => {
    const certificate = clientAuthority.server;
    await expectPerson({ id: 'tls_client_auth', authentication: 'tls_client_auth', certificate }, secure);
  });

  test('by a secret over https', async () => {
    await expectPerson({ id: 'client_secret_basic', secret: SECRET }, secure);
  });

  test.each<[what: string, client: ClientOptions, at: typeof provider]>([
    ['with a wrong secret', { id: 'client_secret_basic', secret: 'wrong' }, provider],
    [
      'with another key',
      { id: 'ES256', authentication: 'private_key_jwt', privateKey: keys.ES384 as KeyObject },
      provider,
    ],
    [
      'under another key’s id',
      { id: 'ES256', authentication: 'private_key_jwt', privateKey: keys.ES256 as KeyObject, keyId: 'x' },
      provider,
    ],
    [
      'with a certificate of somebody else',
      { id: 'tls_client_auth', authentication: 'tls_client_auth', certificate: stranger.server },
      secure,
    ],
    ['as a client that is unknown', { id: 'nobody', secret: SECRET }, provider],
  ])('and %s it is our outage, not the person’s fault', async (_what, client, at) => {
    const grant = method({ grants: ['password'], client }, at);
    expect(await outcomeOf(grant, basic(ALEX.name, ALEX.password))).toBe('503 exchange_unavailable');
  });
});

test('200 programs at once ask a real provider once each', async () => {
  const grant = method();
  await grant.ready();
  const before = provider.asked.filter((path) => path === '/token').length;
  const pairs = [basic('client_secret_basic', SECRET), basic('strange', STRANGE)];
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => outcomeOf(grant, pairs[index % 2])));
  expect(new Set(outcomes)).toEqual(new Set([200]));
  expect(provider.asked.filter((path) => path === '/token').length - before).toBe(2);
});
