import { describe, expect, jest, test } from '@jest/globals';
import { ConfigurationError, memoryUsers, type UsersCallback, type UsersOption } from '../../lib/index.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { ask, askAtOnce, policy, staffDoor } from '../helpers/people.js';
import { inSeconds } from '../helpers/tokens.js';

const byOrg = () =>
  jest.fn<UsersCallback>(async ({ claims }) => ({ id: String(claims.org_id), list: ['reader'], since: new Date(0) }));

const idOf = async (method: ReturnType<typeof staffDoor>, claims: Record<string, unknown>) =>
  (await present(method, accessToken(claims))).principal.id;

describe('an answer of the callback is kept', () => {
  test('for tokens that say the same, whenever they were issued', async () => {
    const callback = byOrg();
    const method = staffDoor(callback);
    for (const jti of ['a', 'b']) await idOf(method, { org_id: 'x', jti, iat: inSeconds(-5), exp: inSeconds(90) });
    await idOf(method, { org_id: 'x', iat: inSeconds(-1) });
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test('and not for tokens that say something else, one after the other or at once', async () => {
    const method = staffDoor(byOrg());
    expect([await idOf(method, { org_id: 'x' }), await idOf(method, { org_id: 'y' })]).toEqual(['x', 'y']);
    const tokens = ['z', 'w'].map((org_id) => accessToken({ org_id }));
    expect((await askAtOnce(method, tokens)).map(({ principal }) => principal.id)).toEqual(['z', 'w']);
  });

  test('until its user, identity or issuer is invalidated, by an id as text or number', async () => {
    for (const change of [
      { user: 42 },
      { user: '42' },
      { identity: { issuer: ISSUER, subject: 'alice' } },
      { issuer: ISSUER },
    ]) {
      const callback = jest.fn<UsersCallback>(async () => ({ id: 42 }));
      const method = staffDoor(callback);
      await present(method, accessToken());
      method.invalidate(change);
      await present(method, accessToken());
      expect(callback).toHaveBeenCalledTimes(2);
    }
  });

  test('and no request writes into what the next one gets', async () => {
    const method = staffDoor(byOrg());
    const authenticate = () =>
      method.authenticate({ headers: { authorization: `Bearer ${accessToken({ org_id: 'x' })}` } } as never);
    const user = (await authenticate())?.user as { list: string[]; since: Date };
    user.list.push('admin');
    user.since.setTime(1);
    expect((await authenticate())?.user).toMatchObject({ list: ['reader'], since: new Date(0) });
  });

  test('nor in an instance of a class, which is asked for anew', async () => {
    class Account {
      id = 'a-1';
      role = 'reader';
    }
    const method = staffDoor(async () => new Account());
    const authenticate = () => method.authenticate({ headers: { authorization: `Bearer ${accessToken()}` } } as never);
    const first = (await authenticate())?.user as Account;
    first.role = 'admin';
    const second = (await authenticate())?.user;
    expect([second instanceof Account, (second as Account).role]).toEqual([true, 'reader']);
  });
});

describe('two hosts with two databases never meet', () => {
  const databases: Record<string, Record<string, object>> = { 'a.example': { alice: { id: 'A-1' } }, 'b.example': {} };
  const callback: UsersCallback = ({ subject }, { req, reason }) => {
    const found = databases[req.headers.host ?? '']?.[subject];
    return found === undefined ? null : { ...found, reason };
  };

  test.each<[how: string, users: UsersOption]>([
    ['with a variant', { callback, variant: (_identity, req) => req.headers.host ?? '' }],
    ['without a cache', { callback, cache: false }],
  ])('%s', async (_how, users) => {
    const method = staffDoor(users);
    const asked = async (host: string) => {
      const req = { headers: { authorization: `Bearer ${accessToken()}`, host } };
      return method.authenticate(req as never).then(
        (principal) => principal?.user,
        ({ code }) => code,
      );
    };
    expect(await asked('b.example')).toBe('user_not_registered');
    expect(await asked('a.example')).toEqual({ id: 'A-1', reason: 'first-seen' });
    expect(await asked('b.example')).toBe('user_not_registered');
  });

  test('and a variant that is no text is an outage', async () => {
    const users = { callback, variant: async () => 'x' } as never;
    expect(await ask(staffDoor(users), accessToken())).toMatchObject({ status: 503 });
  });
});

describe('refused is', () => {
  test.each<[what: string, change: unknown]>([
    ['a misspelt name', { usr: '42' }],
    ['nothing', undefined],
    ['a text', '42'],
    ['two things at once', { user: '42', issuer: ISSUER }],
    ['no id', { user: undefined }],
    ['half an identity', { identity: { issuer: ISSUER } }],
  ])('an invalidation of %s', (_what, change) => {
    expect(() => staffDoor(byOrg()).invalidate(change as never)).toThrow(ConfigurationError);
  });

  test.each<[what: string, subscribe: () => unknown]>([
    ['a promise', async () => () => undefined],
    ['a rejection', () => Promise.reject(new Error('down'))],
    ['nothing', () => undefined],
  ])('a store whose subscribe answers with %s', (_what, subscribe) => {
    const store = Object.assign(memoryUsers(), { subscribe });
    expect(() => staffDoor(policy({ store: store as never }))).toThrow(/subscribe/);
  });

  test('claims without a variant where nothing is kept', () => {
    const claims = { acquire: async () => 'done', complete: async () => {}, release: async () => {} } as never;
    expect(() => staffDoor({ callback: byOrg(), cache: false, claims })).toThrow(/variant/);
  });
});
