import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type AuthMethod,
  apiKey,
  consumerJwt,
  type ErrorDetail,
  fromCookie,
  fromHeader,
  localToken,
  memoryApiKeys,
  memoryConsumers,
  type OidcBearerOptions,
  oidcBearer,
  wafToken,
} from '../../lib/index.js';
import { consumersOf } from '../helpers/consumers.js';
import { localLookalike, localOptions } from '../helpers/local.js';
import {
  AUDIENCE,
  accessToken,
  ISSUER,
  jwkOf,
  PROVIDER_PEM,
  STRANGER_KEY,
  staticOptions,
} from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256, inSeconds } from '../helpers/tokens.js';
import { wafOptions } from '../helpers/waf.js';

type Told = Pick<OidcBearerOptions, 'onEvent' | 'exposeReason'>;
type Make = (told: Told) => AuthMethod;

/** What a refusal says in the event and, with `exposeReason`, in the answer. */
async function refusal(make: Make, headers: Record<string, string>) {
  const events: AuthEvent[] = [];
  const method = make({ exposeReason: true, onEvent: (event) => events.push(event) });
  const { status, body } = await request(app(method)).get('/').set(headers);
  const event = events.find(({ type }) => type === 'refused');
  if (event?.type !== 'refused') throw new Error(`nothing was refused: ${status}`);
  return { status, body, error: event.error, detail: event.error.detail ?? {}, text: JSON.stringify([event, body]) };
}

const oidc =
  (options: Partial<OidcBearerOptions> = {}): Make =>
  (told) =>
    oidcBearer(staticOptions({ ...options, ...told }));
const consumer: Make = (told) => consumerJwt({ consumers: consumersOf(HOWTO), ...told });
const local: Make = (told) => localToken(localOptions(told));
const waf: Make = (told) => wafToken(wafOptions(told));

const PROVIDER_JWK = jwkOf(createPublicKey(PROVIDER_PEM));
const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const text = (pattern: RegExp) => expect.stringMatching(pattern) as unknown as string;
const ID_TOKEN = text(/ID token/);

type Case = [what: string, make: Make, token: string, code: string, detail: ErrorDetail];
const CASES: readonly Case[] = [
  ['no exp', consumer, hs256({ iss: HOWTO.key }), 'claim_missing', { claim: 'exp', problem: 'is missing' }],
  ['no iss', oidc(), accessToken({ iss: undefined }), 'claim_missing', { claim: 'iss' }],
  [
    'an empty required claim',
    oidc({ requiredClaims: ['dept'] }),
    accessToken({ dept: '' }),
    'claim_missing',
    { claim: 'dept' },
  ],
  [
    'an end that has come',
    oidc(),
    accessToken({ exp: inSeconds(-100) }),
    'token_expired',
    {
      claim: 'exp',
      problem: text(/\b1\d\d seconds ago/),
      expected: text(/60 seconds.*now it is \d{4}/),
      received: text(ISO),
    },
  ],
  [
    'a beginning that lies ahead',
    oidc(),
    accessToken({ nbf: inSeconds(90) }),
    'token_not_yet_valid',
    { claim: 'nbf', problem: text(/\b[89]\d seconds in the future/), hint: text(/clocks/) },
  ],
  [
    'a signer whose clock is ahead',
    oidc(),
    accessToken({ iat: inSeconds(90) }),
    'token_not_yet_valid',
    { claim: 'iat', hint: text(/clocks/) },
  ],
  [
    'iat in milliseconds',
    oidc(),
    accessToken({ iat: Date.now() }),
    'claim_invalid',
    { claim: 'iat', hint: text(/milliseconds/) },
  ],
  [
    'exp in milliseconds',
    oidc(),
    accessToken({ exp: Date.now() + 60_000 }),
    'claim_invalid',
    { claim: 'exp', hint: text(/milliseconds/) },
  ],
  [
    'an exp as text',
    oidc(),
    accessToken({ exp: '2099-01-01' }),
    'claim_invalid',
    { claim: 'exp', received: '2099-01-01' },
  ],
  [
    'a sub as number',
    oidc(),
    accessToken({ sub: 42 }),
    'claim_invalid',
    { claim: 'sub', expected: 'a text', received: 'a number' },
  ],
  [
    'a long life',
    oidc({ maxLifetime: 60 }),
    accessToken(),
    'token_lifetime_exceeded',
    { claim: 'exp', problem: text(/300 seconds/), expected: text(/60 seconds/) },
  ],
  [
    'another audience',
    oidc(),
    accessToken({ aud: 'billing' }),
    'audience_mismatch',
    { claim: 'aud', expected: [AUDIENCE], received: 'billing' },
  ],
  [
    'no audience',
    oidc(),
    accessToken({ aud: undefined }),
    'audience_mismatch',
    { claim: 'aud', problem: 'is missing' },
  ],
  ['several audiences', oidc(), accessToken({ aud: ['a', 'b'] }), 'audience_mismatch', { received: 'a, b' }],
  [
    'an audience with a slash',
    oidc(),
    accessToken({ aud: `${AUDIENCE}/` }),
    'audience_mismatch',
    { hint: text(/only by a slash/) },
  ],
  [
    'an audience in capitals',
    oidc(),
    accessToken({ aud: [AUDIENCE.toUpperCase()] }),
    'audience_mismatch',
    { hint: text(/upper and lower case/) },
  ],
  [
    'an ID token for a client',
    oidc(),
    accessToken({ aud: 'spa', at_hash: 'x' }),
    'audience_mismatch',
    { hint: ID_TOKEN },
  ],
  ['an ID token', oidc(), accessToken({ nonce: 'n' }), 'claim_invalid', { claim: 'nonce', hint: ID_TOKEN }],
  [
    'an ID token by its hash',
    oidc(),
    accessToken({ at_hash: 'x' }),
    'claim_invalid',
    { claim: 'at_hash', hint: ID_TOKEN },
  ],
  ['a logout token', oidc(), accessToken({ events: {} }), 'claim_invalid', { claim: 'events' }],
  ['a refresh token', oidc(), accessToken({ typ: 'Refresh' }), 'claim_invalid', { claim: 'typ', received: 'Refresh' }],
  ['a bound token', oidc(), accessToken({ cnf: { jkt: 'x' } }), 'claim_invalid', { claim: 'cnf' }],
  [
    'a proof',
    oidc(),
    accessToken({}, { header: { typ: 'dpop+jwt' } }),
    'claim_invalid',
    { claim: 'typ', received: 'dpop+jwt' },
  ],
  [
    'an untyped access token',
    oidc({ tokenProfile: 'at+jwt' }),
    accessToken(),
    'claim_invalid',
    { claim: 'typ', expected: 'at+jwt' },
  ],
  [
    'another issuer',
    oidc(),
    accessToken({ iss: 'https://evil.example' }),
    'issuer_unknown',
    { claim: 'iss', expected: [ISSUER], received: 'https://evil.example' },
  ],
  ['an issuer with a slash', oidc(), accessToken({ iss: `${ISSUER}/` }), 'issuer_unknown', { hint: text(/slash/) }],
  [
    'an issuer over http',
    oidc(),
    accessToken({ iss: ISSUER.replace('https', 'http') }),
    'issuer_unknown',
    { hint: text(/http/) },
  ],
  [
    'another algorithm',
    oidc({ algorithms: ['ES256'] }),
    accessToken({}, { header: { alg: 'RS256' } }),
    'algorithm_not_allowed',
    { claim: 'alg', expected: ['ES256'], received: 'RS256' },
  ],
  [
    'a key id that nobody has',
    (told) => oidcBearer({ issuer: ISSUER, audience: AUDIENCE, publicKeys: [{ ...PROVIDER_JWK, kid: 'k1' }], ...told }),
    accessToken({}, { header: { kid: 'k2' } }),
    'key_not_found',
    { claim: 'kid', received: text(/^k2/) },
  ],
  [
    'another key',
    oidc(),
    accessToken({}, { key: STRANGER_KEY, header: { kid: 'k1' } }),
    'signature_invalid',
    { received: text(/ES256.*k1/) },
  ],
  [
    'a person without a name',
    oidc(),
    accessToken({ sub: undefined, email: 'a@example.com' }),
    'claim_missing',
    { claim: 'sub', hint: text(/claims\.subject/) },
  ],
  [
    'an opaque token',
    oidc(),
    'G-HMSESWae8UFLUliq7KsLe5c2mGLyp6E8r3IKCaNis',
    'token_malformed',
    { hint: text(/opaque.*introspection/) },
  ],
  [
    'an encrypted token',
    oidc(),
    `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
    'token_malformed',
    { claim: 'enc', hint: text(/encrypted/) },
  ],
  ['an extension', oidc(), accessToken({}, { header: { crit: ['x'], x: 1 } }), 'token_malformed', { claim: 'crit' }],
  [
    'a signature that was cut off',
    oidc(),
    accessToken().slice(0, -1),
    'token_malformed',
    { problem: text(/signature/) },
  ],
  [
    'an object where a text is mapped',
    oidc({ claims: { attributes: { team: '/org/team' } } }),
    accessToken({ org: { team: { secret: 'hush' } } }),
    'claim_invalid',
    { claim: '/org/team', received: 'an object' },
  ],
  [
    'a list with an object',
    oidc({ claims: { groups: ['org', 'groups'] } }),
    accessToken({ org: { groups: [{}] } }),
    'claim_invalid',
    { claim: 'org.groups' },
  ],
  ['a validator', oidc({ validators: () => false }), accessToken(), 'claim_invalid', { problem: text(/validator/) }],
  ['a revocation', oidc({ isRevoked: () => true }), accessToken(), 'token_revoked', { problem: text(/isRevoked/) }],
  ['an unknown consumer', consumer, howtoToken({ iss: 'nobody' }), 'credential_unknown', { claim: 'iss' }],
  [
    'a disabled credential',
    (told) =>
      consumerJwt({
        consumers: memoryConsumers([
          { username: 'a', credentials: [{ key: HOWTO.key, secret: HOWTO.secret, enabled: false }] },
        ]),
        ...told,
      }),
    howtoToken(),
    'credential_disabled',
    { problem: text(/disabled/) },
  ],
  [
    'another algorithm than the consumer’s',
    consumer,
    hs256({ iss: HOWTO.key, exp: inSeconds(60) }, { header: { alg: 'HS512' } }),
    'algorithm_not_allowed',
    { expected: ['HS256'], received: 'HS512' },
  ],
  [
    'a local token under another key id',
    local,
    localLookalike({}, { kid: 'k9' }),
    'key_not_found',
    { claim: 'kid', received: text(/^k9/) },
  ],
  [
    'what is no local token',
    local,
    localLookalike({}, { typ: 'JWT' }),
    'claim_invalid',
    { claim: 'typ', expected: 'local+jwt' },
  ],
];

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('what was wrong with a token is said in the error, in the event and, with exposeReason, in the answer:', () => {
  test.each(CASES)('%s', async (_what, make, token, code, detail) => {
    const { status, error, body, detail: told, text: all } = await refusal(make, { authorization: bearer(token) });
    expect([status, error.code, body.code]).toEqual([401, code, code]);
    expect(told).toMatchObject(detail);
    expect(body.detail).toBe(error.explain());
    expect(body.detail).toContain(error.reason);
    for (const said of [told.claim, told.problem, told.hint])
      if (said !== undefined) expect(body.detail).toContain(said);
    expect(all).not.toContain(token);
  });

  test('without exposeReason the answer says nothing of it', async () => {
    const method = oidcBearer(staticOptions({ exposeReason: false }));
    const { body } = await request(app(method))
      .get('/')
      .set('authorization', bearer(accessToken({ aud: 'billing' })));
    expect(body).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401, code: 'invalid_token' });
  });
});

describe('a detail never tells', () => {
  const SECRET = 'hush-hush-hush-hush';
  test.each<[what: string, make: Make, token: string]>([
    ['another claim’s value', oidc({ requiredClaims: ['exp', 'dept'] }), accessToken({ dept: '', ssn: SECRET })],
    ['a subject', oidc({ maxLifetime: 1 }), accessToken({ sub: SECRET })],
    ['what a validator refused', oidc({ validators: () => false }), accessToken({ role: SECRET })],
    ['a claim of a wrong type', oidc({ claims: { groups: 'dept' } }), accessToken({ dept: { x: SECRET } })],
    ['an object in place of a name', oidc(), accessToken({ iss: { x: SECRET } })],
    ['an object among audiences', oidc(), accessToken({ aud: [{ x: SECRET }] })],
    ['the opaque token', oidc(), SECRET],
    [
      'the key claim',
      (told) => consumerJwt({ consumers: consumersOf(HOWTO), keyClaim: 'api', ...told }),
      hs256({ api: SECRET, exp: inSeconds(60) }),
    ],
    ['a binding', oidc(), accessToken({ cnf: { jkt: SECRET } })],
  ])('%s', async (_what, make, token) => {
    expect((await refusal(make, { authorization: bearer(token) })).text).not.toContain(SECRET);
  });

  test('more than 200 characters of what a client sent, nor anything that breaks a line', async () => {
    for (const claims of [
      { iss: 'x'.repeat(5_000) },
      { aud: ['y'.repeat(3_000), 'z'] },
      { aud: Array(900).fill('w') },
    ]) {
      const { detail } = await refusal(oidc(), { authorization: bearer(accessToken(claims)) });
      expect(detail.received?.length).toBeLessThanOrEqual(200);
    }
    const { detail } = await refusal(oidc(), { authorization: bearer(accessToken({ iss: 'a\nb\u001b[31m\u2028c' })) });
    expect(detail.received).toBe('a?b?[31m?c');
  });
});

describe('a request that is not written as it must be is told what is wrong:', () => {
  const token = accessToken();
  test.each<[what: string, make: Make, headers: Record<string, string>, problem: RegExp]>([
    ['a scheme without a token', oidc(), { authorization: 'Bearer' }, /behind the scheme/],
    ['two words', oidc(), { authorization: `Bearer Bearer ${token}` }, /several words/],
    ['joined values', oidc({ tokenFrom: fromHeader('x-t') }), { 'x-t': `${token}, ${token}` }, /two values/],
    ['an alias', waf, { x_waf_jwt: token }, /_ in place of -/],
    [
      'two tokens',
      oidc({ tokenFrom: [fromHeader('x-t'), fromCookie('t')] }),
      { 'x-t': token, cookie: `t=${accessToken({ jti: '2' })}` },
      /header x-t and cookie t/,
    ],
    ['an object from a function', oidc({ tokenFrom: () => ({}) as never }), {}, /no text/],
  ])('%s', async (_what, make, headers, problem) => {
    const { status, body, detail, text: all } = await refusal(make, headers);
    expect(status).toBe(400);
    expect(detail.problem).toMatch(problem);
    expect(body.detail).toMatch(problem);
    expect(all).not.toContain(token);
  });

  test('an API key that nobody has', async () => {
    const { error, detail } = await refusal((told) => apiKey({ keys: memoryApiKeys(), ...told }), {
      'x-api-key': 'k-secret-123456',
    });
    expect([error.code, detail.problem]).toEqual(['credential_unknown', expect.stringMatching(/no such API key/)]);
  });
});
