import { describe } from '@jest/globals';
import {
  apiKey,
  basicGrant,
  consumerJwt,
  defineMethod,
  discoveryKeys,
  jwksKeys,
  jwtAuth,
  localToken,
  memoryApiKeys,
  memoryConsumers,
  oidcBearer,
  requireAnyRole,
  requireClaim,
  requireGroups,
  requirePrincipal,
  requireRecentLogin,
  requireScopes,
  sharedSecretJwt,
  staticKeys,
  wafToken,
} from '../../lib/index.js';
import { fromConsul, fromKong } from '../../lib/migrate/index.js';
import { postgresConsumers, postgresUsers } from '../../lib/postgres/index.js';
import { redisCache, redisRevocations } from '../../lib/redis/index.js';
import { PASSWORD, refusesMistakes } from '../helpers/mistakes.js';
import { PROVIDER_PEM } from '../helpers/oidc-door.js';
import { SECRET, shared } from '../helpers/shared-secret.js';

const issuer = 'https://login.example.com';
const consumer = (options: unknown) => () => consumerJwt(options as never);
const seeds = (consumers: unknown) => () => memoryConsumers(consumers as never);
const credential = (fields: object) => seeds([{ username: 'a', credentials: [{ key: 'k', ...fields }] }]);
const composed = (options: unknown) => () => jwtAuth(options as never);
const secret = (options: unknown) => () => sharedSecretJwt(options as never);
const local = (options: object) => () =>
  localToken({ issuer, keys: [{ kid: '1', algorithm: 'HS256', secret: SECRET }], ...options } as never);
const waf = (options: object) => () =>
  wafToken({ header: 'x-waf', issuer, audience: 'a', publicKeys: PROVIDER_PEM, ...options } as never);
const postgres = (options: unknown) => () => postgresUsers(options as never);
const redis = (options: unknown) => () => redisCache(options as never);
const grant = (options: object) => () =>
  basicGrant({ issuer, client: { id: 'a', secret: 'b' }, verify: shared(), ...options } as never);

describe('consumers', () => {
  refusesMistakes([
    ['a list', consumer({ consumers: [] }), /memoryConsumers\(\[…\]\), and this is an empty list/],
    ['none', consumer({}), /memoryConsumers.*undefined/],
    ['a store that was not called', consumer({ consumers: memoryConsumers }), /call it: memoryConsumers\(/],
    ['a store that is still on its way', consumer({ consumers: Promise.resolve() }), /consumers: is a Promise/],
    ['a secret for all', consumer({ secret: SECRET }), /sharedSecretJwt\(\{ secret \}\).*memoryConsumers/],
    ['algorithms', consumer({ algorithms: ['HS256'] }), /credential’s own.*sharedSecretJwt/],
    ['an issuer', consumer({ issuer }), /oidcBearer\(\{ issuer, audience \}\)/],
    ['one consumer', seeds({ username: 'a' }), /\[\{ username, credentials \}\], and this is an object/],
    [
      'one credential',
      seeds([{ username: 'a', credentials: { key: 'k' } }]),
      /\[\{ key, secret \}\], and this is an object/,
    ],
    [
      'an algorithm in small letters',
      credential({ secret: SECRET, algorithm: 'hs256' }),
      /did you mean "HS256"\? Case counts/,
    ],
    ['a date as a text', credential({ secret: SECRET, expiresAt: '2030-01-01' }), /new Date\(.*and this is a text/],
    ['a short secret', credential({ secret: 'short' }), /5 bytes, 32 are needed.*allowWeakSecret: true/],
    ['iss for a key', credential({ iss: 'k', secret: SECRET }), /did you mean "key"/],
  ]);
});

describe('jwtAuth', () => {
  refusesMistakes([
    ['a list', composed([]), /jwtAuth\(\{ methods: \[first, second\] \}\), and this is an empty list/],
    ['a method', composed(shared()), /\{ methods: \[first, second\] \}\), and this is the function sharedSecretJwt/],
    ['one method', composed({ methods: shared() }), /\[first, second\], and this is the function/],
    ['a factory', composed({ methods: [oidcBearer] }), /the factory itself; call it: oidcBearer\(\{/],
    ['a Promise of a method', composed({ methods: [Promise.resolve(shared())] }), /methods: is a Promise: await it/],
    [
      'options of a method',
      composed({ methods: [{ issuer }] }),
      /another auth method factory returns, and this is an object/,
    ],
    ['a guard', composed({ methods: [requireScopes('a')] }), /and this is the function requireScopes/],
    ['strategies', composed({ strategies: [] }), /methods: \[oidcBearer/],
    ['a secret', composed({ secret: SECRET }), /sharedSecretJwt\(\{ secret \}\)/],
  ]);
});

describe('guards', () => {
  const req = { headers: {}, method: 'GET', url: '/', socket: {} } as never;
  refusesMistakes([
    [
      'a guard that was not called',
      () => requireScopes(req),
      /was given a request: call it, .*app\.use\(requireScopes/,
    ],
    ['a guard without options that was not called', () => requirePrincipal(req), /app\.use\(requirePrincipal\(/],
    ['a method that was not called', () => oidcBearer(req), /app\.use\(oidcBearer\(\{ issuer, audience \}\)\)/],
    ['scopes in one text', () => requireScopes('read write'), /requireScopes\('read', 'write'\)/],
    ['scopes as a list', () => requireScopes(['a'] as never), /a list: put \.\.\. before it/],
    ['roles as a list', () => requireAnyRole(['a'] as never), /a list: put \.\.\. before it/],
    ['no scope', () => requireScopes(), /one or more names/],
    ['a variable that is not set', () => requireGroups(undefined as never), /is the environment variable set/],
    ['a role as a type', () => requirePrincipal({ type: 'admin' as never }), /requireRoles\(\)/],
    ['a claim and nothing to expect', () => requireClaim('tenant', undefined as never), /and this is undefined/],
    ['a claim as an object', () => requireClaim({ tenant: 'x' } as never, 'x'), /a claim name.*and this is an object/],
    ['minutes', () => requireRecentLogin({ maxAge: '5m' as never }), /write the number 300/],
    ['a number alone', () => requireRecentLogin(300 as never), /\{ maxAge: 300 \}\), and this is the number 300/],
  ]);
});

describe('other methods', () => {
  refusesMistakes([
    ['sharedSecretJwt without a secret', secret({}), /secret: is required/],
    ['sharedSecretJwt with a bare text', secret(SECRET), /sharedSecretJwt\(\{ secret \}\), and this is a text/],
    ['sharedSecretJwt with a public key', secret({ secret: PROVIDER_PEM }), /PEM, a certificate or a JWK/],
    ['sharedSecretJwt with RS256', secret({ secret: SECRET, algorithms: ['RS256'] }), /public key.*oidcBearer/],
    ['API keys as a list', () => apiKey({ keys: ['k'] as never }), /memoryApiKeys\(\[…\]\), and this is a list/],
    ['API keys, not called', () => apiKey({ keys: memoryApiKeys as never }), /call it: memoryApiKeys\(/],
    ['a client as a text', grant({ client: 'id' }), /client: \{ id, secret \}, and this is a text/],
    ['verify that was not called', grant({ verify: oidcBearer }), /call it: oidcBearer\(\{/],
    ['the secret of local tokens', local({ secret: SECRET }), /did you mean "keys"/],
    ['how long local tokens live', local({ expiresIn: '1h' }), /did you mean "ttl"/],
    ['the cookie of local tokens', local({ cookie: 'session' }), /cookie: \{ name: 'session' \}, and this is a text/],
    ['a WAF’s addresses as a text', waf({ trustedPeers: '10.0.0.0/8' }), /put brackets around it/],
    ['a WAF by its name', waf({ trustedPeers: ['waf.internal'] }), /"10\.0\.0\.0\/8".*not "waf\.internal"/],
    [
      'a method without verify',
      () => defineMethod({ name: 'x' } as never),
      /verify: expects a function, and this is undefined/,
    ],
    ['jwksKeys of a text', () => jwksKeys('https://x' as never), /jwksKeys\(\{ jwksUri \}\), and this is a text/],
    [
      'staticKeys of a text',
      () => staticKeys(PROVIDER_PEM as never),
      /staticKeys\(\{ publicKeys \}\), and this is a text/,
    ],
    [
      'discoveryKeys of a text',
      () => discoveryKeys(issuer as never),
      /discoveryKeys\(\{ issuer \}\), and this is a text/,
    ],
  ]);
});

describe('databases and files', () => {
  const url = `postgres://user:${PASSWORD}@db/app`;
  const client = { query: async () => ({ rows: [] }) };
  refusesMistakes([
    ['a pool in place of options', postgres(client), /postgresUsers\(\{ client \}\), and this is the client itself/],
    ['an address in place of options', postgres(url), /postgresUsers\(\{ client \}\), and this is a text/],
    ['an address as client', postgres({ client: url }), /new Pool\(\) of pg, and this is a text/],
    ['connectionString', postgres({ connectionString: url }), /client: new Pool\(\{ connectionString \}\)/],
    [
      'a pool that is still on its way',
      postgres({ client: Promise.resolve(client) }),
      /client: is a Promise: await it/,
    ],
    ['a key as a text', () => postgresConsumers({ client, keyEncryption: PASSWORD } as never), /\{ k1: <32 bytes> \}/],
    ['a Redis client in place of options', redis({ sendCommand() {} }), /and this is the client itself/],
    [
      'an address of Redis',
      redis({ client: `redis://:${PASSWORD}@h`, encryptionKey: Buffer.alloc(32) }),
      /connected client.*and this is a text/,
    ],
    ['url', redis({ url: `redis://:${PASSWORD}@h` }), /connected client: \{ client \}/],
    [
      'revocations without options',
      () => redisRevocations(undefined as never),
      /redisRevocations\(\{ client \}\), and this is undefined/,
    ],
    ['a path of kong.yml', () => fromKong('./kong.yml'), /readFileSync/],
    ['an address of kong.yml', () => fromKong(new URL('file:///kong.yml')), /readFileSync/],
    ['a Promise of kong.yml', () => fromKong(Promise.resolve('') as never), /is a Promise: await it/],
    [
      'no configuration of Consul',
      () => fromConsul(undefined as never),
      /as an object or as text, and this is undefined/,
    ],
  ]);
});
