import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, memoryRevocations, type Revocations } from '../../lib/index.js';
import { redisCache, redisRevocations, redisStates } from '../../lib/redis/index.js';
import { startFleet } from '../helpers/fleet.js';
import { AUDIENCE, accessToken, door, ISSUER, PROVIDER_KEY, PROVIDER_PEM, verdict } from '../helpers/oidc-door.js';
import { mapRedis, ownKeys, REDIS_URL, redisClient, sayThatRedisDidNotRun } from '../helpers/redis.js';
import { signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

sayThatRedisDidNotRun('four processes with one Redis');
const CLIENT_ID = 'our-client';
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

const client = REDIS_URL === undefined ? undefined : await redisClient(REDIS_URL);
const { prefix, keys } = ownKeys(client);

if (client !== undefined && REDIS_URL !== undefined) {
  const method = { issuer: ISSUER, audience: AUDIENCE, publicKeys: PROVIDER_PEM };
  const fleet = await startFleet(4, { url: REDIS_URL, prefix, clientId: CLIENT_ID, method });
  const everywhere = async (token: string) =>
    Promise.all(
      fleet.map(async (origin) => (await fetch(origin, { headers: { authorization: `Bearer ${token}` } })).status),
    );

  describe('of four processes with one Redis', () => {
    test('every one refuses a revoked token from its next request on', async () => {
      const pids = await Promise.all(
        fleet.map(async (origin) => {
          const answer = await fetch(origin, { headers: { authorization: `Bearer ${accessToken({ jti: 'pid' })}` } });
          return ((await answer.json()) as { pid: number }).pid;
        }),
      );
      expect(new Set(pids).size).toBe(4);
      const [bad, good] = [accessToken({ jti: 'bad' }), accessToken({ jti: 'good' })];
      expect(await everywhere(bad)).toEqual([200, 200, 200, 200]);
      await redisRevocations({ client, prefix }).revokeToken(bad, inSeconds(300));
      expect(await everywhere(bad)).toEqual([401, 401, 401, 401]);
      expect(await everywhere(good)).toEqual([200, 200, 200, 200]);
    });

    test('every one refuses a session whose logout the provider told one of them', async () => {
      const token = accessToken({ sid: 'a session', sub: 'zoe' });
      expect(await everywhere(token)).toEqual([200, 200, 200, 200]);
      const claims = {
        iss: ISSUER,
        aud: CLIENT_ID,
        iat: inSeconds(0),
        exp: inSeconds(120),
        jti: 'a logout',
        sid: 'a session',
        events: EVENTS,
      };
      const body = new URLSearchParams({ logout_token: signed('ES256', PROVIDER_KEY, claims, { typ: 'logout+jwt' }) });
      const told = await fetch(`${fleet[2]}/backchannel-logout`, { method: 'POST', body });
      expect(told.status).toBe(200);
      expect(await everywhere(token)).toEqual([401, 401, 401, 401]);
      expect(await everywhere(accessToken({ sid: 'another session', sub: 'zoe' }))).toEqual([200, 200, 200, 200]);
    });
  });
}

/** Runs everything once, and returns what must stand nowhere. */
async function useEverything(revocations: Revocations, redis = client ?? mapRedis()): Promise<readonly string[]> {
  const secrets = ['jti-4711', 'sid-4711', 'alice-4711', 'code-4711', 'state-4711', 'access-4711', 'another-4711'];
  const [jti, sid, sub, code, state, value, id] = secrets as [string, string, string, string, string, string, string];
  const token = accessToken({ jti, sid, sub });
  await revocations.revokeToken(token, inSeconds(60));
  await revocations.revokeJti({ issuer: ISSUER, jti }, inSeconds(60));
  await revocations.revokeSubject({ issuer: ISSUER, subject: sub });
  await revocations.revokeSession({ issuer: ISSUER, sid });
  await revocations.revoke(id, inSeconds(60));
  const encryptionKey = randomBytes(32);
  const cache = redisCache({ client: redis, encryptionKey, prefix });
  const digest = createHash('sha256').update(code).digest('hex');
  await cache.set(digest, JSON.stringify({ access_token: value }), 60);
  await redisStates({ client: redis, prefix }).claim(state, 60);
  const shapes = [encryptionKey.toString('base64'), encryptionKey.toString('base64url'), encryptionKey.toString('hex')];
  return [...secrets, token, ...token.split('.'), digest, ISSUER, ...shapes];
}

describe('nothing that Redis, an event or an error holds', () => {
  test('is a token, a code, a secret or a name', async () => {
    const events: AuthEvent[] = [];
    const fake = mapRedis();
    const revocations = client === undefined ? memoryRevocations() : redisRevocations({ client, prefix });
    const secrets = await useEverything(revocations, client ?? fake);
    const method = door({ isRevoked: revocations.check, onEvent: (event) => void events.push(event) });
    expect(await verdict(method, accessToken({ sub: 'alice-4711', iat: inSeconds(-5) }))).toBe('token_revoked');

    const held = [...fake.map].flat();
    for (const key of await keys()) held.push(key, String(await client?.get(key)));
    expect(held.length).toBeGreaterThanOrEqual(client === undefined ? 4 : 14);
    const all = [...held, JSON.stringify(events)].join('\n');
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  });

  test('not even where Redis fails and says what it was asked', async () => {
    const errors: unknown[] = [];
    const telling = (args: string[]) => Promise.reject(Object.assign(new Error(`ERR in ${args.join(' ')}`), { args }));
    const failing = { sendCommand: telling };
    const revocations = redisRevocations({ client: failing, prefix });
    for (const verb of [
      () => revocations.check({ iss: ISSUER, sub: 'alice-4711', jti: 'jti-4711' }, { token: accessToken() }),
      () => revocations.revokeToken('opaque-4711', inSeconds(60)),
      () => redisStates({ client: failing, prefix }).claim('state-4711', 60),
    ]) {
      await verb().catch((error: unknown) => errors.push(error, (error as Error).cause));
    }
    const told = errors.map((error) => `${(error as Error).stack} ${JSON.stringify(error)}`).join('\n');
    expect(errors).toHaveLength(6);
    expect(told).toContain('ERR in');
    expect(told).not.toMatch(/4711|eyJ/);
  });
});
