import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type Principal, requireGroups } from '../../lib/index.js';
import { withPrincipal } from '../../lib/testing/index.js';
import { SERVERS } from '../helpers/every-server.js';

describe.each(SERVERS)('under %s', (_name, server) => {
  test('every request comes from the principal, completed', async () => {
    const { body } = await request(server(withPrincipal({ groups: ['ops'] }), requireGroups('ops'))).get('/');
    expect(body.principal).toEqual({
      type: 'user',
      id: 'test-user',
      method: 'test',
      credential: { kind: 'test' },
      groups: ['ops'],
      roles: [],
      scopes: [],
      attributes: {},
      listAttributes: {},
      claims: {},
    });
  });

  test('guards refuse what the principal lacks', async () => {
    expect((await request(server(withPrincipal(), requireGroups('ops'))).get('/')).status).toBe(403);
  });
});

function principalFrom(given: Partial<Principal>): Principal {
  const req: { principal?: Principal } = {};
  withPrincipal(given)(req as never, {} as never, () => undefined);
  if (req.principal === undefined) throw new Error('there is no principal');
  return req.principal;
}

test('the principal is deep-frozen, and what the test holds is not', () => {
  const groups = ['ops'];
  const user = { seen: 0 };
  const principal = principalFrom({ groups, user, claims: { realm: { roles: ['a'] } } });
  expect([principal, principal.groups, principal.claims['realm']].every(Object.isFrozen)).toBe(true);
  expect([groups, user].some(Object.isFrozen)).toBe(false);
  expect(principal.user).toBe(user);
});

test('nobody is let in by it in production, unless that is said', () => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    expect(() => withPrincipal({})).toThrow('withPrincipal');
    expect(() => withPrincipal({}, { dangerouslyAllowProduction: true })).not.toThrow();
  } finally {
    process.env.NODE_ENV = before;
  }
});
