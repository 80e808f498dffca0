import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SharedCache } from '../../../lib/index.js';
import { redisCache } from '../../../lib/redis/index.js';
import { ask } from '../../helpers/asking.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import {
  active,
  asking,
  INACTIVE,
  introspectionEndpoint,
  opaqueToken,
  type Wishes,
} from '../../helpers/introspection-endpoint.js';
import { present } from '../../helpers/oidc-door.js';
import { mapRedis, ownKeys, redisForms, sayThatRedisDidNotRun } from '../../helpers/redis.js';
import { inSeconds } from '../../helpers/tokens.js';

sayThatRedisDidNotRun('answers of an introspection endpoint in Redis');
const FORMS = await redisForms();
const endpoint = await introspectionEndpoint();
const { prefix } = ownKeys();
const encryptionKey = randomBytes(32);

async function cost(act: () => Promise<unknown>): Promise<number> {
  const before = endpoint.asked.length;
  await act();
  return endpoint.asked.length - before;
}

/** One of several processes, as far as a cache can tell. */
function member(cache: SharedCache, { introspection, ...options }: Wishes = {}) {
  return asking(endpoint, { introspection: { cache, ...introspection }, ...options });
}

describe.each(FORMS)('several processes with one cache in %s', (_form, client) => {
  const cache = () => redisCache({ client, encryptionKey, prefix });

  test('ask once about a token, and all of them know what was said to the last digit', async () => {
    const said = JSON.stringify(active().body).replace('{', '{"org":98765432109876543210,');
    endpoint.answers({ body: said });
    const token = opaqueToken();
    const claims = { attributes: { org: 'org' } };
    const calls = await cost(async () => {
      for (const one of [1, 2, 3].map(() => member(cache(), { claims }))) {
        const { status, principal } = await present(one, token);
        expect([status, principal.subject, principal.attributes]).toEqual([
          200,
          'alice',
          { org: '98765432109876543210' },
        ]);
      }
    });
    expect(calls).toBe(1);
  });

  test('share a yes, and never a no', async () => {
    endpoint.answers(INACTIVE);
    const token = opaqueToken();
    expect(await ask(member(cache()), token)).toBe('token_revoked');
    endpoint.answers(active());
    expect(await ask(member(cache()), token)).toBe('ok');
  });

  test.each<[what: string, options: Wishes]>([
    ['ask as another client', { introspection: { client: { id: 'another-api', secret: 's' } } }],
    ['take signed answers only', { introspection: { signed: true } }],
    ['keep nothing', { introspection: { cache: false } }],
  ])('share nothing with those who %s', async (_what, options) => {
    endpoint.answers(active());
    const token = opaqueToken();
    expect(await ask(member(cache()), token)).toBe('ok');
    expect(await cost(() => ask(member(cache(), options), token))).toBe(1);
  });

  test('hold what they share to rules of their own', async () => {
    endpoint.answers(active());
    const token = opaqueToken();
    expect(await ask(member(cache()), token)).toBe('ok');
    expect(await ask(member(cache(), { audience: 'another' }), token)).toBe('audience_mismatch');
    expect(await ask(member(cache(), { isRevoked: () => true }), token)).toBe('token_revoked');
  });
});

describe('in a shared cache', () => {
  test('an answer is no younger for having been handed on', async () => {
    const pass = fakeClock();
    const redis = mapRedis();
    const cache = redisCache({ client: redis, encryptionKey });
    const [first, second] = [member(cache), member(cache)];
    const token = opaqueToken();
    endpoint.answers(active({ exp: inSeconds(3600) }));
    expect(await ask(first, token)).toBe('ok');
    endpoint.answers(INACTIVE);
    pass(20);
    expect(await ask(second, token)).toBe('ok');
    pass(11);
    // This Redis of a test forgets nothing; the entry itself says when it ends.
    expect(redis.map.size).toBe(1);
    expect(await ask(second, token)).toBe('token_revoked');
  });

  test('an answer ends with the token', async () => {
    const pass = fakeClock();
    const cache = redisCache({ client: mapRedis(), encryptionKey });
    const token = opaqueToken();
    endpoint.answers(active({ exp: inSeconds(5) }));
    expect(await ask(member(cache), token)).toBe('ok');
    endpoint.answers(INACTIVE);
    pass(6);
    expect(await ask(member(cache), token)).toBe('token_revoked');
  });

  test('nothing can be read, neither the token nor whose it is', async () => {
    const redis = mapRedis();
    const token = opaqueToken();
    endpoint.answers(active({ sub: 'alice-4711', jti: token }));
    expect(await ask(member(redisCache({ client: redis, encryptionKey })), token)).toBe('ok');
    const held = [...redis.map].flat();
    expect(held).toHaveLength(2);
    const shapes = ['utf8', 'base64', 'base64url', 'hex'] as const;
    const secrets = [token, 'alice-4711'].flatMap((text) => shapes.map((shape) => Buffer.from(text).toString(shape)));
    expect(secrets.filter((secret) => held.join('\n').includes(secret))).toEqual([]);
  });

  test('what somebody planted there is a miss', async () => {
    const planted: SharedCache = {
      get: async () => `${Date.now() + 60_000}\n${said}`,
      set: async () => undefined,
      delete: async () => undefined,
    };
    let said = '';
    endpoint.answers(INACTIVE);
    for (said of [
      '',
      '{',
      '[]',
      'null',
      '{"active":false}',
      '{"active":"true"}',
      'signed:{}',
      'signed:{"active":true}',
    ]) {
      expect(await ask(member(planted), opaqueToken())).toBe('token_revoked');
    }
  });
});

describe('an outage of the shared cache', () => {
  const failing = { sendCommand: () => Promise.reject(new Error('ECONNREFUSED')) };
  const hanging = { sendCommand: () => new Promise<never>(() => undefined) };

  test.each([
    ['down', failing],
    ['hanging', hanging],
  ])('is a miss where Redis is %s, and the provider is asked', async (_what, client) => {
    endpoint.answers(active());
    const method = member(redisCache({ client, encryptionKey, timeout: 0.05 }));
    const token = opaqueToken();
    expect(await cost(async () => expect(await ask(method, token)).toBe('ok'))).toBe(1);
    expect(await cost(async () => expect(await ask(method, token)).toBe('ok'))).toBe(0);
    endpoint.answers(INACTIVE);
    expect(await ask(method, opaqueToken())).toBe('token_revoked');
  });

  test('is a 503 where that is the policy', async () => {
    endpoint.answers(active());
    const method = member(redisCache({ client: failing, encryptionKey, onOutage: 'refuse' }));
    expect(await ask(method, opaqueToken())).toBe('store_unavailable');
  });

  test('of any other make is a miss too', async () => {
    endpoint.answers(active());
    const down = () => Promise.reject(new Error('down'));
    const advance = fakeClock({ timers: true });
    const never = () => {
      // The time that it may take passes as soon as it has been asked.
      setImmediate(() => advance(1));
      return new Promise<never>(() => undefined);
    };
    expect(await ask(member({ get: down, set: down, delete: down }), opaqueToken())).toBe('ok');
    expect(await ask(member({ get: never, set: never, delete: never }), opaqueToken())).toBe('ok');
    const wrong = { get: async () => 42 as never, set: down, delete: down };
    expect(await ask(member(wrong), opaqueToken())).toBe('ok');
  });
});
