import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  ConfigurationError,
  type SharedSecret,
  type SharedSecretJwtOptions,
  sharedSecretJwt,
} from '../../../lib/index.js';
import type { Loose } from '../../helpers/loose.js';
import { PROVIDER_PEM, verdict } from '../../helpers/oidc-door.js';
import { loginToken, OTHER_SECRET, SECRET, shared } from '../../helpers/shared-secret.js';

const bytes = Buffer.alloc(64, 0xfb);
const unset = process.env.SALLYPORT_TEST_NEVER_SET;

describe('the secret may be', () => {
  test.each<[string, SharedSecret]>([
    ['bytes', bytes],
    ['an imported key', createSecretKey(bytes)],
    ['an imported key among options', { secret: createSecretKey(bytes) }],
    ['base64', { secret: bytes.toString('base64'), secretEncoding: 'base64' }],
    ['base64url', { secret: bytes.toString('base64url'), secretEncoding: 'base64' }],
  ])('%s', async (_what, secret) => {
    expect(await verdict(shared({ secret }), loginToken({}, { secret: bytes }))).toBe(200);
    expect(await verdict(shared({ secret }), loginToken({}, { secret: SECRET }))).toBe('signature_invalid');
  });

  test('as long as each of its algorithms asks for, and then serves them all', async () => {
    const all = shared({ secret: bytes, algorithms: ['HS256', 'HS384', 'HS512'] });
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      expect(await verdict(all, loginToken({}, { secret: bytes, header: { alg } }))).toBe(200);
    }
    expect(await verdict(shared({ secret: bytes, algorithms: ['HS512'] }), loginToken({}, { secret: bytes }))).toBe(
      'algorithm_not_allowed',
    );
  });

  test('weak where that is said aloud', async () => {
    const weak = shared({ secret: { secret: 'shhhhhhared-secret', allowWeakSecret: true } });
    expect(await verdict(weak, loginToken({}, { secret: 'shhhhhhared-secret' }))).toBe(200);
  });
});

describe('of several secrets', () => {
  const both = () =>
    shared({
      secret: [
        { secret: OTHER_SECRET, kid: 'new' },
        { secret: SECRET, kid: 'old' },
      ],
    });

  test('the one that the kid names verifies, and no other', async () => {
    expect(await verdict(both(), loginToken({}, { header: { kid: 'old' } }))).toBe(200);
    expect(await verdict(both(), loginToken({}, { header: { kid: 'new' } }))).toBe('signature_invalid');
  });

  test.each([undefined, 'unheard-of'])('the first that fits verifies a token of the kid %s', async (kid) => {
    const header = kid === undefined ? {} : { kid };
    expect(await verdict(both(), loginToken({}, { header }))).toBe(200);
    expect(await verdict(both(), loginToken({}, { header, secret: OTHER_SECRET }))).toBe(200);
    expect(await verdict(both(), loginToken({}, { header, secret: 'x'.repeat(64) }))).toBe('signature_invalid');
  });

  test('each may be a bare text', async () => {
    const list = shared({ secret: [OTHER_SECRET, SECRET] });
    expect(await verdict(list, loginToken())).toBe(200);
    expect(await verdict(list, loginToken({}, { secret: OTHER_SECRET, header: { kid: 'any' } }))).toBe(200);
  });
});

describe('refused at creation', () => {
  test.each<[string, Loose<SharedSecretJwtOptions>, string, RegExp]>([
    ['a secret that is not set', { secret: unset }, 'secret', /is undefined: is the environment variable set\?/],
    ['a member that is not set', { secret: [SECRET, unset as never] }, 'secret[1]', /is undefined: is the env/],
    ['a secret in options that is not set', { secret: { secret: unset as never } }, 'secret.secret', /undefined/],
    ['an empty secret', { secret: '' }, 'secret', /empty/],
    ['no secrets', { secret: [] }, 'secret', /at least one secret/],
    ['too many secrets', { secret: Array(9).fill(SECRET) }, 'secret', /at most 8/],
    ['null', { secret: null as never }, 'secret', /null/],
    ['a short secret', { secret: 'x'.repeat(31) }, 'secret', /31 bytes, 32 are needed.*allowWeakSecret: true/],
    ['a short one in a list', { secret: [SECRET, 'short'] }, 'secret[1]', /5 bytes, 32/],
    ['one too short for HS384', { secret: 'x'.repeat(47), algorithms: ['HS384'] }, 'secret', /47 bytes, 48/],
    ['one too short for one', { secret: SECRET, algorithms: ['HS256', 'HS512'] }, 'secret', /bytes, 64 are needed/],
    ['a public key', { secret: PROVIDER_PEM }, 'secret', /PEM, a certificate or a JWK/],
    ['RS256', { algorithms: ['RS256'] as never }, 'algorithms', /public key.*oidcBearer/],
    ['none', { algorithms: ['none'] as never }, 'algorithms', /HS256, HS384, HS512/],
    ['no algorithms', { algorithms: [] }, 'algorithms', /HS256, HS384, HS512/],
    ['no issuers', { issuer: [] }, 'issuer', /empty list/],
    ['an audience for nobody', { audience: [] }, 'audience', /names nobody/],
    ['an empty audience', { audience: '' }, 'audience', /empty/],
  ])('%s', (_what, options, option, problem) => {
    const make = () => sharedSecretJwt({ secret: SECRET, ...options } as SharedSecretJwtOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(
      expect.objectContaining({ option: `sharedSecretJwt.${option}`, message: expect.stringMatching(problem) }),
    );
    expect(make).not.toThrow(SECRET);
  });

  test.each(['issuer', 'audience'])('%s: a variable that is not set', (name) => {
    expect(() => sharedSecretJwt({ secret: SECRET, [name]: unset })).toThrow(`sharedSecretJwt.${name}: is undefined`);
  });

  test('no options, and no secret among them', () => {
    expect(() => sharedSecretJwt({} as never)).toThrow('sharedSecretJwt.secret: is required');
  });
});
