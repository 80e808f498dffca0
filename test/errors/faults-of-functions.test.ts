import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ConfigurationError, type Principal, requireClaim, requirePrincipal } from '../../lib/index.js';
import { accessToken, door, ISSUER } from '../helpers/oidc-door.js';
import { ask, staffDoor } from '../helpers/people.js';

const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
const warnings = () => warn.mock.calls.map(([text, options]) => `${text} ${(options as { detail?: string }).detail}`);

afterEach(() => {
  warn.mockClear();
});

describe('an id of a users callback that is none', () => {
  test.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['a number that is not exact', 2 ** 53],
    ['null', null],
    ['an object', {}],
    ['an empty text', ''],
    ['true', true],
  ])('%s is a 503 with a warning', async (_what, id) => {
    const method = staffDoor((() => ({ id })) as never);
    const answers = [await ask(method, accessToken()), await ask(method, accessToken({ sub: 'bob' }))];
    expect(answers.map(({ status, code }) => [status, code])).toEqual(Array(2).fill([503, 'check_failed']));
    expect(warnings()).toEqual([expect.stringContaining('answered an id')]);
  });

  test.each([[{}], [{ id: undefined }]])('an absent one is no fault: %j', async (user) => {
    expect(
      (
        await ask(
          staffDoor(() => user),
          accessToken(),
        )
      ).principal.id,
    ).toBe(`${ISSUER}|alice`);
  });

  test('zero is an id', async () => {
    expect(
      (
        await ask(
          staffDoor(() => ({ id: 0 })),
          accessToken(),
        )
      ).principal.id,
    ).toBe('0');
  });
});

test('a claims function that answers a promise is a 503 with a warning, and the token is not blamed', async () => {
  const method = door({ claims: { groups: (async () => ['ops']) as never } });
  const answers = [await ask(method, accessToken()), await ask(method, accessToken())];
  expect(answers.map(({ status, code }) => [status, code])).toEqual(Array(2).fill([503, 'check_failed']));
  expect(warnings()).toEqual([expect.stringMatching(/claims\.groups.*answered a promise/s)]);
});

describe('requireClaim', () => {
  const principal = (type: string) => ({ type, claims: {} }) as unknown as Principal;

  test.each([
    ['throws', () => JSON.parse('{'), 'SyntaxError'],
    ['answers a promise', (async () => true) as never, 'answered a promise'],
    ['answers a promise that is rejected', (async () => JSON.parse('{')) as never, 'answered a promise'],
  ])('whose function %s passes nobody and warns once', (_what, expected, text) => {
    const guard = requireClaim('x', expected);
    expect([guard.test(principal('user')), guard.test(principal('anonymous'))]).toEqual([false, false]);
    expect(() => guard.check({ principal: principal('user') } as never)).toThrow();
    expect(warnings()).toEqual([expect.stringContaining(text)]);
  });
});

test.each([undefined, null, 'handler', {}])('protect refuses %p, which is no handler', (handler) => {
  expect(() => requirePrincipal().protect(handler as never)).toThrow(ConfigurationError);
});
