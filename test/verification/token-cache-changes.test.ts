import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  type ConsumerCredential,
  type ConsumerJwtOptions,
  consumerJwt,
  jwtAuth,
  memoryUsers,
  type OidcBearerOptions,
  oidcBearer,
  type UsersOption,
} from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { AUDIENCE, accessToken, door, ISSUER, jwkOf, PROVIDER_KEY, PROVIDER_PEM, pemOf } from '../helpers/oidc-door.js';
import { policy, staffDoor } from '../helpers/people.js';
import { answer, changingKeys, countingClaims, outcome, welcomeTwice } from '../helpers/remembering.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';

// What was verified is remembered; what it rested on may be gone a moment later.

afterEach(() => {
  jest.restoreAllMocks();
});

const later = (seconds: number) => {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
};

const consumerDoor = (options: Partial<ConsumerJwtOptions> = {}) =>
  consumerJwt({ consumers: howtoConsumers(), ...options });

describe.each([
  ['that tells at once what it still has', true],
  ['that has to be asked', false],
])('a key from a source %s', (_source, atOnce) => {
  const jwk = (kid: string, key = PROVIDER_KEY) => jwkOf(key, { kid, d: undefined });
  const old = accessToken({}, { header: { kid: 'old' } });
  const changingDoor = (options: Pick<OidcBearerOptions, 'keys' | 'claims'>) =>
    oidcBearer({ issuer: ISSUER, audience: AUDIENCE, ...options } as OidcBearerOptions);

  test('that is withdrawn takes its tokens with it at once', async () => {
    const { keys, change } = changingKeys([jwk('old'), jwk('new')], { atOnce });
    const method = changingDoor({ keys });
    await welcomeTwice(method, old);
    change([jwk('new')]);
    expect(await answer(method, old)).toBe('key_not_found');
    change([jwk('old'), jwk('new')]);
    expect(await answer(method, old)).toBe('welcome');
  });

  test('that has another under its kid takes its tokens with it, too', async () => {
    const { keys, change } = changingKeys([jwk('old')], { atOnce });
    const method = changingDoor({ keys });
    await welcomeTwice(method, old);
    change([jwk('old', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)]);
    expect(await answer(method, old)).toBe('signature_invalid');
  });

  test('that is only loaded again leaves everything remembered', async () => {
    const { claims, workedOut } = countingClaims();
    const { keys, change } = changingKeys([jwk('old')], { atOnce });
    const method = changingDoor({ keys, claims });
    await welcomeTwice(method, old);
    change([jwk('old')]);
    expect(await workedOut(() => answer(method, old))).toBe(0);
  });

  test('without a kid is found again among several', async () => {
    const nameless = accessToken();
    const stranger = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    const { keys, change } = changingKeys([stranger, PROVIDER_PEM], { atOnce });
    const method = changingDoor({ keys });
    await welcomeTwice(method, nameless);
    change(stranger);
    expect(await answer(method, nameless)).toBe('signature_invalid');
  });
});

describe('an issuer', () => {
  test('of a tenant whose audience is another now is measured by the new one', async () => {
    let audience = AUDIENCE;
    const method = oidcBearer({ issuers: () => ({ issuer: ISSUER, audience, publicKeys: PROVIDER_PEM }) });
    const token = accessToken();
    await welcomeTwice(method, token);
    audience = 'https://other.example.com';
    later(61);
    expect(await answer(method, token)).toBe('audience_mismatch');
  });

  test('of a tenant that leaves verifies nothing any more', async () => {
    let known = true;
    const issuers = () => (known ? { issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM } : undefined);
    const method = oidcBearer({ issuers });
    const token = accessToken();
    await welcomeTwice(method, token);
    known = false;
    later(61);
    expect(await answer(method, token)).toBe('issuer_unknown');
  });
});

describe('a consumer', () => {
  const token = howtoToken();

  test.each([
    ['that is revoked', (consumers: ReturnType<typeof howtoConsumers>) => consumers.revokeCredential(HOWTO.key)],
    ['whose consumer is deleted', (consumers: ReturnType<typeof howtoConsumers>) => consumers.deleteConsumer('jsmith')],
  ])('loses a credential %s at once', async (_title, change) => {
    const consumers = howtoConsumers();
    const method = consumerDoor({ consumers });
    await welcomeTwice(method, token);
    await change(consumers);
    expect(await answer(method, token)).toBe('credential_unknown');
  });

  test('loses a credential that is rotated at the end of its grace, and not before', async () => {
    const consumers = howtoConsumers();
    const method = consumerDoor({ consumers });
    await welcomeTwice(method, token);
    const { key, secret = '' } = await consumers.rotateCredential(HOWTO.key, { grace: 30 });
    expect(await answer(method, token)).toBe('welcome');
    later(30);
    expect(await answer(method, token)).toBe('credential_disabled');
    expect(await answer(method, hs256({ iss: key, exp: inSeconds(300) }, { secret }))).toBe('welcome');
  });

  test('has a new secret under the same key: what the old one signed is refused at once', async () => {
    let secret: string = HOWTO.secret;
    const findCredential = async () => {
      const consumer = { id: '1', groups: [], roles: [], tags: [], createdAt: new Date(0) };
      return { credential: { key: HOWTO.key, secret } satisfies ConsumerCredential, consumer };
    };
    const method = consumerDoor({ consumers: { findCredential } });
    await welcomeTwice(method, token);
    secret = 's'.repeat(32);
    expect(await answer(method, token)).toBe('signature_invalid');
  });

  test.each([
    ['enabled', false],
    ['expiresAt', new Date(0)],
    ['notBefore', new Date('2999-01-01')],
  ])('is looked at again where a store changes %s in place', async (field, value) => {
    const credential: Record<string, unknown> = { key: HOWTO.key, secret: HOWTO.secret };
    const consumer = { id: '1', groups: [], roles: [], tags: [], createdAt: new Date(0) };
    const method = consumerDoor({ consumers: { findCredential: async () => ({ credential, consumer }) as never } });
    await welcomeTwice(method, token);
    credential[field] = value;
    expect(await answer(method, token)).toBe('credential_disabled');
  });

  test('has the groups of its record as it is now', async () => {
    const consumers = howtoConsumers();
    const method = consumerDoor({ consumers });
    await welcomeTwice(method, token);
    expect(await outcome(method, token)).toMatchObject({ groups: [] });
    await consumers.updateConsumer('jsmith', { groups: ['ops'] });
    expect(await outcome(method, token)).toMatchObject({ groups: ['ops'], consumer: { groups: ['ops'] } });
  });
});

describe('a user who is disabled is out at once', () => {
  const disable = async (users: UsersOption, store: ReturnType<typeof memoryUsers>, behind: 'alone' | 'jwtAuth') => {
    const method = behind === 'alone' ? staffDoor(users) : jwtAuth({ methods: [door()], users });
    const token = accessToken();
    await welcomeTwice(method, token);
    expect(await answer(method, token)).toBe('welcome');
    const found = await store.find({ tenant: '', issuer: ISSUER, subject: 'alice' });
    await store.setStatus(found?.id ?? '', 'disabled');
    expect(await answer(method, token)).toBe('user_disabled');
    await store.setStatus(found?.id ?? '', 'active');
    expect(await answer(method, token)).toBe('welcome');
  };

  test.each(['alone', 'jwtAuth'] as const)('where the store tells of it; the method %s', async (behind) => {
    const store = memoryUsers();
    await disable(policy({ store }), store, behind);
  });

  test('where a callback knows it, once the application says so', async () => {
    let known = true;
    const method = staffDoor(async () => (known ? { id: 'u1' } : null));
    const token = accessToken();
    await welcomeTwice(method, token);
    known = false;
    method.invalidate({ identity: { issuer: ISSUER, subject: 'alice' } });
    expect(await answer(method, token)).toBe('user_not_registered');
  });
});
