import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, localToken, memoryRevocations, type Revocations } from '../../lib/index.js';
import { redisRevocations } from '../../lib/redis/index.js';
import { accessToken, door, ISSUER, present, verdict } from '../helpers/oidc-door.js';
import { callingForm, ownKeys, REDIS_URL, redisClient, sayThatRedisDidNotRun } from '../helpers/redis.js';
import { inSeconds } from '../helpers/tokens.js';

sayThatRedisDidNotRun('revocations in Redis');
const client = REDIS_URL === undefined ? undefined : await redisClient(REDIS_URL);
const { prefix, keys } = ownKeys(client);

type Form = readonly [name: string, make: () => Revocations];
const FORMS: readonly Form[] = [
  ['in memory', () => memoryRevocations()],
  ...(client === undefined
    ? []
    : ([
        ['in Redis', () => redisRevocations({ client, prefix })],
        ['in Redis, by a client like iovalkey', () => redisRevocations({ client: callingForm(client), prefix })],
      ] as const)),
];

let count = 0;
/** Texts that no other test has used. */
const fresh = (what: string) => `${what}-${++count}`;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that anybody can make of an ES256 one: s becomes n - s. */
function twinOf(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  const bytes = Buffer.from(token.slice(at), 'base64url').toString('hex');
  const s = (N - BigInt(`0x${bytes.slice(64)}`)).toString(16).padStart(64, '0');
  return token.slice(0, at) + Buffer.from(bytes.slice(0, 64) + s, 'hex').toString('base64url');
}

describe.each(FORMS)('%s', (_form, make) => {
  const revocations = make();
  const { check } = revocations;
  const method = door({ isRevoked: check });

  test('a revoked token is refused, and no other', async () => {
    const [bad, good] = [accessToken({ jti: fresh('jti') }), accessToken({ jti: fresh('jti') })];
    expect([await verdict(method, bad), await verdict(method, good)]).toEqual([200, 200]);
    await revocations.revokeToken(bad, inSeconds(300));
    expect([await verdict(method, bad), await verdict(method, good)]).toEqual(['token_revoked', 200]);
  });

  test('a revoked ES256 token does not come back with the other signature that its holder can make', async () => {
    const token = accessToken({ jti: fresh('jti') });
    expect(await verdict(method, twinOf(token))).toBe(200);
    await revocations.revokeToken(token, inSeconds(300));
    expect(await verdict(method, twinOf(token))).toBe('token_revoked');
  });

  test('a revoked token stays revoked whatever an introspection says of its time', async () => {
    const token = fresh('opaque');
    await revocations.revokeToken(token, inSeconds(300));
    for (const iat of [inSeconds(0), 1e300]) expect(await check({ iat }, { token })).toBe(true);
  });

  test('an opaque token is revoked whole, dots or not', async () => {
    const name = fresh('app');
    await revocations.revokeToken(`${name}.v1.secret`, inSeconds(300));
    expect(await check({}, { token: `${name}.v1.secret` })).toBe(true);
    expect(await check({}, { token: `${name}.v1.another` })).toBe(false);
  });

  test('a jti is revoked for its issuer alone', async () => {
    const jti = fresh('jti');
    await revocations.revokeJti({ issuer: 'https://another.example.com', jti }, inSeconds(300));
    expect(await verdict(method, accessToken({ jti }))).toBe(200);
    await revocations.revokeJti({ issuer: ISSUER, jti }, inSeconds(300));
    expect(await verdict(method, accessToken({ jti }))).toBe('token_revoked');
  });

  test.each([
    ['person', 'sub', (one: string, since?: Date) => revokeBy('revokeSubject', one, since)],
    ['session', 'sid', (one: string, since?: Date) => revokeBy('revokeSession', one, since)],
  ])('of a %s everything issued until then is refused, undated tokens too', async (_what, claim, revoke) => {
    const one = fresh(claim);
    const at = inSeconds(-100);
    const issued = (iat: number | undefined, who = one) => verdict(method, accessToken({ [claim]: who, iat }));
    await revoke(one, new Date(at * 1000));
    expect(await issued(at - 1)).toBe('token_revoked');
    expect(await issued(at)).toBe('token_revoked');
    expect(await issued(undefined)).toBe('token_revoked');
    expect(await issued(at + 1)).toBe(200);
    expect(await issued(at - 1, fresh(claim))).toBe(200);
  });

  function revokeBy(verb: 'revokeSubject' | 'revokeSession', one: string, since?: Date, issuer = ISSUER) {
    const options = since === undefined ? {} : { since };
    return verb === 'revokeSubject'
      ? revocations.revokeSubject({ issuer, subject: one }, options)
      : revocations.revokeSession({ issuer, sid: one }, options);
  }

  test('without a time, everything until now is refused', async () => {
    const [sub, iat] = [fresh('sub'), inSeconds(0)];
    await revokeBy('revokeSubject', sub);
    expect(await verdict(method, accessToken({ sub, iat }))).toBe('token_revoked');
    expect(await verdict(method, accessToken({ sub, iat: inSeconds(30) }))).toBe(200);
  });

  test('a person of another issuer keeps her tokens, and a session is no person', async () => {
    const one = fresh('one');
    await revokeBy('revokeSubject', one, undefined, 'https://another.example.com');
    await revokeBy('revokeSession', one);
    expect(await verdict(method, accessToken({ sub: one }))).toBe(200);
  });

  test('an earlier revocation does not undo a later one, in whatever order they come', async () => {
    const [sub, at] = [fresh('sub'), inSeconds(-10)];
    const orders = [at, at - 50, at - 20].map((time) => revokeBy('revokeSubject', sub, new Date(time * 1000)));
    await Promise.all(orders);
    expect(await verdict(method, accessToken({ sub, iat: at }))).toBe('token_revoked');
    expect(await verdict(method, accessToken({ sub, iat: at + 1 }))).toBe(200);
  });

  test('a local token that was withdrawn is refused', async () => {
    const secret = 'a secret of local tokens, 32 bytes';
    const local = localToken({
      keys: [{ kid: '1', algorithm: 'HS256', secret }],
      issuer: 'https://app.example.com',
      revocations,
      exposeReason: true,
    });
    const { principal } = await present(door(), accessToken());
    const { token } = await local.issue({ ...principal, credential: { kind: 'jwt' } });
    expect(await verdict(local, token)).toBe(200);
    expect(await local.revoke(token)).toBe(true);
    expect(await verdict(local, token)).toBe('token_revoked');
  });

  test.each<[what: string, wrong: () => Promise<void>]>([
    ['milliseconds', () => revocations.revokeToken('a token', Date.now())],
    ['no time', () => revocations.revokeToken('a token', Number.NaN)],
    ['no token', () => revocations.revokeToken('', inSeconds(10))],
    ['no issuer', () => revocations.revokeJti({ jti: 'a' } as never, inSeconds(10))],
    ['a misspelt subject', () => revocations.revokeSubject({ issuer: ISSUER, sub: 'alice' } as never)],
    ['no session', () => revocations.revokeSession({ issuer: ISSUER, sid: '' })],
    ['no date', () => revocations.revokeSession({ issuer: ISSUER, sid: 's' }, { since: new Date('never') })],
    ['seconds for a date', () => revocations.revokeSession({ issuer: ISSUER, sid: 's' }, { since: 5 as never })],
  ])('refuses to revoke %s, which would revoke nothing', async (_what, wrong) => {
    await expect(wrong()).rejects.toThrow(ConfigurationError);
  });
});

if (client !== undefined) {
  const revocations = redisRevocations({ client, prefix, maxLifetime: 1000 });
  const keyOf = (kind: string, ...parts: string[]) =>
    `${prefix}revoked:${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
  /** What is left, in hundreds of seconds. */
  const left = async (key: string) => Math.round(Number(await client.sendCommand(['PTTL', key])) / 100_000);

  test('entries go by themselves, five minutes after the token, for the largest tolerance', async () => {
    const jti = fresh('jti');
    await revocations.revoke(jti, inSeconds(2000));
    await revocations.revoke(jti, inSeconds(1000));
    expect(await left(keyOf('jti', jti))).toBe(23);
    const sub = fresh('sub');
    await revocations.revokeSubject({ issuer: ISSUER, subject: sub });
    await revocations.revokeSubject({ issuer: ISSUER, subject: sub }, { since: new Date(Date.now() - 500_000) });
    expect(await left(keyOf('subject', ISSUER, sub))).toBe(13);
  });

  test('a token that has long ended leaves nothing behind', async () => {
    const before = (await keys()).length;
    await revocations.revokeToken(accessToken(), inSeconds(-301));
    expect(await keys()).toHaveLength(before);
  });

  test('a time that somebody has written over revokes', async () => {
    const sub = fresh('sub');
    await client.sendCommand(['SET', keyOf('subject', ISSUER, sub), 'later']);
    expect(await verdict(door({ isRevoked: revocations.check }), accessToken({ sub }))).toBe('token_revoked');
    await revocations.revokeSubject({ issuer: ISSUER, subject: sub });
    expect(await left(keyOf('subject', ISSUER, sub))).toBe(13);
  });

  test('a check is one round trip', async () => {
    const sent: string[] = [];
    const counting = {
      sendCommand: (args: string[]) => client.sendCommand(args, void sent.push(String(args[0])) as never),
    };
    const { check } = redisRevocations({ client: counting, prefix });
    await verdict(door({ isRevoked: check }), accessToken({ jti: fresh('jti'), sid: fresh('sid') }));
    expect(sent).toEqual(['MGET']);
  });
}
