import { describe, expect, test } from '@jest/globals';
import { type AuthMethod, consumerJwt, wafToken } from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { active, asking, introspectionEndpoint, opaqueToken } from '../helpers/introspection-endpoint.js';
import { local, localLookalike } from '../helpers/local.js';
import { accessToken, door, staticOptions } from '../helpers/oidc-door.js';
import { answer } from '../helpers/remembering.js';
import { loginToken, shared } from '../helpers/shared-secret.js';
import { resolvedBy, tenant } from '../helpers/tenants.js';
import { HOWTO, hs256, inSeconds } from '../helpers/tokens.js';

const endpoint = await introspectionEndpoint();

/** Rules that a test sets. */
interface Rules {
  maxAge?: number;
  clockTolerance?: number;
  requiredClaims?: readonly string[];
}
type Claims = Record<string, unknown>;
type Make = (rules: Rules) => AuthMethod;
type Token = (claims: Claims) => string;

const opaque: Token = (claims) => {
  endpoint.answers(active(claims));
  return opaqueToken();
};

const METHODS: readonly (readonly [name: string, make: Make, token: Token])[] = [
  ['oidcBearer', (rules) => door(rules), accessToken],
  ['what issuers() answers', (rules) => resolvedBy(() => tenant(rules)), accessToken],
  ['an introspection answer', (rules) => asking(endpoint, rules), opaque],
  ['wafToken', (rules) => wafToken({ ...staticOptions(), ...rules } as Parameters<typeof wafToken>[0]), accessToken],
  [
    'consumerJwt',
    (rules) => consumerJwt({ consumers: howtoConsumers(), ...rules }),
    (claims) => hs256({ iss: HOWTO.key, iat: inSeconds(0), exp: inSeconds(300), ...claims }),
  ],
  ['sharedSecretJwt', (rules) => shared(rules), loginToken],
  ['localToken', ({ requiredClaims: _, ...rules }) => local(rules), localLookalike],
];

describe.each(METHODS)('maxAge: %s', (_name, make, token) => {
  test('a token is accepted up to that age and the tolerance, and then is token_expired, known or not', async () => {
    const wait = fakeClock();
    const method = make({ maxAge: 600, clockTolerance: 10 });
    const old = token({ iat: inSeconds(0), exp: inSeconds(86_400) });
    for (let time = 0; time < 3; time += 1) expect(await answer(method, old)).toBe('welcome');
    wait(609);
    expect(await answer(method, old)).toBe('welcome');
    wait(2);
    expect(await answer(method, old)).toBe('token_expired');
    expect(await answer(method, token({ iat: inSeconds(-612), exp: inSeconds(86_400) }))).toBe('token_expired');
  });

  test('a token that does not say when it was issued is refused', async () => {
    const method = make({ maxAge: 600, requiredClaims: [] });
    expect(await answer(method, token({ iat: undefined }))).toBe('claim_missing');
  });

  test('without it an old token is accepted until it expires', async () => {
    expect(await answer(make({}), token({ iat: inSeconds(-86_400) }))).toBe('welcome');
  });
});

test.each([0, -1, 31_536_001, Number.NaN, '60' as never])('%s is no age', async (maxAge) => {
  for (const make of [door, shared, local]) expect(() => make({ maxAge })).toThrow(/maxAge/);
  expect(
    await answer(
      resolvedBy(() => tenant({ maxAge })),
      accessToken(),
    ),
  ).toBe('check_failed');
});
