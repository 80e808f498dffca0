import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { withPayload } from '../helpers/signing.js';
import { HOWTO } from '../helpers/tokens.js';

const NOW = 1_800_000_000;

/** Only what the clock says is fixed; timers and sockets go on. */
let clock: ReturnType<typeof jest.spyOn>;
beforeEach(() => {
  clock = jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
});
afterEach(() => {
  clock.mockRestore();
});

const token = (claims: object) => withPayload({ iss: HOWTO.key, exp: NOW + 300, ...claims });
const expired = refusedAs('token_expired');
const tooEarly = refusedAs('token_not_yet_valid');

describe.each([
  ['without tolerance', 0],
  ['with the default of 60 seconds', 60],
  ['with the most that can be configured', 300],
])('%s', (_name, clockTolerance) => {
  const present = frontDoor(clockTolerance === 60 ? {} : { clockTolerance });

  test('a token is expired at the very second that exp names, and not before', async () => {
    expect(await present(token({ exp: NOW - clockTolerance }))).toEqual(expired);
    expect(await present(token({ exp: NOW - clockTolerance - 0.001 }))).toEqual(expired);
    expect(await present(token({ exp: NOW - clockTolerance + 0.001 }))).toEqual(WELCOME);
    expect(await present(token({ exp: 0 }))).toEqual(expired);
  });

  test.each(['nbf', 'iat'])('a token is good from the second that %s names, and not before', async (claim) => {
    expect(await present(token({ [claim]: NOW + clockTolerance }))).toEqual(WELCOME);
    expect(await present(token({ [claim]: NOW + clockTolerance + 0.001 }))).toEqual(tooEarly);
    expect(await present(token({ [claim]: NOW + 1_000_000 }))).toEqual(tooEarly);
  });
});

test('the sub-second part of the clock counts', async () => {
  const present = frontDoor({ clockTolerance: 0 });
  clock.mockReturnValue(NOW * 1000 + 499);
  expect(await present(token({ exp: NOW + 0.5 }))).toEqual(WELCOME);
  clock.mockReturnValue(NOW * 1000 + 500);
  expect(await present(token({ exp: NOW + 0.5 }))).toEqual(expired);
});

describe('required claims', () => {
  test('exp is required unless the application says otherwise', async () => {
    const endless = withPayload({ iss: HOWTO.key });
    expect(await frontDoor()(endless)).toEqual(refusedAs('claim_missing'));
    expect(await frontDoor({ requiredClaims: ['sub'] })(withPayload({ iss: HOWTO.key, sub: 'a' }))).toEqual(WELCOME);
    expect(await frontDoor({ requiredClaims: [] })(endless)).toEqual(WELCOME);
  });

  test('an exp that is there counts, required or not', async () => {
    expect(await frontDoor({ requiredClaims: [] })(token({ exp: NOW - 61 }))).toEqual(expired);
  });

  test.each([
    ['missing', {}],
    ['null', { tenant: null }],
    ['an empty text', { tenant: '' }],
  ])('a required claim that is %s is missing', async (_what, claims) => {
    expect(await frontDoor({ requiredClaims: ['exp', 'tenant'] })(token(claims))).toEqual(refusedAs('claim_missing'));
  });

  test.each([[0], [false], ['a'], [[]], [{}]])('a required claim may be %j', async (tenant) => {
    expect(await frontDoor({ requiredClaims: ['tenant'] })(token({ tenant }))).toEqual(WELCOME);
  });

  test('a word of JavaScript is no claim', async () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      expect(await frontDoor({ requiredClaims: [name] })(token({}))).toEqual(refusedAs('claim_missing'));
    }
  });
});

describe('maxLifetime', () => {
  const present = frontDoor({ maxLifetime: 600 });
  const tooLong = refusedAs('token_lifetime_exceeded');

  test('counts from iat', async () => {
    expect(await present(token({ iat: NOW - 300, exp: NOW + 300 }))).toEqual(WELCOME);
    expect(await present(token({ iat: NOW - 301, exp: NOW + 300 }))).toEqual(tooLong);
  });

  test('counts from now where there is no iat', async () => {
    expect(await present(token({ exp: NOW + 600 }))).toEqual(WELCOME);
    expect(await present(token({ exp: NOW + 601 }))).toEqual(tooLong);
  });

  test('refuses a token without end, whatever else is required', async () => {
    const door = frontDoor({ maxLifetime: 600, requiredClaims: [] });
    expect(await door(withPayload({ iss: HOWTO.key, iat: NOW }))).toEqual(refusedAs('claim_missing'));
  });
});
