import { createSecretKey, generateKeyPairSync, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type ConsumerCredential,
  type ConsumerStore,
  consumerJwt,
  memoryConsumers,
  type NewCredential,
} from '../../lib/index.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';

const SECRET = HOWTO.secret;
const at = (seconds: number) => new Date(Date.now() + seconds * 1000);

async function ask(consumers: ConsumerStore, token = howtoToken()) {
  const { status, body } = await request(app(consumerJwt({ consumers, exposeReason: true })))
    .get('/')
    .set('Authorization', bearer(token));
  return status === 200 ? 'welcome' : [status, body.code];
}

const holding = (...credentials: NewCredential[]) => memoryConsumers([{ username: 'jsmith', credentials }]);

describe('a credential', () => {
  test.each([
    ['enabled', { enabled: true }, 'welcome'],
    ['disabled', { enabled: false }, [401, 'credential_disabled']],
    ['that has begun', { notBefore: at(-1) }, 'welcome'],
    ['that has not begun, within the clock tolerance even', { notBefore: at(5) }, [401, 'credential_disabled']],
    ['that has not ended', { expiresAt: at(60) }, 'welcome'],
    ['that has ended, within the clock tolerance even', { expiresAt: at(-1) }, [401, 'credential_disabled']],
  ])('%s', async (_title, fields, expected) => {
    expect(await ask(holding({ key: HOWTO.key, secret: SECRET, ...fields }))).toEqual(expected);
  });

  test('may be one of several that live', async () => {
    const consumers = holding({ key: HOWTO.key, secret: SECRET }, { key: 'second', secret: 'y'.repeat(32) });
    expect(await ask(consumers)).toBe('welcome');
    expect(await ask(consumers, hs256({ iss: 'second', exp: inSeconds(60) }, { secret: 'y'.repeat(32) }))).toBe(
      'welcome',
    );
    expect(await ask(consumers, hs256({ iss: 'second', exp: inSeconds(60) }, { secret: SECRET }))).toEqual([
      401,
      'signature_invalid',
    ]);
  });

  test('rotates without an outage, and without a way back', async () => {
    const consumers = holding({ key: HOWTO.key, secret: SECRET });
    const { key, secret = '' } = await consumers.rotateCredential(HOWTO.key, { grace: 60 });
    const renewed = hs256({ iss: key, exp: inSeconds(60) }, { secret });
    expect([await ask(consumers), await ask(consumers, renewed)]).toEqual(['welcome', 'welcome']);
    await consumers.rotateCredential(HOWTO.key, { grace: 0 });
    expect([await ask(consumers), await ask(consumers, renewed)]).toEqual([[401, 'credential_disabled'], 'welcome']);
    await consumers.revokeCredential(key);
    expect(await ask(consumers, renewed)).toEqual([401, 'credential_unknown']);
  });

  test('ends the principal no later than itself', async () => {
    const expiresAt = at(30);
    const { authenticate } = consumerJwt({ consumers: holding({ key: HOWTO.key, secret: SECRET, expiresAt }) });
    const req = { headers: { authorization: bearer(howtoToken()) }, rawHeaders: [] } as never;
    expect((await authenticate(req))?.credential.expiresAt).toEqual(expiresAt);
  });

  test('fixes the algorithm, whatever the token says', async () => {
    const consumers = holding({ key: HOWTO.key, algorithm: 'HS512', secret: SECRET + SECRET });
    expect(await ask(consumers, hs256({ iss: HOWTO.key, exp: inSeconds(60) }, { secret: SECRET + SECRET }))).toEqual([
      401,
      'algorithm_not_allowed',
    ]);
  });

  test('has its secret in base64 of both alphabets', async () => {
    const bytes = Buffer.from('fbff'.repeat(16), 'hex');
    const token = hs256({ iss: 'k', exp: inSeconds(60) }, { secret: bytes });
    for (const secret of [bytes.toString('base64'), bytes.toString('base64url')]) {
      expect(await ask(holding({ key: 'k', secret, secretEncoding: 'base64' }), token)).toBe('welcome');
      expect(await ask(holding({ key: 'k', secret }), token)).toEqual([401, 'signature_invalid']);
    }
  });
});

const CONSUMER = { id: '1', username: 'jsmith', groups: ['ops'], roles: [], tags: [], createdAt: new Date(0) };

/** A store of the application's own: no compiler has seen what it hands out. */
const handing = (credential: unknown, consumer: unknown = CONSUMER): ConsumerStore => ({
  findCredential: async () => ({ credential, consumer }) as never,
});
const PLAIN = { key: HOWTO.key, secret: SECRET };

describe('a store of one’s own', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  function es256(): string {
    const parts = [{ alg: 'ES256' }, { iss: HOWTO.key, exp: inSeconds(60) }];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  test('may hand out plain secrets, key objects, PEM and JWK', async () => {
    const spki = publicKey.export({ type: 'spki', format: 'pem' });
    const jwk = publicKey.export({ format: 'jwk' });
    expect(await ask(handing(PLAIN))).toBe('welcome');
    expect(await ask(handing({ ...PLAIN, secret: createSecretKey(Buffer.from(SECRET)) }))).toBe('welcome');
    for (const material of [spki, jwk, publicKey]) {
      expect(await ask(handing({ key: HOWTO.key, algorithm: 'ES256', publicKey: material }), es256())).toBe('welcome');
    }
  });

  test('may say null for absent, as databases do', async () => {
    const nulls = { algorithm: null, secretEncoding: null, allowWeakSecret: null, publicKey: null, enabled: null };
    const consumer = { id: '1', username: null, customId: null, groups: null, roles: undefined };
    expect(await ask(handing({ ...PLAIN, ...nulls, notBefore: null, expiresAt: null, tags: null }, consumer))).toBe(
      'welcome',
    );
    expect(await ask({ findCredential: async () => null as never })).toEqual([401, 'credential_unknown']);
  });

  test('is followed when it changes a record in place', async () => {
    const record = { ...PLAIN, secret: 'z'.repeat(32) };
    const store = handing(record);
    expect(await ask(store)).toEqual([401, 'signature_invalid']);
    record.secret = SECRET;
    expect(await ask(store)).toBe('welcome');
  });

  test('keeps its own objects as they are, and its other columns to itself', async () => {
    const consumer = { ...CONSUMER, groups: ['ops'], passwordHash: 'hidden', address: { street: 'hidden' } };
    const { body } = await request(app(consumerJwt({ consumers: handing(PLAIN, consumer) })))
      .get('/')
      .set('Authorization', bearer(howtoToken()));
    expect(JSON.stringify(body.principal)).not.toContain('hidden');
    expect([consumer, consumer.groups, consumer.address].map((value) => Object.isFrozen(value))).toEqual([
      false,
      false,
      false,
    ]);
  });

  test.each<[string, unknown, unknown?]>([
    ['no credential', undefined],
    ['no consumer', PLAIN, null],
    ['a secret that is missing', { key: HOWTO.key }],
    ['a secret that is too short', { ...PLAIN, secret: 'short' }],
    ['a secret in an unknown encoding', { ...PLAIN, secretEncoding: 'hex' }],
    ['an algorithm that does not exist', { ...PLAIN, algorithm: 'none' }],
    ['a public key that is missing', { ...PLAIN, algorithm: 'RS256' }],
    ['a public key that is none', { ...PLAIN, algorithm: 'RS256', publicKey: 'nonsense' }],
    ['an enabled that is a number', { ...PLAIN, enabled: 0 }],
    ['an enabled that is a text', { ...PLAIN, enabled: 'false' }],
    ['a notBefore that is a text', { ...PLAIN, notBefore: '2999-01-01' }],
    ['a notBefore that is no date', { ...PLAIN, notBefore: new Date('nonsense') }],
    ['an expiresAt that is a number', { ...PLAIN, expiresAt: 1 }],
    ['a consumer without an id', PLAIN, { ...CONSUMER, id: undefined }],
    ['groups that are a text', PLAIN, { ...CONSUMER, groups: 'ops' }],
    ['roles with a number', PLAIN, { ...CONSUMER, roles: [1] }],
    ['a username that is an object', PLAIN, { ...CONSUMER, username: {} }],
  ])(
    'with %s has a broken record: 503, and its secret stays in the store',
    async (_title, credential, consumer = CONSUMER) => {
      const events: AuthEvent[] = [];
      const consumers = { findCredential: async () => ({ credential, consumer }) as never };
      const response = await request(app(consumerJwt({ consumers, onEvent: (event) => events.push(event) })))
        .get('/')
        .set('Authorization', bearer(howtoToken()));
      expect([response.status, response.body.code]).toEqual([503, 'store_unavailable']);
      expect(inspect(events, { depth: 20, showHidden: true })).not.toContain(SECRET);
    },
  );
});

test('a store’s credential type takes both kinds of key', () => {
  const both: ConsumerCredential[] = [PLAIN, { key: 'k', algorithm: 'EdDSA', publicKey: 'pem' }];
  expect(both).toHaveLength(2);
});
