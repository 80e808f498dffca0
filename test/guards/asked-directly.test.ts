import { describe, expect, test } from '@jest/globals';
import { type AuthError, ConfigurationError, type Principal, requireClaim, requireScopes } from '../../lib/index.js';
import { accessToken, present } from '../helpers/oidc-door.js';
import { staffDoor } from '../helpers/people.js';

const carrying = (token: string | undefined) =>
  ({ headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }) as never;

const people = staffDoor(async ({ subject }) => ({ id: subject }), { realm: 'things' });

describe('a guard that is asked directly', () => {
  test('returns the principal of a request that a method has let in', async () => {
    const req = carrying(accessToken({ scope: 'a b' }));
    const principal = await people.require(req);
    expect(requireScopes('a', 'b').check(req)).toBe(principal);
  });

  test('throws the refusal with its challenge', async () => {
    const req = carrying(accessToken({ scope: 'a' }));
    await people.require(req);
    const refused = expect.objectContaining({ status: 403, code: 'insufficient_scope', realm: 'things' });
    expect(() => requireScopes('a', 'b').check(req)).toThrow(refused as unknown as AuthError);
  });

  test('throws credentials_missing for nobody, as the method does', async () => {
    const req = carrying(undefined);
    const missing = expect.objectContaining({ status: 401, code: 'credentials_missing' });
    await expect(people.require(req)).rejects.toEqual(missing);
    expect(() => requireScopes('a').check(req)).toThrow(missing as unknown as AuthError);
  });

  test('says of a principal whether it would pass', async () => {
    const { principal } = await present(people, accessToken({ scope: 'a' }));
    const somebody = principal as unknown as Principal;
    expect([requireScopes('a').test(somebody), requireScopes('b').test(somebody)]).toEqual([true, false]);
  });
});

test.each<[tags: unknown, passes: boolean]>([
  [['x', 'y', 'z'], true],
  [['x'], false],
  ['x', false],
  [undefined, false],
])('of a list of values, the claim %p must hold all: %p', async (tags, passes) => {
  const { principal } = await present(people, accessToken({ tags }));
  expect(requireClaim('tags', ['x', 'y']).test(principal as unknown as Principal)).toBe(passes);
});

test('an empty list, and one with what no claim can be, is refused at creation', () => {
  for (const expected of [[], [{}], [Number.NaN]])
    expect(() => requireClaim('tags', expected as never)).toThrow(ConfigurationError);
});
