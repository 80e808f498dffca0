import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ServiceUnavailableError } from '../../lib/index.js';
import { type OnOutage, type RedisClient, redisCache, redisRevocations, redisStates } from '../../lib/redis/index.js';
import { accessToken, door, ISSUER, verdict } from '../helpers/oidc-door.js';
import { inSeconds } from '../helpers/tokens.js';

const never = (_seen?: unknown) => new Promise<never>(() => undefined);
const BROKEN: readonly (readonly [what: string, client: RedisClient])[] = [
  ['rejects', { sendCommand: () => Promise.reject(new Error('ECONNREFUSED')) }],
  ['hangs', { sendCommand: never }],
  ['hangs, called', { call: never }],
  [
    'throws',
    {
      sendCommand() {
        throw new Error('The client is closed');
      },
    },
  ],
  ['answers something else', { sendCommand: async () => 'QUEUED' }],
  ['answers nothing', { sendCommand: async () => undefined }],
  ['answers too little', { sendCommand: async () => [] }],
];
const ANSWERING = ['answers something else', 'answers nothing', 'answers too little'];

const options = (client: RedisClient, onOutage?: OnOutage) => ({
  client,
  timeout: 0.02,
  ...(onOutage === undefined ? {} : { onOutage }),
});
const encryptionKey = randomBytes(32);
const unavailable = { name: 'ServiceUnavailableError', code: 'store_unavailable', status: 503 };

describe.each(BROKEN)('when Redis %s', (what, client) => {
  test('a token cannot be told from a revoked one: 503, unless the policy says allow', async () => {
    const asking = (onOutage?: OnOutage) => door({ isRevoked: redisRevocations(options(client, onOutage)).check });
    expect(await verdict(asking(), accessToken())).toBe('503 store_unavailable');
    expect(await verdict(asking('refuse'), accessToken())).toBe('503 store_unavailable');
    expect(await verdict(asking('allow'), accessToken())).toBe(200);
  });

  test('a bad token stays the caller’s fault', async () => {
    const { check } = redisRevocations(options(client));
    expect(await verdict(door({ isRevoked: check }), accessToken({ exp: inSeconds(-90) }))).toBe('token_expired');
  });

  test('a local token is judged by the same policy', async () => {
    await expect(redisRevocations(options(client)).isRevoked('a jti')).rejects.toMatchObject(unavailable);
    expect(await redisRevocations(options(client, 'allow')).isRevoked('a jti')).toBe(false);
  });

  test('a state counts as used up only by a 503, unless the policy says allow', async () => {
    await expect(redisStates(options(client)).claim('a state', 60)).rejects.toMatchObject(unavailable);
    expect(await redisStates(options(client, 'allow')).claim('a state', 60)).toBe(true);
  });

  test('nobody believes to have revoked, whatever the policy', async () => {
    for (const onOutage of ['refuse', 'allow'] as const) {
      const revocations = redisRevocations(options(client, onOutage));
      await expect(revocations.revokeToken('a token', inSeconds(60))).rejects.toThrow(ServiceUnavailableError);
      await expect(revocations.revokeSubject({ issuer: ISSUER, subject: 'a' })).rejects.toMatchObject(unavailable);
    }
  });

  if (!ANSWERING.includes(what)) {
    test('the cache misses, unless the policy says refuse', async () => {
      const missing = redisCache({ ...options(client), encryptionKey });
      expect(await missing.get('a')).toBeUndefined();
      await missing.set('a', 'b', 60);
      await missing.delete('a');
      const refusing = redisCache({ ...options(client, 'refuse'), encryptionKey });
      await expect(refusing.get('a')).rejects.toMatchObject(unavailable);
      await expect(refusing.set('a', 'b', 60)).rejects.toMatchObject(unavailable);
      await expect(refusing.delete('a')).rejects.toMatchObject(unavailable);
    });
  }
});

test('what waits for a connection when the time is up is not sent any more', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const client: RedisClient = { sendCommand: (_args, sent) => never(signals.push(sent?.abortSignal)) };
  await expect(redisStates(options(client)).claim('a state', 60)).rejects.toMatchObject(unavailable);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
});
