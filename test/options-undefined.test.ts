import { describe, expect, test } from '@jest/globals';
import {
  backchannelLogout,
  basicGrant,
  ConfigurationError,
  jwtIdp,
  localToken,
  memoryConsumers,
  memoryRevocations,
  memoryUsers,
  oidcBearer,
  staticKeys,
  wafPresets,
  wafToken,
} from '../lib/index.js';
import { redisCache } from '../lib/redis/index.js';
import { PROVIDER_PEM } from './helpers/oidc-door.js';

/** What a variable of the environment is that nobody has set. */
const unset = process.env.SALLYPORT_TEST_NEVER_SET;
const issuer = 'https://login.example.com';
const trust = { issuer, audience: 'api' };
const verify = oidcBearer({ ...trust, publicKeys: PROVIDER_PEM });
const revocations = memoryRevocations();
const redis = { call: async () => undefined };
const seed = (credential: object) => memoryConsumers([{ username: 'a', credentials: [credential] }]);
const local = (key: object) => localToken({ issuer, keys: [{ kid: '1', ...key }] as never });
const gateway = (client: object) => basicGrant({ issuer, verify, client: client as never });

describe('an option that decides and is undefined is refused, and the refusal asks for the variable', () => {
  test.each<[option: string, create: () => unknown]>([
    ['oidcBearer.issuer', () => oidcBearer({ ...trust, issuer: unset as never })],
    ['oidcBearer.issuers', () => oidcBearer({ issuers: unset as never })],
    ['oidcBearer.audience', () => oidcBearer({ issuer, audience: unset as never })],
    ['oidcBearer.tenants', () => oidcBearer({ ...trust, tenants: undefined })],
    ['oidcBearer.publicKeys', () => oidcBearer({ ...trust, publicKeys: unset })],
    ['oidcBearer.jwksUri', () => oidcBearer({ ...trust, jwksUri: unset })],
    ['oidcBearer.discovery', () => oidcBearer({ ...trust, discovery: undefined })],
    ['oidcBearer.discovery.url', () => oidcBearer({ ...trust, discovery: { url: unset as never } })],
    ['oidcBearer.keys', () => oidcBearer({ ...trust, keys: undefined })],
    ['oidcBearer.secret', () => oidcBearer({ ...trust, secret: unset as never })],
    [
      'oidcBearer.introspection.client.secret',
      () => oidcBearer({ ...trust, introspection: { client: { id: 'a', secret: unset } } }),
    ],
    [
      'oidcBearer.introspection.client.id',
      () => oidcBearer({ ...trust, introspection: { client: { id: unset as never, secret: 's' } } }),
    ],
    [
      'oidcBearer.introspection.endpoint',
      () => oidcBearer({ ...trust, introspection: { client: { id: 'a', secret: 's' }, endpoint: unset } }),
    ],
    [
      'oidcBearer.users.allowedDomains',
      () => oidcBearer({ ...trust, users: { store: memoryUsers(), allowedDomains: undefined } }),
    ],
    ['wafToken.jwksUri', () => wafToken({ ...trust, jwksUri: unset })],
    ['wafToken.pemPerKid', () => wafToken({ ...trust, pemPerKid: unset })],
    ['wafToken.trustedPeers', () => wafToken({ ...trust, publicKeys: PROVIDER_PEM, trustedPeers: undefined })],
    ['wafToken.header', () => wafToken({ ...trust, publicKeys: PROVIDER_PEM, header: unset })],
    ['wafPresets.googleIap.audience', () => wafPresets.googleIap({ audience: unset as never })],
    [
      'wafPresets.cloudflareAccess.team',
      () => wafToken({ preset: 'cloudflareAccess', team: unset as never, audience: 'a' }),
    ],
    ['wafPresets.authentik.jwksUri', () => wafPresets.authentik({ issuer, clientId: 'a', jwksUri: unset })],
    ['memoryConsumers[0].credentials[0].secret', () => seed({ key: 'k', secret: unset })],
    ['memoryConsumers[0].credentials[0].key', () => seed({ key: unset, secret: 's'.repeat(32) })],
    ['memoryConsumers[0].credentials[0].publicKey', () => seed({ algorithm: 'ES256', publicKey: unset })],
    ['localToken.keys[0].secret', () => local({ algorithm: 'HS256', secret: unset })],
    ['localToken.keys[0].privateKey', () => local({ algorithm: 'ES256', privateKey: unset })],
    ['localToken.audience', () => localToken({ issuer, audience: unset, keys: [] })],
    ['basicGrant.client.secret', () => gateway({ id: 'gateway', secret: unset })],
    ['basicGrant.client.privateKey', () => gateway({ id: 'g', authentication: 'private_key_jwt', privateKey: unset })],
    ['basicGrant.tokenEndpoint', () => basicGrant({ issuer, verify, tokenEndpoint: unset })],
    ['backchannelLogout.publicKeys', () => backchannelLogout({ ...trust, revocations, publicKeys: unset })],
    ['jwtIdp.secret', () => jwtIdp({ secret: unset } as never)],
    ['redisCache.encryptionKey', () => redisCache({ client: redis, encryptionKey: unset as never })],
  ])('%s', (option, create) => {
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(expect.objectContaining({ option }));
    expect(create).toThrow(/undefined.*is the environment variable set\?/);
  });

  test('also as a member of a list of keys', () => {
    const publicKeys = [PROVIDER_PEM, unset as never];
    for (const create of [() => oidcBearer({ ...trust, publicKeys }), () => staticKeys({ publicKeys })])
      expect(create).toThrow(/publicKeys\[1\]: is undefined: is the environment variable set/);
  });

  test('and left out it is what it was before', () => {
    expect(() => oidcBearer(trust)).not.toThrow();
    expect(() => oidcBearer({ ...trust, realm: undefined, clockTolerance: undefined, ca: undefined })).not.toThrow();
  });
});
