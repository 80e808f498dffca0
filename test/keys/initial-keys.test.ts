import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { JWK } from 'jose';
import { type AuthEvent, discoveryKeys, type JwksKeysOptions, jwksKeys, oidcBearer } from '../../lib/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { ask } from '../helpers/asking.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';
import { keyServer } from '../helpers/key-server.js';
import { AUDIENCE, accessToken, ISSUER, jwkOf, pemOf } from '../helpers/oidc-door.js';
import { inSeconds } from '../helpers/tokens.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [one, two, stranger] = [pair(), pair(), pair()];
const ONE = jwkOf(one.publicKey, { kid: 'k1' });
const TWO = jwkOf(two.publicKey, { kid: 'k2' });

/** Nobody listens there. */
const AWAY = 'http://127.0.0.1:1/jwks';
const broken: Record<string, unknown> = {};
const place = await keyServer(() => ({
  '/broken': broken,
  '/one': { keys: [ONE] },
  '/both': { keys: [ONE, TWO] },
  '/two': { keys: [TWO] },
  '/pems': { k1: pemOf(one.publicKey), c: CERTIFICATE },
}));

const token = (key: KeyObject, kid: string | undefined, claims: object = {}) =>
  accessToken({ exp: inSeconds(100_000), ...claims }, { key, header: { kid } });

function methodWith(options: Partial<JwksKeysOptions>) {
  const events: AuthEvent[] = [];
  const keys = jwksKeys({ jwksUri: AWAY, listeners: [(event) => events.push(event)], ...options });
  const method = oidcBearer({ issuer: ISSUER, audience: AUDIENCE, keys });
  afterThisTest(() => method.close());
  return { method, keys, events };
}

describe.each<[string, JwksKeysOptions['initialKeys']]>([
  ['a key set', { keys: [ONE] }],
  ['a list of keys', [ONE]],
])('keys to begin with, as %s,', (_form, initialKeys) => {
  test('verify while the address does not answer, and ask nobody', async () => {
    const { method, events } = methodWith({ initialKeys });
    await method.ready();
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    expect(await ask(method, token(one.privateKey, undefined))).toBe('ok');
    expect(events).toEqual([]);
    expect(method.health()).toEqual([{ source: AWAY, keyCount: 1 }]);
  });

  test('let a new kid be fetched, and are replaced by what was fetched', async () => {
    const { method } = methodWith({ initialKeys, jwksUri: `${place.origin}/two` });
    const before = place.asked.length;
    expect(await ask(method, token(two.privateKey, 'k2'))).toBe('ok');
    expect(place.asked.slice(before)).toEqual(['/two']);
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('key_not_found');
  });

  test('give nothing to a forged token, nor to a kid that nobody has', async () => {
    const { method } = methodWith({ initialKeys, jwksUri: `${place.origin}/one` });
    expect(await ask(method, token(stranger.privateKey, 'k1'))).toBe('signature_invalid');
    expect(await ask(method, token(stranger.privateKey, 'k9'))).toBe('key_not_found');
    expect(await ask(method, token(stranger.privateKey, undefined))).toBe('signature_invalid');
  });
});

describe('keys to begin with', () => {
  test('make nobody wait for a provider that does not answer', async () => {
    const issuer = await issuerForTest();
    const { keys } = issuer.jwks();
    issuer.fault('discovery', 'no-answer');
    const source = discoveryKeys({ issuer: issuer.url, initialKeys: keys });
    const api = apiTrusting(issuer, { keys: source });
    afterThisTest(async () => source.close());
    await api.method.ready();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(issuer.counts.discovery).toBe(0);
  });

  test('leave a kid that nobody can look up an outage, tried again after a second', async () => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const source = jwksKeys({ jwksUri: issuer.metadata.jwks_uri, initialKeys: [ONE] });
    afterThisTest(async () => source.close());
    const api = apiTrusting(issuer, { keys: source });
    issuer.fault('jwks', { status: 500 });
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, retryAfter: '1' });
    issuer.heal();
    advance(1);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });

  test('serve until a fetch has succeeded, however long that takes, and are looked after in the background', async () => {
    const advance = fakeClock();
    const { method, events } = methodWith({ initialKeys: [ONE], maxStale: 0, jwksUri: `${place.origin}/missing` });
    for (const seconds of [0, 601, 5_000, 80_000]) {
      advance(seconds);
      expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    }
    for (let turn = 0; turn < 1_000 && events.length === 0; turn += 1) await new Promise(setImmediate);
    expect(events).toContainEqual(expect.objectContaining({ type: 'keys_failed', servingStale: true }));
  });

  test('are replaced in the background after ten minutes of use', async () => {
    const advance = fakeClock();
    const { method, keys } = methodWith({ initialKeys: [ONE], jwksUri: `${place.origin}/two` });
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    advance(601);
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    for (let turn = 0; turn < 10_000 && keys.health().lastSuccess === undefined; turn += 1)
      await new Promise(setImmediate);
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('key_not_found');
    expect(await ask(method, token(two.privateKey, 'k2'))).toBe('ok');
  });

  test('may stand among keys for something else, which are left out', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const { method } = methodWith({ initialKeys: [jwkOf(rsa, { use: 'enc', alg: 'RSA-OAEP' }), ONE] });
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    expect(method.health()).toMatchObject([{ keyCount: 1 }]);
  });

  test('are bound to the algorithms of the source', async () => {
    const { keys } = methodWith({ initialKeys: [ONE], algorithms: ['RS256'] });
    await expect(keys.find({ alg: 'ES256', kid: 'k1' })).rejects.toMatchObject({ code: 'algorithm_not_allowed' });
  });

  test.each<[string, unknown, RegExp]>([
    ['none', [], /holds no usable key/],
    ['an empty set', { keys: [] }, /holds no usable key/],
    ['a text', pemOf(one.publicKey), /not a JWK Set/],
    ['null', null, /not a JWK Set/],
    ['one key in place of a set', ONE, /not a JWK Set/],
    ['a private key', [ONE, { ...one.privateKey.export({ format: 'jwk' }), kid: 'p' }], /private or secret key/],
    ['a secret', [ONE, { kty: 'oct', k: 'c2VjcmV0' }], /private or secret key/],
    ['a weak key alone', [jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)], /1024 bits/],
    ['more than a hundred', Array(101).fill(ONE), /more than 100/],
  ])('may not be %s', (_what, initialKeys, message) => {
    const made = () => jwksKeys({ jwksUri: AWAY, initialKeys: initialKeys as JWK[] });
    expect(made).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message: expect.stringMatching(message) }),
    );
    expect(made).toThrow(/initialKeys/);
  });
});

describe('a key set that is an object of key ids and PEMs', () => {
  const pems = (options: Partial<JwksKeysOptions> = {}) =>
    methodWith({ jwksUri: `${place.origin}/pems`, keyFormat: 'pem-map', ...options });

  test('verifies by keys and by certificates, each under its own id', async () => {
    const { method } = pems();
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    expect(await ask(method, token(CERTIFICATE_KEY, 'c'))).toBe('ok');
    expect(await ask(method, token(CERTIFICATE_KEY, 'k1'))).toBe('signature_invalid');
    expect(await ask(method, token(stranger.privateKey, 'k9'))).toBe('key_not_found');
    expect(method.health()).toMatchObject([{ keyCount: 2 }]);
  });

  test('loses what is no key one by one, and says so', async () => {
    const pkcs8 = one.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    broken.k1 = pemOf(one.publicKey);
    Object.assign(broken, { text: 'text', number: 7, private: pkcs8 });
    const { events, method } = pems({ jwksUri: `${place.origin}/broken` });
    expect(await ask(method, token(one.privateKey, 'k1'))).toBe('ok');
    const dropped = events.filter((event) => event.type === 'key_dropped').map(({ kid }) => kid);
    expect(dropped).toEqual(['text', 'number', 'private']);
    expect(JSON.stringify(events)).not.toContain(pkcs8.slice(40, 80));
  });

  test('is no JWK Set, and a JWK Set is none of it', async () => {
    const jwks = methodWith({ jwksUri: `${place.origin}/pems` });
    expect(await ask(jwks.method, token(one.privateKey, 'k1'))).toBe('keys_unavailable');
    const map = pems({ jwksUri: `${place.origin}/one` });
    expect(await ask(map.method, token(one.privateKey, 'k1'))).toBe('keys_unavailable');
  });

  test('has a name that is checked', () => {
    expect(() => pems({ keyFormat: 'pem' as never })).toThrow(/keyFormat: expects "jwks", "pem-map" or "any"/);
  });
});
