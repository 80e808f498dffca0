import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  ForbiddenError,
  InvalidTokenError,
  UnauthorizedError,
  type UserCallbackContext,
  type UserIdentity,
  type UsersCallback,
} from '../../lib/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { AUDIENCE, accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { ask, askAtOnce, deferred, otherDoor, otherToken, staffDoor } from '../helpers/people.js';
import { inSeconds } from '../helpers/tokens.js';
import { until } from '../helpers/until.js';

const knowing = () => jest.fn<UsersCallback>(async ({ subject }) => ({ id: `u-${subject}` }));

type AsyncCallback = (identity: UserIdentity, context: UserCallbackContext) => Promise<object | null>;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the callback is told', () => {
  test('who it is, as the verified token says, and no more', async () => {
    const callback = knowing();
    const claims = { email: 'alice@example.com', email_verified: 'true', name: 'Alice', preferred_username: 'al' };
    await present(staffDoor(callback), accessToken({ ...claims, groups: ['ops'], roles: ['r'], iat: inSeconds(-5) }));
    const [identity] = callback.mock.calls[0] ?? [];
    expect(identity).toEqual({
      tenant: '',
      issuer: ISSUER,
      subject: 'alice',
      key: expect.stringMatching(/^[\w-]{43}$/),
      email: 'alice@example.com',
      emailVerified: false,
      username: 'al',
      name: 'Alice',
      groups: ['ops'],
      issuedAt: expect.any(Number),
      claims: expect.objectContaining({ aud: AUDIENCE, sub: 'alice' }),
    });
    expect(Object.isFrozen(identity)).toBe(true);
  });

  test('that a token says nothing, where it says nothing', async () => {
    const callback = knowing();
    await present(staffDoor(callback), accessToken({ iat: undefined }));
    const [identity] = callback.mock.calls[0] ?? [];
    expect(Object.keys(identity ?? {}).sort()).toEqual(['claims', 'issuer', 'key', 'subject', 'tenant']);
  });

  test('the request, a signal, and a key that is the same for the same person everywhere', async () => {
    const [one, another] = [knowing(), knowing()];
    await present(staffDoor(one), accessToken());
    await present(staffDoor(another), accessToken({ name: 'Alice' }));
    await present(staffDoor(another), accessToken({ sub: 'bob' }));
    const contexts = [...one.mock.calls, ...another.mock.calls].map(([, context]) => context as UserCallbackContext);
    expect(contexts.map(({ reason }) => reason)).toEqual(['first-seen', 'first-seen', 'first-seen']);
    expect(contexts[0]?.req.headers.authorization).toMatch(/^Bearer /);
    expect(contexts[0]?.signal.aborted).toBe(false);
    const keys = contexts.map(({ idempotencyKey }) => idempotencyKey);
    expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([true, false]);
  });
});

describe('its user', () => {
  test.each<[id: unknown, shown: string]>([
    ['u-1', 'u-1'],
    [7, '7'],
    [7n, '7'],
    [undefined, `${ISSUER}|alice`],
  ])('with the id %p makes the principal %s', async (id, shown) => {
    const method = staffDoor(async () => ({ toJSON: () => 'a user', id }));
    expect((await present(method, accessToken())).principal).toMatchObject({ id: shown, user: 'a user', type: 'user' });
  });

  test('leaves it open who registered them, and the groups to the token', async () => {
    const { principal } = await present(staffDoor(knowing()), accessToken({ groups: ['ops'] }));
    expect([principal.created, principal.groups]).toEqual([undefined, ['ops']]);
  });
});

describe('the callback answers', () => {
  test('null: 403 user_not_registered without a challenge, and it is asked again', async () => {
    const callback = jest.fn<AsyncCallback>().mockResolvedValueOnce(null).mockResolvedValue({ id: 'u' });
    const method = staffDoor(callback);
    const { status, code, headers } = await ask(method, accessToken());
    expect([status, code, headers['www-authenticate']]).toEqual([403, 'user_not_registered', undefined]);
    expect((await ask(method, accessToken())).status).toBe(200);
    expect(callback.mock.calls.map(([, { reason }]) => reason)).toEqual(['first-seen', 'first-seen']);
  });

  const failures: [what: string, callback: UsersCallback][] = [
    ['rejects', async () => Promise.reject(new Error('no connection to 10.0.0.1'))],
    [
      'throws',
      () => {
        throw new TypeError('cannot read properties of undefined');
      },
    ],
    ['throws a refusal of the credential', async () => Promise.reject(new UnauthorizedError('credentials_missing'))],
    ['throws a refusal of the token', async () => Promise.reject(new InvalidTokenError('token_expired'))],
    ...[true, 'alice', 42, [], () => ({})].map((answer): [string, UsersCallback] => [
      `answers ${JSON.stringify(answer) ?? String(answer)}`,
      () => answer as never,
    ]),
  ];
  test.each(failures)(
    '%s: 503 provisioning_unavailable with Retry-After, and nobody gets in',
    async (_what, callback) => {
      const { status, code, headers, text } = await ask(staffDoor(callback), accessToken());
      expect([status, code, headers['retry-after']]).toEqual([503, 'provisioning_unavailable', '5']);
      expect(headers['www-authenticate']).toBeUndefined();
      expect(text).not.toContain('10.0.0.1');
    },
  );

  test('a failure is not kept: the next request is served', async () => {
    const callback = jest.fn<AsyncCallback>().mockRejectedValueOnce(new Error('down')).mockResolvedValue({ id: 'u' });
    const method = staffDoor(callback);
    expect((await present(method, accessToken())).status).toBe(503);
    expect((await present(method, accessToken())).status).toBe(200);
  });

  test('a refusal of its own passes through as it is', async () => {
    const method = staffDoor(async () => Promise.reject(new ForbiddenError('user_disabled')));
    expect(await present(method, accessToken())).toMatchObject({ status: 403, code: 'user_disabled' });
  });

  test('nothing: 503 once the time is up, and the signal says so', async () => {
    const signals: AbortSignal[] = [];
    const callback: UsersCallback = (_identity, { signal }) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const { status, code, headers } = await ask(staffDoor({ callback, timeout: 0.05 }), accessToken());
    expect([status, code, headers['retry-after']]).toEqual([503, 'provisioning_unavailable', '5']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('too late: it counts for nobody, and the next request asks anew', async () => {
    const late = deferred<{ id: string }>();
    const callback = jest.fn<AsyncCallback>().mockReturnValueOnce(late.promise).mockResolvedValue({ id: 'new' });
    const method = staffDoor({ callback, timeout: 0.05 });
    expect((await present(method, accessToken())).status).toBe(503);
    late.resolve({ id: 'late' });
    expect((await present(method, accessToken())).principal.id).toBe('new');
  });
});

describe('the callback runs', () => {
  test('once per identity, however many requests come at once', async () => {
    fakeClock({ timers: true });
    const answer = deferred<void>();
    const callback = jest.fn<UsersCallback>(async ({ subject }) => {
      await answer.promise;
      return { id: subject };
    });
    const tokens = Array.from({ length: 200 }, (_, index) => accessToken({ sub: `s-${index % 4}`, jti: `t-${index}` }));
    const asking = askAtOnce(staffDoor(callback), tokens);
    await until(() => callback.mock.calls.length === 4);
    answer.resolve();
    const answers = await asking;
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
    expect(answers.map(({ principal }) => principal.id)).toEqual(tokens.map((_, index) => `s-${index % 4}`));
    expect(callback).toHaveBeenCalledTimes(4);
  });

  test('once per identity and minute', async () => {
    const callback = knowing();
    const method = staffDoor(callback);
    const token = accessToken({ exp: inSeconds(300) });
    await present(method, token);
    await present(method, token);
    expect(callback).toHaveBeenCalledTimes(1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now + 59_000);
    await present(method, token);
    expect(callback).toHaveBeenCalledTimes(1);
    jest.spyOn(performance, 'now').mockImplementation(() => now + 61_000);
    await present(method, token);
    expect(callback.mock.calls.map(([, { reason }]) => reason)).toEqual(['first-seen', 'refresh']);
  });

  test('again once the token has expired for which it ran, clock tolerance or not', async () => {
    const callback = knowing();
    const method = staffDoor(callback);
    await present(method, accessToken({ exp: inSeconds(-5) }));
    await present(method, accessToken({ exp: inSeconds(-5) }));
    expect(callback).toHaveBeenCalledTimes(2);
    const short = staffDoor(callback);
    await present(short, accessToken({ exp: inSeconds(20) }));
    const now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now + 21_000);
    await present(short, accessToken({ exp: inSeconds(20) }));
    expect(callback).toHaveBeenCalledTimes(4);
  });

  test('for every issuer on its own', async () => {
    const callback = knowing();
    await present(staffDoor(callback), accessToken());
    await present(otherDoor(callback), otherToken());
    const keys = callback.mock.calls.map(([{ key }]) => key);
    expect(new Set(keys).size).toBe(2);
  });

  test.each<[who: string, claims: Record<string, unknown>]>([
    ['a client', { sub: 'batch', client_id: 'batch' }],
    ['a service token with an empty subject', { sub: '', azp: 'batch' }],
    ['a service token without one', { sub: undefined, azp: 'batch' }],
  ])('for no %s', async (_who, claims) => {
    const callback = knowing();
    const { principal } = await present(staffDoor(callback), accessToken(claims));
    expect([principal.type, principal.user, callback.mock.calls.length]).toEqual(['client', undefined, 0]);
  });

  test('for nobody whose token is bad', async () => {
    const callback = knowing();
    await present(staffDoor(callback), otherToken());
    await present(staffDoor(callback), accessToken({ exp: inSeconds(-100) }));
    expect(callback).not.toHaveBeenCalled();
  });

  test('for no subject that is longer than subjects are', async () => {
    const callback = knowing();
    expect((await present(staffDoor(callback), accessToken({ sub: 's'.repeat(255) }))).status).toBe(200);
    expect(await present(staffDoor(callback), accessToken({ sub: 's'.repeat(256) }))).toMatchObject({
      status: 401,
      code: 'claim_invalid',
    });
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe('what is kept is forgotten', () => {
  const changes = {
    identity: { identity: { issuer: ISSUER, subject: 'alice' } },
    'identity, with its tenant': { identity: { tenant: '', issuer: ISSUER, subject: 'alice' } },
    user: { user: 'u-alice' },
  };
  test.each(Object.entries(changes))('by %s', async (_by, change) => {
    const callback = knowing();
    const method = staffDoor(callback);
    await present(method, accessToken());
    await present(method, accessToken({ sub: 'bob' }));
    method.invalidate(change);
    await present(method, accessToken({ sub: 'bob' }));
    expect(callback).toHaveBeenCalledTimes(2);
    await present(method, accessToken());
    expect(callback.mock.calls.map(([{ subject }, { reason }]) => [subject, reason])).toEqual([
      ['alice', 'first-seen'],
      ['bob', 'first-seen'],
      ['alice', 'refresh'],
    ]);
  });

  test('while an answer is on its way: it is neither kept nor given to who comes after', async () => {
    fakeClock({ timers: true });
    const first = deferred<{ id: string }>();
    const callback = jest
      .fn<(identity: UserIdentity) => Promise<{ id: string }>>()
      .mockReturnValueOnce(first.promise)
      .mockResolvedValue({ id: 'after' });
    // The last question about a token before it is asked whose it is; no other I/O lies between the two.
    const isRevoked = jest.fn(() => false);
    const method = staffDoor(callback, { isRevoked });
    const before = present(method, accessToken());
    await until(() => callback.mock.calls.length === 1);
    method.invalidate({ identity: { issuer: ISSUER, subject: 'alice' } });
    const after = present(method, accessToken());
    await until(() => isRevoked.mock.calls.length === 2);
    first.resolve({ id: 'before' });
    expect((await before).principal.id).toBe('before');
    expect((await after).principal.id).toBe('after');
    expect((await present(method, accessToken())).principal.id).toBe('after');
    expect(callback).toHaveBeenCalledTimes(2);
  });
});
