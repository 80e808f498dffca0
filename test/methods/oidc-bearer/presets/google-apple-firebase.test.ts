import { describe, expect, test } from '@jest/globals';
import { memoryUsers } from '../../../../lib/index.js';
import { promise } from '../../../helpers/oidc-provider-promises.js';

const google = promise('google', {
  person: {
    id: 'https://accounts.google.com|110169484474386276334',
    email: 'ann@example.com',
    emailVerified: true,
  },
  program: { id: '104029292853099978293', email: 'robot@acme.iam.gserviceaccount.com' },
  keys: 'https://www.googleapis.com/oauth2/v3/certs',
  wrong: [
    ['no client', { clientIds: [] }, /google\.clientIds.*empty list/],
    ['a client that is not set', { clientIds: [''] }, /google\.clientIds.*environment variable/],
    ['an address for the domain', { hostedDomain: 'https://acme.com' }, /google\.hostedDomain.*write "acme\.com"/],
    ['an e-mail for the domain', { hostedDomain: 'ann@acme.com' }, /google\.hostedDomain/],
  ],
});

describe('Google', () => {
  test('takes either spelling of the issuer for one person, and every client of the application', async () => {
    const { principal } = await google.ask(google.simulator.token({ iss: 'accounts.google.com' }));
    expect(principal?.id).toBe('https://accounts.google.com|110169484474386276334');
    const aud = '123-android.apps.googleusercontent.com';
    expect((await google.ask(google.simulator.token({ aud }))).verdict).toBe('200');
  });

  test('asks for the Workspace domain where one is named', async () => {
    const options = { hostedDomain: 'acme.com' };
    expect((await google.ask(google.simulator.token({ hd: 'acme.com' }), options)).verdict).toBe('200');
    for (const hd of ['evil.com', undefined]) {
      const { verdict, hint } = await google.ask(google.simulator.token({ hd }), options);
      expect([verdict, hint]).toEqual(['401 claim_invalid', expect.stringMatching(/domains/)]);
    }
  });

  test('says that access tokens are opaque', async () => {
    expect(await google.ask('ya29.a0AfH6SMB')).toMatchObject({
      verdict: '401 token_malformed',
      hint: expect.stringMatching(/ya29.*ID token/),
    });
  });
});

const apple = promise('apple', {
  person: {
    id: 'https://appleid.apple.com|001473.fe6f83bf4b8e4590aacbabdcb8598bd0.2039',
    emailVerified: true,
    attributes: { is_private_email: 'true' },
  },
  keys: 'https://appleid.apple.com/auth/keys',
  wrong: [['no client', { clientIds: [] }, /apple\.clientIds.*empty list/]],
});

describe('Apple', () => {
  test.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
  ])('reads email_verified %j as %j', async (given, verified) => {
    const { principal } = await apple.ask(apple.simulator.token({ email_verified: given, is_private_email: given }));
    expect(principal).toMatchObject({ emailVerified: verified, attributes: { is_private_email: String(given) } });
  });
});

const firebase = promise('firebase', {
  person: { id: 'https://securetoken.google.com/acme-app|uid-ann', email: 'ann@example.com', emailVerified: true },
  keys: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
  wrong: [
    [
      'an issuer for the project',
      { projectId: 'https://securetoken.google.com/acme-app' },
      /firebase\.projectId.*address/,
    ],
    ['something else than true', { sessionCookies: 'yes' }, /firebase\.sessionCookies.*true or false/],
  ],
});

describe('Firebase', () => {
  const cookie = () => firebase.simulator.token({ iss: 'https://session.firebase.google.com/acme-app' });

  test('takes session cookies only where they are wanted, for the same person', async () => {
    const { principal } = await firebase.ask(cookie(), { sessionCookies: true });
    expect(principal?.id).toBe('https://securetoken.google.com/acme-app|uid-ann');
    const { verdict, hint } = await firebase.ask(cookie());
    expect([verdict, hint]).toEqual(['401 issuer_unknown', expect.stringMatching(/sessionCookies: true/)]);
  });

  test.each([
    ['whose user is another than its subject', { user_id: 'uid-bob' }, '401 claim_invalid'],
    ['without a time of sign-in', { auth_time: undefined }, '401 claim_missing'],
    ['whose sign-in lies ahead', { auth_time: 4_102_444_800 }, '401 claim_invalid'],
    ['whose sign-in is a text', { auth_time: 'now' }, '401 claim_invalid'],
    ['without a subject', { sub: undefined, user_id: undefined }, '401 claim_missing'],
    ['of another project', { iss: 'https://securetoken.google.com/other' }, '401 issuer_unknown'],
  ])('refuses a token %s', async (_title, claims, verdict) => {
    expect((await firebase.ask(firebase.simulator.token(claims))).verdict).toBe(verdict);
  });

  test('never registers who signed in anonymously', async () => {
    const claims = { firebase: { identities: {}, sign_in_provider: 'anonymous' }, email: undefined };
    const { verdict, principal } = await firebase.register(firebase.simulator.token(claims));
    expect([verdict, principal?.type, principal?.user]).toEqual(['200', 'client', undefined]);
    const store = memoryUsers();
    await firebase.ask(firebase.simulator.token(claims), { users: { store, autoRegister: true } });
    expect(
      await store.find({ tenant: '', issuer: 'https://securetoken.google.com/acme-app', subject: 'uid-ann' }),
    ).toBeUndefined();
  });

  test('names the unsigned tokens of the emulator, and those of App Check', async () => {
    const unsigned = await firebase.ask(firebase.simulator.token({}, { header: { alg: 'none' } }));
    expect(unsigned).toMatchObject({ verdict: '401 algorithm_not_allowed', hint: expect.stringMatching(/emulator/) });
    const check = await firebase.ask(firebase.simulator.token({ iss: 'https://firebaseappcheck.googleapis.com/1' }));
    expect(check).toMatchObject({ verdict: '401 issuer_unknown', hint: expect.stringMatching(/App Check/) });
  });
});
