import { describe, expect, test } from '@jest/globals';
import { type AuthEvent, consumerJwt, jwtAuth, memoryUsers } from '../../../lib/index.js';
import { howtoConsumers } from '../../helpers/consumers.js';
import { APP, local, localLookalike, partOf, someone } from '../../helpers/local.js';
import { AUDIENCE, accessClaims, accessToken, door, present, verdict } from '../../helpers/oidc-door.js';
import { howtoToken, inSeconds } from '../../helpers/tokens.js';

describe('revoking a local token', () => {
  test('withdraws that one and no other', async () => {
    const method = local();
    const [first, second] = [await method.issue(await someone()), await method.issue(await someone())];
    expect(await method.revoke(first.token)).toBe(true);
    expect(await verdict(method, first.token)).toBe('token_revoked');
    expect(await verdict(method, second.token)).toBe(200);
  });

  test('takes what issue() returned as well', async () => {
    const method = local();
    const issued = await method.issue(await someone());
    expect(await method.revoke(issued)).toBe(true);
    expect(await verdict(method, issued.token)).toBe('token_revoked');
  });

  test.each([
    ['garbage', 'garbage'],
    ['a token of somebody else', accessToken()],
    ['one with a wrong signature', `${localLookalike().slice(0, -4)}AAAA`],
    ['one that has ended', localLookalike({ exp: inSeconds(-120) })],
    ['nothing', undefined],
    ['a number', 1],
    ['an object without a token', {}],
    ['null', null],
  ])('does nothing for %s, and says so', async (_title, token) => {
    expect(await local().revoke(token as string)).toBe(false);
  });

  test('is remembered as long as the token would be taken, in a list of the application’s own', async () => {
    const revoked = new Map<string, number>();
    const revocations = {
      revoke: async (jti: string, until: number) => void revoked.set(jti, until),
      isRevoked: async (jti: string) => revoked.has(jti),
    };
    const method = local({ revocations });
    const { token } = await method.issue(await someone());
    expect(await method.revoke(token)).toBe(true);
    expect([...revoked]).toEqual([[partOf(token, 1).jti, Number(partOf(token, 1).exp) + 60]]);
    expect(await verdict(local({ revocations }), token)).toBe('token_revoked');
  });

  test('that cannot be looked up is our outage, never a pass', async () => {
    const down = () => Promise.reject(new Error('down'));
    const method = local({ revocations: { revoke: down, isRevoked: down } });
    const { token } = await method.issue(await someone());
    expect(await verdict(method, token)).toBe('503 store_unavailable');
    await expect(method.revoke(token)).rejects.toThrow('down');
  });
});

describe('local tokens beside the provider’s', () => {
  const oidc = door({ name: 'oidc' });

  test('are both accepted, each by its own method, as Conduktor promises', async () => {
    const method = local();
    const auth = jwtAuth({ methods: [oidc, method, consumerJwt({ consumers: howtoConsumers() })], exposeReason: true });
    const { token } = await method.issue(await someone());
    expect((await present(auth, token)).principal).toMatchObject({ method: 'localToken' });
    expect((await present(auth, accessToken())).principal).toMatchObject({ method: 'oidc' });
    expect((await present(auth, howtoToken())).principal).toMatchObject({ type: 'consumer' });
    await method.revoke(token);
    expect(await verdict(auth, token)).toBe('token_revoked');
  });

  test('may share the provider’s name where the audience tells them apart', async () => {
    const issuer = String(accessClaims().iss);
    const method = local({ issuer, audience: 'local' });
    const auth = jwtAuth({ methods: [oidc, method], exposeReason: true });
    const { token } = await method.issue(await someone());
    expect((await present(auth, token)).principal).toMatchObject({ method: 'localToken' });
    expect((await present(auth, accessToken())).principal).toMatchObject({ method: 'oidc' });
    expect(() => jwtAuth({ methods: [oidc, local({ issuer, audience: AUDIENCE })] })).toThrow(/could never be asked/);
  });

  test('never register anybody', async () => {
    const store = memoryUsers();
    const method = local();
    const auth = jwtAuth({ methods: [oidc, method], users: { store, autoRegister: true } });
    const { token } = await method.issue(await someone());
    expect((await present(auth, token)).principal).not.toHaveProperty('user');
    expect(await store.find({ tenant: '', issuer: APP, subject: 'https://login.example.com|alice' })).toBeUndefined();
  });

  test('are told of like any other, without a word of the token', async () => {
    const events: AuthEvent[] = [];
    const method = local({ onEvent: (event) => events.push(event) });
    const { token } = await method.issue(await someone());
    await present(method, token);
    await present(method, `${token}A`);
    expect(events).toMatchObject([
      { type: 'accepted', method: 'localToken' },
      { type: 'refused', method: 'localToken' },
    ]);
    expect(JSON.stringify(events)).not.toContain(token.split('.')[2]);
  });
});
