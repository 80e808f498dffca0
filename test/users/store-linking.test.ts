import { describe, expect, test } from '@jest/globals';
import { memoryUsers, type UserStore } from '../../lib/index.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { OTHER_ISSUER, otherDoor, otherToken, type Policy, policy, staffDoor, verified } from '../helpers/people.js';

const EMAIL = 'alice@example.com';
const alice = { tenant: '', issuer: ISSUER, subject: 'alice' };

/** A store that Alice is in, with a verified address unless the profile says otherwise. */
async function withAlice(profile: object = { email: EMAIL }) {
  const store = memoryUsers();
  const create = { linkByEmail: false, create: 'active', defaultGroups: [] } as const;
  const result = await store.provision({ identity: alice, profile, ...create });
  if (result.outcome !== 'created') throw new Error('Alice was not created');
  return { store, id: result.user.id };
}

/** What becomes of a token of the other issuer: `linked`, `new`, or the code of the refusal. */
async function outcomeOf(store: UserStore, id: string, options: Policy, claims: Record<string, unknown>) {
  const { code, principal } = await present(
    otherDoor(policy({ store, linkByEmail: 'verified', ...options })),
    otherToken({ sub: 'a-1', ...claims }),
  );
  return code ?? (principal.id === id ? 'linked' : 'new');
}

describe('the order is fixed:', () => {
  test('an identity goes before an address, so a changed address changes nothing', async () => {
    const { store, id } = await withAlice();
    const bob = await present(staffDoor(policy({ store })), accessToken(verified('bob@example.com', { sub: 'bob' })));
    const again = await present(staffDoor(policy({ store })), accessToken(verified('bob@example.com')));
    expect([again.principal.id, bob.principal.id === id]).toEqual([id, false]);
  });

  test('a link goes before a registration, and needs none to be allowed', async () => {
    const { store, id } = await withAlice();
    expect(await outcomeOf(store, id, { autoRegister: false }, verified(EMAIL))).toBe('linked');
    expect((await store.find({ ...alice, issuer: OTHER_ISSUER, subject: 'a-1' }))?.id).toBe(id);
  });

  test('a linked identity is found from then on, with an address or without', async () => {
    const { store, id } = await withAlice();
    await outcomeOf(store, id, {}, verified(EMAIL));
    expect(await outcomeOf(store, id, { linkByEmail: 'never' }, {})).toBe('linked');
  });
});

describe('an address links', () => {
  test.each<[what: string, policy: Policy, claims: Record<string, unknown>, outcome: string]>([
    ['where it is verified', {}, verified(EMAIL), 'linked'],
    ['by default to no user of another issuer', { linkByEmail: undefined }, verified(EMAIL), 'account_link_required'],
    ['in whatever case it is written', {}, verified('ALICE@EXAMPLE.COM'), 'linked'],
    ['not where the token says nothing of it', {}, { email: EMAIL }, 'new'],
    ['not where the token says false', {}, { email: EMAIL, email_verified: false }, 'new'],
    ['not by the text "true"', {}, { email: EMAIL, email_verified: 'true' }, 'new'],
    ['not by the number 1', {}, { email: EMAIL, email_verified: 1 }, 'new'],
    ['not by null', {}, { email: EMAIL, email_verified: null }, 'new'],
    ['never, where that was said', { linkByEmail: 'never' }, verified(EMAIL), 'account_link_required'],
    [
      'never, nor does it let in',
      { linkByEmail: 'never', autoRegister: false },
      verified(EMAIL),
      'account_link_required',
    ],
    ['of a trusted issuer that says nothing', { linkByEmail: 'trusted' }, { email: EMAIL }, 'linked'],
    [
      'of a trusted issuer that says null',
      { linkByEmail: 'trusted' },
      { email: EMAIL, email_verified: null },
      'linked',
    ],
    ['of a trusted issuer that says true', { linkByEmail: 'trusted' }, verified(EMAIL), 'linked'],
    [
      'not of a trusted issuer that says false',
      { linkByEmail: 'trusted' },
      { email: EMAIL, email_verified: false },
      'new',
    ],
    [
      'not of a trusted issuer that says "true"',
      { linkByEmail: 'trusted' },
      { email: EMAIL, email_verified: 'true' },
      'new',
    ],
    ['not where it is no address', {}, verified(`${EMAIL},bob@example.com`), 'new'],
  ])('%s', async (_what, options, claims, outcome) => {
    const { store, id } = await withAlice();
    expect(await outcomeOf(store, id, options, claims)).toBe(outcome);
  });

  test('not to a user whose own address is unverified', async () => {
    const { store, id } = await withAlice({ unverifiedEmail: EMAIL });
    expect(await outcomeOf(store, id, {}, verified(EMAIL))).toBe('new');
  });

  test('not beside another identity of the same issuer: it was given to somebody else', async () => {
    const { store, id } = await withAlice();
    const answer = await present(staffDoor(policy({ store })), accessToken(verified(EMAIL, { sub: 'successor' })));
    expect(answer).toMatchObject({ status: 403, code: 'account_link_required' });
    expect((await store.find(alice))?.id).toBe(id);
  });

  test.each(['disabled', 'pending'] as const)('not to a user who is %s', async (status) => {
    const { store, id } = await withAlice();
    await store.setStatus(id, status);
    expect(await outcomeOf(store, id, {}, verified(EMAIL))).toBe('account_link_required');
    expect(await store.find({ ...alice, issuer: OTHER_ISSUER, subject: 'a-1' })).toBeUndefined();
  });

  test('not across tenants', async () => {
    const { store, id } = await withAlice();
    expect(await outcomeOf(store, id, { tenant: 'other' }, verified(EMAIL))).toBe('new');
  });
});

describe('two issuers that bring one verified address together', () => {
  const together = (options: Policy) => {
    const users = policy(options);
    return Promise.all([
      present(staffDoor(users), accessToken(verified(EMAIL))),
      present(otherDoor(users), otherToken(verified(EMAIL, { sub: 'a-1' }))),
    ]);
  };

  test('make one user with two identities', async () => {
    const [one, other] = await together({ linkByEmail: 'verified' });
    expect([one.status, other.status, one.principal.id]).toEqual([200, 200, other.principal.id]);
    expect([one, other].filter(({ principal }) => principal.created)).toHaveLength(1);
  });

  test('with linking off, make one user and one who is asked to link', async () => {
    const codes = (await together({ linkByEmail: 'never' })).map(({ status, code }) => code ?? status);
    expect(codes.sort()).toEqual([200, 'account_link_required']);
  });
});

describe('domains are an authorisation', () => {
  const only = (allowedDomains: string[], options: Policy = {}) => staffDoor(policy({ allowedDomains, ...options }));

  test.each<[domains: string[], email: string, welcome: boolean]>([
    [['example.com'], EMAIL, true],
    [['EXAMPLE.com'], 'alice@Example.COM', true],
    [['example.com'], 'alice@sub.example.com', false],
    [['example.com'], 'alice@evilexample.com', false],
    [['example.com'], 'alice@example.com.evil.org', false],
    [['*.example.com'], 'alice@a.b.example.com', true],
    [['*.example.com'], EMAIL, false],
    [['*.example.com'], 'alice@evilexample.com', false],
    [['*.example.com', 'example.com'], EMAIL, true],
    [['b\u00fccher.example'], 'alice@xn--bcher-kva.example', true],
    [['xn--bcher-kva.example'], 'alice@b\u00fccher.example', true],
  ])('%p: %s', async (domains, email, welcome) => {
    const { status, code } = await present(only(domains), accessToken(verified(email)));
    expect(code ?? status).toBe(welcome ? 200 : 'registration_denied');
  });

  test.each<[what: string, claims: Record<string, unknown>]>([
    ['an unverified address', { email: EMAIL }],
    ['an address that is said not to be verified', { email: EMAIL, email_verified: false }],
    ['no address', {}],
    ['two addresses in one', verified(`mallory@evil.org,${EMAIL}`)],
  ])('that %s does not have', async (_what, claims) => {
    const store = memoryUsers();
    const answer = await present(only(['example.com'], { store }), accessToken(claims));
    expect(answer).toMatchObject({ status: 403, code: 'registration_denied' });
    expect(await store.find(alice)).toBeUndefined();
  });

  test('that is asked of who is registered too, by what the token says or else the record', async () => {
    const { store } = await withAlice();
    expect((await present(only(['example.com'], { store }), accessToken())).status).toBe(200);
    expect((await present(only(['example.org'], { store }), accessToken())).code).toBe('registration_denied');
    const method = only(['example.com'], { store });
    expect((await present(method, accessToken(verified(EMAIL)))).status).toBe(200);
    expect((await present(method, accessToken(verified('alice@example.org')))).code).toBe('registration_denied');
  });
});
