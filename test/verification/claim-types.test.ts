import { describe, expect, test } from '@jest/globals';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { withPayload } from '../helpers/signing.js';
import { HOWTO, inSeconds } from '../helpers/tokens.js';

const present = frontDoor();
const invalid = refusedAs('claim_invalid');

/** A payload as JSON text, so that numbers can be written as no `JSON.stringify` would. */
const payload = (claim: string, written: string) =>
  Object.entries({ iss: `"${HOWTO.key}"`, exp: String(inSeconds(300)), [claim]: written })
    .map(([name, value]) => `"${name}":${value}`)
    .join()
    .replace(/^.*$/s, '{$&}');

describe.each(['exp', 'nbf', 'iat'])('%s must be a date that a clock can reach', (claim) => {
  test.each([
    '"9999999999"',
    '"x"',
    '""',
    'null',
    'true',
    'false',
    '[]',
    '[9999999999]',
    '{}',
    '{"valueOf":1}',
    '1e400',
    '-1e400',
    '1e300',
    '253402300800',
    '-1',
    '-0.5',
    '9007199254740993',
  ])('refuses %s', async (written) => {
    expect(await present(withPayload(payload(claim, written)))).toEqual(invalid);
  });
});

test('takes fractions of seconds and the last second of the year 9999', async () => {
  const exp = inSeconds(300);
  expect(await present(withPayload(payload('exp', `${exp}.75`)))).toEqual(WELCOME);
  expect(await present(withPayload(payload('exp', '253402300799')))).toEqual(WELCOME);
  expect(await present(withPayload(payload('exp', '2.5e11')))).toEqual(WELCOME);
  expect(await present(withPayload(payload('nbf', `${exp - 600}.5`)))).toEqual(WELCOME);
  expect(await present(withPayload(payload('iat', '0')))).toEqual(WELCOME);
});

describe.each(['iss', 'sub'])('%s must be a text', (claim) => {
  test.each(['null', '1', 'true', '[]', '["x"]', '{}', '{"toString":"x"}'])('refuses %s', async (written) => {
    expect(await present(withPayload(payload(claim, written)))).toEqual(invalid);
  });
});

test('an empty iss names nobody', async () => {
  expect(await present(withPayload(payload('iss', '""')))).toEqual(invalid);
});

describe('aud must be a text or a list of texts, and empty is absent', () => {
  test.each(['1', 'true', '{}', '["api",1]', '["api",null]', '[["api"]]', '[{}]', '{"0":"api"}'])(
    'refuses %s',
    async (written) => {
      expect(await present(withPayload(payload('aud', written)))).toEqual(invalid);
    },
  );

  test.each(['"api"', '["api"]', '["api","other"]', '[]', 'null'])('takes %s', async (written) => {
    expect(await present(withPayload(payload('aud', written)))).toEqual(WELCOME);
  });
});

test('a jti may be anything where nobody asks for it', async () => {
  for (const written of ['null', '1', '{}'])
    expect(await present(withPayload(payload('jti', written)))).toEqual(WELCOME);
});

test('claims that nobody registered may be anything', async () => {
  for (const written of ['null', '1e400', '-1', '{}', '[]', '""', '12345678901234567890']) {
    expect(await present(withPayload(payload('anything', written)))).toEqual(WELCOME);
  }
});
