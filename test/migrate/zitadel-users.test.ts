import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { memoryUsers } from '../../lib/index.js';
import { type FromZitadelOptions, fromZitadel } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { jwtProvider, presentToZitadel } from '../helpers/zitadel.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

const ANN = { sub: 'ann', email: 'ann@example.com', email_verified: true, name: 'Ann' };
const CREATING = { isCreationAllowed: true, isAutoCreation: true };

async function signIn(options: object, users: FromZitadelOptions['users'], claims: Record<string, unknown> = ANN) {
  const config = jwtProvider(issuer, { providerOptions: options });
  const { status, code, principal } = await presentToZitadel(config, await issuer.mint(claims), {
    ...(users === undefined ? {} : { users }),
  });
  return status === 200 ? principal : `${status} ${code}`;
}

/** A store in which Ann is known already, by another sign-in. */
async function storeWithAnn(claims: Record<string, unknown> = ANN) {
  const store = memoryUsers();
  const config = jwtProvider(issuer, { issuer: 'https://elsewhere.example', providerOptions: CREATING });
  await presentToZitadel(config, await issuer.mint({ ...claims, iss: 'https://elsewhere.example' }), { users: store });
  return store;
}

const warningsOf = async (providerOptions: object, users?: FromZitadelOptions['users']) => {
  const options = { audience: null, ...(users === undefined ? {} : { users }) };
  return (await fromZitadel(jwtProvider(issuer, { providerOptions }), options)).warnings.join('\n');
};

describe('isAutoCreation', () => {
  test.each<[how: string, options: object]>([
    ['on', CREATING],
    ['on in the words of Terraform', { is_creation_allowed: 'true', is_auto_creation: 'true' }],
    ['on under its old name', { autoRegister: true }],
    ['on although creation by hand is not allowed, as in ZITADEL', { isAutoCreation: true }],
  ])('%s: unknown people are registered, once', async (_how, options) => {
    const store = memoryUsers();
    expect(await signIn(options, store)).toMatchObject({ created: true, user: { email: 'ann@example.com' } });
    expect(await signIn(options, store)).toMatchObject({ created: false });
  });

  test.each<[how: string, options: object]>([
    ['off', {}],
    ['off, with creation by hand allowed', { isCreationAllowed: true }],
    ['off aloud', { isCreationAllowed: true, isAutoCreation: false, isLinkingAllowed: true }],
  ])('%s: unknown people are refused', async (_how, options) => {
    expect(await signIn(options, memoryUsers())).toBe('403 user_not_registered');
  });
});

describe('autoLinking', () => {
  test.each([['AUTO_LINKING_OPTION_EMAIL'], ['email'], [2]])('%j: ties a verified e-mail to its user', async (how) => {
    const store = await storeWithAnn();
    const principal = await signIn({ isLinkingAllowed: true, autoLinking: how }, store);
    expect(principal).toMatchObject({ created: false, user: { email: 'ann@example.com' } });
  });

  test.each<[what: string, claims: object]>([
    ['an unverified e-mail', { email_verified: false }],
    ['an e-mail that says nothing', { email_verified: undefined }],
  ])('never by %s', async (_what, claims) => {
    const linking = { isLinkingAllowed: true, autoLinking: 'AUTO_LINKING_OPTION_EMAIL' };
    expect(await signIn(linking, await storeWithAnn(), { ...ANN, ...claims })).toBe('403 user_not_registered');
  });

  test.each([['AUTO_LINKING_OPTION_UNSPECIFIED'], ['AUTO_LINKING_OPTION_USERNAME'], [1], [undefined]])(
    '%j: links nobody',
    async (autoLinking) => {
      const store = await storeWithAnn({ ...ANN, preferred_username: 'ann' });
      const claims = { ...ANN, preferred_username: 'ann' };
      expect(await signIn({ isLinkingAllowed: true, autoLinking }, store, claims)).toMatch(/^403 /);
    },
  );
});

describe('isAutoUpdate', () => {
  test.each([
    [true, 'Ann Smith'],
    [false, 'Ann'],
  ])('%j: the name is %j after it has changed at the WAF', async (isAutoUpdate, name) => {
    const store = memoryUsers();
    const options = { ...CREATING, isAutoUpdate };
    await signIn(options, store, { ...ANN, iat: Math.floor(Date.now() / 1000) - 60 });
    expect(await signIn(options, store, { ...ANN, name: 'Ann Smith' })).toMatchObject({ user: { name } });
  });
});

describe('people', () => {
  test('may come with a policy, which wins over the switches', async () => {
    const users = { store: memoryUsers(), autoRegister: 'pending', allowedDomains: ['example.com'] } as const;
    expect(await signIn(CREATING, users)).toBe('403 user_pending');
    const stranger = { sub: 'eve', email: 'eve@elsewhere.example', email_verified: true };
    expect(await signIn(CREATING, users, stranger)).toBe('403 registration_denied');
  });

  test.each([
    ['a function', (callback: () => object) => callback],
    ['an object', (callback: () => object) => ({ callback, timeout: 1 })],
  ])('may be the application’s own, as %s, which decides alone', async (_form, form) => {
    expect(
      await signIn(
        {},
        form(() => ({ id: 'u1' })),
      ),
    ).toMatchObject({ user: { id: 'u1' } });
    expect(
      await warningsOf(
        {},
        form(() => ({})),
      ),
    ).toContain('left to the callback');
  });

  test('are nobody where none were given, which a warning says', async () => {
    expect(await signIn(CREATING, undefined)).toMatchObject({ id: `${issuer.url}|ann` });
    expect(await warningsOf(CREATING)).toContain('No users were given');
  });
});

describe('warns of a switch that means something else here:', () => {
  test.each<[options: object, warning: string]>([
    [{ isAutoCreation: true }, 'isAutoCreation counts although isCreationAllowed is off'],
    [{ isCreationAllowed: true }, 'isCreationAllowed without isAutoCreation'],
    [{ isLinkingAllowed: true }, 'isLinkingAllowed without autoLinking'],
    [{ isLinkingAllowed: true, autoLinking: 'AUTO_LINKING_OPTION_USERNAME' }, 'autoLinking by username'],
    [CREATING, 'A verified e-mail belongs to one user here'],
  ])('%j', async (options, warning) => {
    expect(await warningsOf(options, memoryUsers())).toContain(warning);
  });

  test('and of none where all of them mean the same', async () => {
    const options = {
      ...CREATING,
      isLinkingAllowed: true,
      isAutoUpdate: true,
      autoLinking: 'AUTO_LINKING_OPTION_EMAIL',
    };
    expect(await warningsOf(options, memoryUsers())).toBe('');
  });
});
