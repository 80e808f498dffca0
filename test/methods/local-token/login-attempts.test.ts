import { expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import type { LocalTokenMethod, LoginRouterOptions } from '../../../lib/index.js';
import { ServiceUnavailableError } from '../../../lib/index.js';
import { local } from '../../helpers/local.js';
import { accessToken, door } from '../../helpers/oidc-door.js';
import type { Middleware } from '../../helpers/servers.js';

const bad = () => accessToken({ aud: 'another' });

/** Signs in with each token in turn, from each peer in turn, and returns the answers. */
async function logins(
  tokens: readonly string[],
  options: Partial<LoginRouterOptions> = {},
  peers: readonly string[] = ['203.0.113.9'],
  method: LocalTokenMethod = local(),
) {
  const router = method.loginRouter({ methods: [door({ name: 'oidc' })], ...options }) as Middleware;
  const served = express().set('trust proxy', 1).use(router);
  const answers: { status: number; code?: string; retryAfter?: string }[] = [];
  for (const [index, token] of tokens.entries()) {
    const from = peers[index % peers.length] ?? '';
    const sent = request(served).post('/login').set('X-Forwarded-For', from).send({ method: 'oidc', token });
    const { status, body, headers } = await sent;
    answers.push({ status, code: body.code, retryAfter: headers['retry-after'] as string });
  }
  return answers;
}

const statuses = async (...given: Parameters<typeof logins>) => (await logins(...given)).map(({ status }) => status);

test('failed logins of one peer are limited: 429 with Retry-After, also for a good token', async () => {
  const answers = await logins([bad(), bad(), bad(), accessToken()], { attemptLimit: { perPeer: 2 } });
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 429, 429]);
  expect(answers[2]).toMatchObject({ code: 'exchange_rate_limited', retryAfter: '30' });
});

test('a peer is a whole IPv6 /64, and another peer is not held up', async () => {
  const peers = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '203.0.113.9'];
  const tokens = [bad(), bad(), bad(), accessToken()];
  expect(await statuses(tokens, { attemptLimit: { perPeer: 2 } }, peers)).toEqual([401, 401, 429, 200]);
});

test('failed logins of all peers together are limited', async () => {
  const peers = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
  expect(await statuses([bad(), bad(), bad()], { attemptLimit: { overall: 2 } }, peers)).toEqual([401, 401, 429]);
});

test('logins that succeed are not counted, and neither are 403 and outages', async () => {
  const one = { attemptLimit: { perPeer: 1 } } as const;
  const good = Array.from({ length: 5 }, () => accessToken());
  expect(await statuses(good, one)).toEqual([200, 200, 200, 200, 200]);
  expect(await statuses(good.slice(2), { ...one, roleBindings: [] })).toEqual([403, 403, 403]);
  const isRevoked = () => Promise.reject(new ServiceUnavailableError('store_unavailable'));
  const methods = [door({ name: 'oidc', isRevoked })];
  expect(await statuses(good.slice(2), { ...one, methods })).toEqual([503, 503, 503]);
});

test('garbage counts as a guess', async () => {
  expect(await statuses(['a', 'b', 'c'], { attemptLimit: { perPeer: 2 } })).toEqual([401, 401, 429]);
});

test('60 failures per minute and peer are the default, and attemptLimit: false has no limit', async () => {
  const tokens = Array.from({ length: 80 }, () => 'garbage');
  const limited = await statuses(tokens);
  expect(limited.slice(0, 60)).toEqual(Array(60).fill(401));
  expect(limited.at(-1)).toBe(429);
  expect(new Set(await statuses(tokens, { attemptLimit: false }))).toEqual(new Set([401]));
});

test.each([
  [/^loginRouter\.attemptLimit\.perPeer/, { perPeer: 0 }],
  [/^loginRouter\.attemptLimit\.overall/, { overall: Number.POSITIVE_INFINITY }],
  [/^loginRouter\.attemptLimit\.store.*redisAttempts/s, { store: {} as never }],
  [/perMinute/, { perMinute: 30 } as never],
])('%s is refused', (message, attemptLimit) => {
  expect(() => local().loginRouter({ methods: [door()], attemptLimit })).toThrow(message);
});
