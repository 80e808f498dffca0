import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type LocalTokenOptions, type Principal, requireGroups } from '../../../lib/index.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { APP, local, partOf, someone } from '../../helpers/local.js';
import { present, verdict } from '../../helpers/oidc-door.js';
import { bearer } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { inSeconds } from '../../helpers/tokens.js';

describe('a local token', () => {
  test('says who its owner is and what he may, and nothing of the token that it was issued for', async () => {
    const claims = { email: 'a@example.com', email_verified: true, name: 'Ann', groups: ['ops'], scope: 'read write' };
    const method = local();
    const { token } = await method.issue(await someone({ ...claims, ssn: 'private' }));
    const { principal } = await present(method, token);
    expect(principal).toMatchObject({
      type: 'user',
      id: 'https://login.example.com|alice',
      method: 'localToken',
      issuer: APP,
      email: 'a@example.com',
      emailVerified: true,
      name: 'Ann',
      groups: ['ops'],
      scopes: ['read', 'write'],
      credential: { kind: 'local', id: expect.any(String) },
    });
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).not.toContain('private');
  });

  test.each(['consumer', 'client', 'api-key', 'user'] as const)('may speak for a %s', async (type) => {
    const method = local();
    const principal = { ...(await someone()), type, id: 'x1', attributes: { team: 'a' }, listAttributes: { l: ['b'] } };
    const answer = await present(method, (await method.issue(principal)).token);
    expect(answer.principal).toMatchObject({ type, id: 'x1', attributes: { team: 'a' }, listAttributes: { l: ['b'] } });
  });

  test('has a type, an audience and an id of its own', async () => {
    const { token } = await local().issue(await someone());
    const again = await local().issue(await someone());
    expect(partOf(token, 0)).toEqual({ alg: 'HS256', kid: 'k1', typ: 'local+jwt' });
    expect(partOf(token, 1)).toMatchObject({ iss: APP, aud: APP, jti: expect.any(String) });
    expect(partOf(again.token, 1).jti).not.toBe(partOf(token, 1).jti);
  });

  test('is for the audience that was configured', async () => {
    const method = local({ audience: 'api' });
    const { token } = await method.issue(await someone());
    expect(partOf(token, 1).aud).toBe('api');
    expect(await verdict(method, token)).toBe(200);
    expect(await verdict(local(), token)).toBe('audience_mismatch');
  });

  test('may be issued to whom the application knows by itself', async () => {
    const method = local();
    const { token, expiresAt } = await method.issue({ type: 'user', id: 'u1', groups: ['ops'] });
    expect((await present(method, token)).principal).toMatchObject({
      type: 'user',
      id: 'u1',
      groups: ['ops'],
      roles: [],
    });
    expect(expiresAt.getTime() / 1000).toBe(Number(partOf(token, 1).iat) + 3600);
  });

  test('is what a text becomes that it is put into', async () => {
    const method = local();
    const issued = await method.issue(await someone());
    expect(`Bearer ${issued}`).toBe(`Bearer ${issued.token}`);
    expect(Object.keys(issued)).toEqual(['token', 'expiresAt']);
  });

  test('is none where no door would take it for its size', async () => {
    const groups = Array.from({ length: 2000 }, (_, index) => `group ${index}`);
    const many = { ...(await someone()), groups };
    await expect(local().issue(many)).rejects.toMatchObject({ code: 'token_too_large' });
    const some = { ...(await someone()), groups: groups.slice(0, 500) };
    const method = local();
    expect((await present(method, (await method.issue(some)).token)).principal.groups).toHaveLength(500);
  });

  test('is what guards go by', async () => {
    const method = local();
    const { token } = await method.issue(await someone({ groups: ['ops'] }));
    const statuses = ['ops', 'admins'].map(async (group) => {
      const guarded = app(method, requireGroups(group));
      return (await request(guarded).get('/').set('Authorization', bearer(token))).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 403]);
  });
});

describe('the life of a local token', () => {
  const lifeOf = (token: string) => Number(partOf(token, 1).exp) - Number(partOf(token, 1).iat);
  const longLived = () => someone({ exp: inSeconds(100_000) });

  test.each<[string, Partial<LocalTokenOptions>, { ttl?: number }, number]>([
    ['an hour by default', {}, {}, 3600],
    ['what the method says', { ttl: 600 }, {}, 600],
    ['less where the call says so', { ttl: 600 }, { ttl: 60 }, 60],
    ['more where the call says so', { ttl: 600 }, { ttl: 7200 }, 7200],
    ['whole seconds', { ttl: 600 }, { ttl: 60.9 }, 60],
  ])('is %s', async (_title, options, given, life) => {
    const { token, expiresAt } = await local(options).issue(await longLived(), given);
    expect(lifeOf(token)).toBe(life);
    expect(expiresAt.getTime() / 1000).toBe(partOf(token, 1).exp);
  });

  test('never goes beyond the credential that it was issued for', async () => {
    const exp = inSeconds(120);
    for (const options of [{}, { ttl: 86_400 }]) {
      const { token, expiresAt } = await local().issue(await someone({ exp }), options);
      expect(partOf(token, 1).exp).toBe(exp);
      expect(expiresAt).toEqual(new Date(exp * 1000));
    }
  });

  test('does not begin where that credential has ended, tolerance or not', async () => {
    const ended = await someone({ exp: inSeconds(-10) });
    await expect(local().issue(ended)).rejects.toMatchObject({ code: 'token_expired', status: 401 });
  });

  test('does not get longer by being exchanged for another', async () => {
    const method = local({ ttl: 600 });
    const first = await method.issue(await longLived(), { ttl: 60 });
    const { principal } = await present(method, first.token);
    const revived = { ...principal, credential: { ...principal.credential, expiresAt: first.expiresAt } };
    expect((await method.issue(revived)).expiresAt).toEqual(first.expiresAt);
  });

  test('ends', async () => {
    const pause = fakeClock();
    const method = local({ ttl: 600, clockTolerance: 0 });
    const { token } = await method.issue(await longLived());
    pause(599);
    expect(await verdict(method, token)).toBe(200);
    pause(1);
    expect(await verdict(method, token)).toBe('token_expired');
  });

  test.each([0, -1, 31_536_001, Number.NaN, Number.POSITIVE_INFINITY, '60', null])('is never %p', async (ttl) => {
    await expect(local({ ttl: 600 }).issue(await longLived(), { ttl: ttl as number })).rejects.toThrow(/ttl/);
  });

  test('is not given by an option that nobody knows', async () => {
    await expect(local().issue(await longLived(), { expiresIn: 60 } as object)).rejects.toThrow(/expiresIn/);
  });

  test.each<[string, unknown]>([
    ['nobody', { type: 'anonymous', id: 'guest' }],
    ['a kind of party that there is not', { type: 'admin', id: 'u1' }],
    ['a party of the prototype', { type: 'constructor', id: 'u1' }],
    ['somebody without an id', { type: 'user', id: '' }],
    ['an id that is no text', { type: 'user', id: 7 }],
    ['nothing at all', undefined],
    ['a text', 'alice'],
    ['an end that is no date', { type: 'user', id: 'u1', credential: { kind: 'jwt', expiresAt: '2999-01-01' } }],
    ['an end that never comes', { type: 'user', id: 'u1', credential: { kind: 'jwt', expiresAt: new Date('x') } }],
  ])('is none for %s', async (_title, principal) => {
    await expect(local().issue(principal as Principal)).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/^localToken\.issue/),
    });
  });
});
