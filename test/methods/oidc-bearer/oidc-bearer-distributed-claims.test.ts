import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type AuthEvent, type DistributedClaims, memoryUsers } from '../../../lib/index.js';
import { accessToken, door, present } from '../../helpers/oidc-door.js';
import { policy } from '../../helpers/people.js';

afterEach(() => void jest.useRealTimers());

/** What Entra writes for a person in more than 200 groups: the claim is left out, and said to stand elsewhere. */
const OVERAGE = {
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: 'https://graph.example.com/users/alice/getMemberObjects' } },
};

const answering = (answer: unknown) => jest.fn<DistributedClaims>().mockImplementation(async () => answer as never);

describe('claims that stand outside the token', () => {
  test.each([
    ['named by the issuer', OVERAGE],
    ['as in Entra’s small tokens', { hasgroups: true }],
  ])('are absent, and an event says so: %s', async (_how, claims) => {
    const events: AuthEvent[] = [];
    const { principal } = await present(door({ onEvent: (event) => void events.push(event) }), accessToken(claims));
    expect(principal.groups).toEqual([]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'claim_ignored', field: 'groups' }));
  });

  test('are not an empty list for a policy of groups', async () => {
    const users = policy({ store: memoryUsers(), groups: { mode: 'mirror', absent: 'deny' } });
    expect(await present(door({ users }), accessToken(OVERAGE))).toMatchObject({ status: 403 });
    expect(await present(door({ users }), accessToken({ groups: [] }))).toMatchObject({ status: 200 });
  });

  test('are fetched by a function of the application, once per token', async () => {
    const distributedClaims = answering(['staff', 'ops']);
    const method = door({ distributedClaims });
    const token = accessToken(OVERAGE);
    for (const _time of [1, 2, 3]) {
      const { principal } = await present(method, token);
      expect(principal.groups).toEqual(['staff', 'ops']);
      expect(principal.claims).not.toHaveProperty('groups');
    }
    // The first request is not remembered yet, so that tokens which come once fill no cache.
    expect(distributedClaims.mock.calls.length).toBeLessThanOrEqual(2);
    const [claim, context] = distributedClaims.mock.calls[0] ?? [];
    expect(claim).toBe('groups');
    expect(context).toMatchObject({ claims: OVERAGE, issuer: expect.any(String), signal: expect.any(AbortSignal) });
  });

  test('are not asked for where the token has them, or names none', async () => {
    const distributedClaims = answering(['staff']);
    const method = door({ distributedClaims });
    expect((await present(method, accessToken({ ...OVERAGE, groups: ['own'] }))).principal.groups).toEqual(['own']);
    expect((await present(method, accessToken({ groups: ['own'] }))).principal.groups).toEqual(['own']);
    expect((await present(method, accessToken({ _claim_names: 'groups' }))).principal.groups).toEqual([]);
    expect(distributedClaims).not.toHaveBeenCalled();
  });

  test('are never asked for before the signature is right', async () => {
    const distributedClaims = answering(['staff']);
    const forged = `${accessToken(OVERAGE).slice(0, -8)}AAAAAAAA`;
    expect((await present(door({ distributedClaims }), forged)).status).toBe(401);
    expect(distributedClaims).not.toHaveBeenCalled();
  });

  test.each<[what: string, distributedClaims: DistributedClaims]>([
    ['throws', () => Promise.reject(new Error('graph is down'))],
    [
      'throws at once',
      () => {
        throw new Error('graph is down');
      },
    ],
    ['answers null', answering(null)],
    ['answers objects', answering([{ id: 'staff' }])],
  ])('are our outage where the function %s, never an empty list', async (_what, distributedClaims) => {
    expect(await present(door({ distributedClaims }), accessToken(OVERAGE))).toMatchObject({
      status: 503,
      code: 'check_failed',
    });
  });

  test('are our outage where the function never answers, and its signal says that time is up', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] });
    const distributedClaims = jest.fn<DistributedClaims>(() => new Promise(() => undefined));
    const headers = { authorization: `Bearer ${accessToken(OVERAGE)}` };
    const asked = door({ distributedClaims }).require({ headers } as never);
    const refused = expect(asked).rejects.toMatchObject({ status: 503, code: 'check_failed' });
    await jest.advanceTimersByTimeAsync(4999);
    const signal = distributedClaims.mock.calls[0]?.[1].signal;
    expect(signal?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await refused;
    expect(signal?.aborted).toBe(true);
  });

  test('may be absent', async () => {
    const { principal } = await present(door({ distributedClaims: answering(undefined) }), accessToken(OVERAGE));
    expect(principal.groups).toEqual([]);
  });

  test('need a function', () => {
    expect(() => door({ distributedClaims: ['groups'] as never })).toThrow('oidcBearer.distributedClaims');
  });
});
