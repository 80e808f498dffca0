import { describe, expect, test } from '@jest/globals';
import {
  active,
  asking,
  CLIENT,
  introspectionEndpoint,
  opaqueToken,
  type Said,
  type Wishes,
} from '../../helpers/introspection-endpoint.js';
import {
  accessToken,
  ISSUER,
  PROVIDER_KEY,
  present,
  type Signing,
  STRANGER_KEY,
  verdict,
} from '../../helpers/oidc-door.js';
import { signed } from '../../helpers/signing.js';
import { hs256, inSeconds } from '../../helpers/tokens.js';

const endpoint = await introspectionEndpoint();
const TYPE = { 'content-type': 'application/token-introspection+jwt' };
const UNAVAILABLE = '503 introspection_unavailable';
const inside = (members: Record<string, unknown> = {}) => active(members).body;

/** An answer as RFC 9701 section 5 writes it. */
function signedAnswer(
  claims: Record<string, unknown> = {},
  { header = {}, algorithm = 'ES256', key = PROVIDER_KEY }: Signing = {},
): Said {
  const standard = { iss: ISSUER, aud: CLIENT.id, iat: inSeconds(0), token_introspection: inside() };
  const typed = { typ: 'token-introspection+jwt', ...header };
  return { headers: TYPE, body: signed(algorithm, key, { ...standard, ...claims }, typed) };
}

async function verdictOn(said: Said, options?: Wishes): Promise<200 | string> {
  endpoint.answers(said);
  return verdict(asking(endpoint, options), opaqueToken());
}
const SIGNED: Wishes = { introspection: { signed: true } };

describe('a signed answer', () => {
  test('is asked for, and says who the token speaks for', async () => {
    endpoint.answers(signedAnswer({ token_introspection: inside({ sub: 'alice', scope: 'read' }) }));
    const { principal } = await present(asking(endpoint, SIGNED), opaqueToken());
    expect(principal).toMatchObject({ subject: 'alice', scopes: ['read'], credential: { kind: 'opaque' } });
    expect(endpoint.asked.at(-1)?.headers.accept).toBe('application/token-introspection+jwt');
  });

  test('may be larger than a token may be', async () => {
    const groups = Array.from({ length: 500 }, (_, index) => `a-group-with-a-rather-long-name-for-a-group-${index}`);
    endpoint.answers(signedAnswer({ token_introspection: inside({ groups }) }));
    const { principal } = await present(asking(endpoint, SIGNED), opaqueToken());
    expect(principal.groups).toHaveLength(500);
  });

  test('counts where it was not asked for, too, and is verified all the same', async () => {
    expect(await verdictOn(signedAnswer())).toBe(200);
    expect(await verdictOn(signedAnswer({}, { key: STRANGER_KEY }))).toBe(UNAVAILABLE);
  });

  test('that says no is a no', async () => {
    expect(await verdictOn(signedAnswer({ token_introspection: { active: false } }), SIGNED)).toBe('token_revoked');
  });

  test('is for several of us, with application/ in its type and in capitals', async () => {
    const header = { typ: 'application/Token-Introspection+JWT' };
    expect(await verdictOn(signedAnswer({ aud: ['another', CLIENT.id] }, { header }), SIGNED)).toBe(200);
  });

  test('is held to the claims inside, not outside', async () => {
    const ended = { token_introspection: inside({ exp: inSeconds(-90) }) };
    expect(await verdictOn(signedAnswer(ended), SIGNED)).toBe('token_expired');
    const foreign = { token_introspection: inside({ iss: 'https://other.example.com' }) };
    expect(await verdictOn(signedAnswer(foreign), SIGNED)).toBe('issuer_unknown');
    const outside = { token_introspection: { active: true }, sub: 'alice', exp: inSeconds(300) };
    endpoint.answers(signedAnswer(outside));
    const { principal } = await present(asking(endpoint, { ...SIGNED, audience: null }), opaqueToken());
    expect(principal).toMatchObject({ type: 'client', claims: { iss: ISSUER } });
    expect(principal.claims).not.toHaveProperty('sub');
  });
});

describe('is no answer, and nobody’s fault but ours,', () => {
  const claims = { iss: ISSUER, aud: CLIENT.id, iat: inSeconds(0), token_introspection: inside() };
  const typ = 'token-introspection+jwt';
  const unsigned = `${Buffer.from(JSON.stringify({ alg: 'none', typ })).toString('base64url')}.${Buffer.from(
    JSON.stringify(claims),
  ).toString('base64url')}.`;
  test.each<[what: string, said: Said]>([
    ['an unsigned one', active()],
    ['an unsigned no', { body: { active: false } }],
    ['one without a signature', { headers: TYPE, body: unsigned }],
    [
      'one with the secret for a key',
      { headers: TYPE, body: hs256(claims, { secret: CLIENT.secret, header: { typ } }) },
    ],
    ['one that a stranger signed', signedAnswer({}, { key: STRANGER_KEY })],
    ['one of another issuer', signedAnswer({ iss: 'https://other.example.com' })],
    ['one without an issuer', signedAnswer({ iss: undefined })],
    ['one for another client', signedAnswer({ aud: 'another-api' })],
    ['one for nobody', signedAnswer({ aud: undefined })],
    ['one of yesterday', signedAnswer({ iat: inSeconds(-86_400) })],
    ['one that is older than the question', signedAnswer({ iat: inSeconds(-70) })],
    ['one of tomorrow', signedAnswer({ iat: inSeconds(86_400) })],
    ['one of an unknown time', signedAnswer({ iat: undefined })],
    ['one of a time that is none', signedAnswer({ iat: 'now' })],
    [
      'an access token in its place',
      { headers: TYPE, body: accessToken({ aud: CLIENT.id, token_introspection: inside() }) },
    ],
    ['one that is typed as an access token', signedAnswer({}, { header: { typ: 'at+jwt' } })],
    ['one that is not typed', signedAnswer({}, { header: { typ: undefined } })],
    ['one with a critical extension', signedAnswer({}, { header: { crit: ['x'], x: 1 } })],
    ['one that says nothing', signedAnswer({ token_introspection: undefined })],
    ['one that says something in a text', signedAnswer({ token_introspection: JSON.stringify(inside()) })],
    ['one that does not say whether', signedAnswer({ token_introspection: { sub: 'alice' } })],
    ['an encrypted one', { headers: TYPE, body: 'a.b.c.d.e' }],
    ['garbage', { headers: TYPE, body: 'garbage' }],
    ['nothing', { headers: TYPE, body: '' }],
  ])('%s', async (_what, said) => {
    expect(await verdictOn(said, SIGNED)).toBe(UNAVAILABLE);
  });

  test('one of an algorithm that the issuer may not use', async () => {
    expect(await verdictOn(signedAnswer(), { ...SIGNED, algorithms: ['ES256'] })).toBe(200);
    const rsaOnly = asking(endpoint, { ...SIGNED, algorithms: ['RS256'], publicKeys: await rsaPem() });
    expect(await verdict(rsaOnly, opaqueToken())).toBe(UNAVAILABLE);
  });
});

async function rsaPem(): Promise<string> {
  const { generateKeyPairSync } = await import('node:crypto');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

test('an answer that the issuer signed is no access token', async () => {
  const body = String(signedAnswer({ aud: 'https://api.example.com', sub: 'alice', exp: inSeconds(300) }).body);
  expect(await verdict(asking(endpoint), body)).toBe('claim_invalid');
});
