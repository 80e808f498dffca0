import { describe, expect, jest, test } from '@jest/globals';
import { type ClaimStore, ForbiddenError, type UsersCallback } from '../../lib/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { accessToken, present } from '../helpers/oidc-door.js';
import { deferred, staffDoor } from '../helpers/people.js';
import { until } from '../helpers/until.js';

/** Claims as several processes share them. */
function memoryClaims(): ClaimStore & { readonly held: Map<string, { owner: string; until: number; done: boolean }> } {
  const held = new Map<string, { owner: string; until: number; done: boolean }>();
  const isOurs = (key: string, owner: string) => held.get(key)?.owner === owner && held.get(key)?.done === false;
  return {
    held,
    async acquire(key, owner, leaseSeconds) {
      const claim = held.get(key);
      if (claim?.done === true) return 'done';
      if (claim !== undefined && claim.until > Date.now()) return 'held';
      held.set(key, { owner, until: Date.now() + leaseSeconds * 1000, done: false });
      return 'acquired';
    },
    async complete(key, owner) {
      const claim = held.get(key);
      if (claim !== undefined && isOurs(key, owner)) claim.done = true;
    },
    async release(key, owner) {
      if (isOurs(key, owner)) held.delete(key);
    },
  };
}

const answering = () => jest.fn<UsersCallback>(async ({ subject }) => ({ id: `u-${subject}` }));
const reasonsOf = (callback: jest.Mock<UsersCallback>) => callback.mock.calls.map(([, { reason }]) => reason);

describe('with claims, among several processes', () => {
  test('one meets an identity first, and the others after it', async () => {
    fakeClock({ timers: true });
    const answer = deferred<void>();
    const callback = jest.fn<UsersCallback>(async (_identity, { reason }) => {
      if (reason === 'first-seen') await answer.promise;
      return { id: 'u' };
    });
    const claims = memoryClaims();
    const asking = Array.from({ length: 4 }, () => present(staffDoor({ callback, claims }), accessToken()));
    await until(() => callback.mock.calls.length > 0);
    expect(reasonsOf(callback)).toEqual(['first-seen']);
    answer.resolve();
    expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(reasonsOf(callback)).toEqual(['first-seen', 'refresh', 'refresh', 'refresh']);
  });

  test('who has met an identity asks for no claim any more', async () => {
    const claims = memoryClaims();
    const acquire = jest.spyOn(claims, 'acquire');
    const method = staffDoor({ callback: answering(), claims });
    await present(method, accessToken());
    method.invalidate({ user: 'u-alice' });
    await present(method, accessToken());
    expect(acquire).toHaveBeenCalledTimes(1);
  });

  test.each<[what: string, callback: UsersCallback, code: string]>([
    ['fails', async () => Promise.reject(new Error('down')), 'provisioning_unavailable'],
    ['knows nobody', async () => null, 'user_not_registered'],
    ['refuses', async () => Promise.reject(new ForbiddenError('user_pending')), 'user_pending'],
  ])('a claim goes back where the callback %s', async (_what, callback, code) => {
    const claims = memoryClaims();
    expect(await present(staffDoor({ callback, claims }), accessToken())).toMatchObject({ code });
    const next = answering();
    expect((await present(staffDoor({ callback: next, claims }), accessToken())).status).toBe(200);
    expect(reasonsOf(next)).toEqual(['first-seen']);
  });

  test('what the callback said stands, even where the claim cannot be given back', async () => {
    const claims = { ...memoryClaims(), release: () => Promise.reject(new Error('down')) };
    const answer = await present(staffDoor({ callback: async () => null, claims }), accessToken());
    expect(answer).toMatchObject({ status: 403, code: 'user_not_registered' });
  });

  test('whoever waits longer than its time for another process gets 503', async () => {
    const claims = memoryClaims();
    const callback = answering();
    claims.acquire = async () => 'held';
    const answer = await present(staffDoor({ callback, claims, timeout: 0.1 }), accessToken());
    expect(answer).toMatchObject({ status: 503, code: 'provisioning_unavailable' });
    expect(callback).not.toHaveBeenCalled();
  });

  test('a claim that comes when the time is up goes back, and the callback does not run', async () => {
    const claims = memoryClaims();
    const slow = deferred<'acquired'>();
    const released = jest.spyOn(claims, 'release');
    claims.acquire = () => slow.promise;
    const callback = answering();
    expect((await present(staffDoor({ callback, claims, timeout: 0.05 }), accessToken())).status).toBe(503);
    slow.resolve('acquired');
    await until(() => released.mock.calls.length > 0);
    expect(callback).not.toHaveBeenCalled();
  });

  test('a process that died is followed by another once its lease is over', async () => {
    const claims = memoryClaims();
    const dead = staffDoor({ callback: () => new Promise<never>(() => undefined), claims, timeout: 0.05 });
    expect((await present(dead, accessToken())).status).toBe(503);
    const callback = answering();
    const next = staffDoor({ callback, claims, timeout: 5 });
    expect((await present(next, accessToken())).status).toBe(200);
    expect(reasonsOf(callback)).toEqual(['first-seen']);
  });

  test.each(['acquire', 'complete'] as const)('an outage of %s is 503', async (verb) => {
    const claims = { ...memoryClaims(), [verb]: () => Promise.reject(new Error('down')) };
    const answer = await present(staffDoor({ callback: answering(), claims }), accessToken());
    expect(answer).toMatchObject({ status: 503, code: 'provisioning_unavailable' });
  });
});
