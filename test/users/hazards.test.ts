import { describe, expect, jest, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import {
  ConfigurationError,
  memoryUsers,
  principalOf,
  type UserIdentity,
  type UsersCallback,
} from '../../lib/index.js';
import { accessToken, ISSUER, present, STRANGER_KEY, STRANGER_PEM } from '../helpers/oidc-door.js';
import {
  ask,
  askAtOnce,
  OTHER_ISSUER,
  otherDoor,
  otherToken,
  type Policy,
  policy,
  staffDoor,
  verified,
  watched,
} from '../helpers/people.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { inSeconds } from '../helpers/tokens.js';

/** Incidents in other products, each with the rule that would have prevented it. */
const VICTIM = 'victim@example.com';

/** A victim who is registered with a verified address, and what becomes of an attacker at another issuer. */
async function attack(claims: Record<string, unknown>, options: Policy = {}) {
  const store = memoryUsers();
  const victim = await present(
    staffDoor(policy({ store })),
    accessToken(verified(VICTIM, { sub: 'victim', preferred_username: 'victim' })),
  );
  const answer = await present(otherDoor(policy({ store, ...options })), otherToken({ sub: 'mallory', ...claims }));
  return { store, victim: victim.principal, isVictim: answer.principal?.id === victim.principal.id, ...answer };
}

describe('an address proves nothing unless somebody who may says so', () => {
  test('H1 nOAuth: an address that any tenant can write into its directory is nobody’s', async () => {
    expect(await attack({ email: VICTIM })).toMatchObject({ isVictim: false, principal: { created: true } });
    expect(() =>
      staffDoor(policy({ linkByEmail: 'trusted' }), { issuer: 'https://i.example/{tenantid}', tenants: ['a'] }),
    ).toThrow(ConfigurationError);
  });

  test('H2 look-up by e-mail: an address in a token finds no one', async () => {
    for (const email_verified of [undefined, null, 'true', 1, false])
      expect(await attack({ email: VICTIM, email_verified })).toMatchObject({ isVictim: false });
  });

  test('H3 one column for two things: a name that is somebody’s address, or their name, is only a name', async () => {
    for (const preferred_username of [VICTIM, 'victim'])
      expect(await attack(verified('mallory@evil.org', { preferred_username, name: VICTIM }))).toMatchObject({
        isVictim: false,
      });
  });

  test('H5 another organisation’s issuer: a verified address does not cross tenants', async () => {
    expect(await attack(verified(VICTIM), { tenant: 'evil' })).toMatchObject({
      isVictim: false,
      principal: { created: true },
    });
  });

  test('H6 pre-hijacking: who took the address first, unverified, neither gets nor blocks who owns it', async () => {
    const users = policy();
    const squatter = await present(otherDoor(users), otherToken({ sub: 'mallory', email: VICTIM }));
    const owner = await present(staffDoor(users), accessToken(verified(VICTIM, { sub: 'victim' })));
    expect(owner.principal).toMatchObject({ created: true, user: { email: VICTIM } });
    expect(owner.principal.id).not.toBe(squatter.principal.id);
    const again = await present(otherDoor(users), otherToken({ sub: 'mallory', email: VICTIM }));
    expect(again.principal.id).toBe(squatter.principal.id);
  });

  test('H9 unverified single sign-on: what the token does not say is not asked of anybody else', async () => {
    expect(await attack({ email: VICTIM }, { autoRegister: false })).toMatchObject({ code: 'user_not_registered' });
  });

  test('H10 pre-occupation: an identity that somebody else linked first is theirs only if they had its token', async () => {
    const { store, victim } = await attack({});
    const identity = { tenant: '', issuer: OTHER_ISSUER, subject: 'mallory' };
    expect(await store.link(victim.id, identity)).toBe('owned_by_other');
  });

  test('H11 recycled address: its new owner at the same issuer is not its old one', async () => {
    const users = policy();
    const old = await present(staffDoor(users), accessToken(verified(VICTIM)));
    const successor = accessToken(verified(VICTIM, { sub: 'successor' }));
    expect(await present(staffDoor(users), successor)).toMatchObject({ status: 403, code: 'account_link_required' });
    expect((await present(staffDoor(users), accessToken())).principal.id).toBe(old.principal.id);
  });

  test('H12 recycled domain: the right domain lets in, and makes nobody somebody', async () => {
    const users = policy({ allowedDomains: ['example.com'] });
    await present(staffDoor(users), accessToken(verified(VICTIM)));
    const recreated = accessToken(verified(VICTIM, { sub: 'new-mailbox', hd: 'example.com' }));
    expect(await present(staffDoor(users), recreated)).toMatchObject({ code: 'account_link_required' });
  });

  test.each([
    `mallory@evil.org,${VICTIM}`,
    'victim\uff20example.com',
    `"${VICTIM}"@evil.org`,
    'v\u0131ctim@example.com',
    `${VICTIM}\n`,
  ])('H13 read otherwise than checked: %j is neither linked nor let in by its domain', async (email) => {
    expect(await attack(verified(email))).toMatchObject({ isVictim: false, status: 200 });
    expect(await attack(verified(email), { allowedDomains: ['example.com'] })).toMatchObject({
      code: 'registration_denied',
    });
  });
});

describe('an identity is (issuer, subject), and comes out of a verified token', () => {
  test('H4 external ids: a subject that is somebody’s user id is a subject', async () => {
    const users = policy();
    const victim = await present(staffDoor(users), accessToken());
    const mallory = await present(staffDoor(users), accessToken({ sub: victim.principal.id }));
    expect(mallory.principal).toMatchObject({ created: true });
    expect(mallory.principal.id).not.toBe(victim.principal.id);
  });

  test('H7 fields from the client: nothing beside the token says who it is', async () => {
    const seen = jest.fn<UsersCallback>(async ({ subject }) => ({ id: subject }));
    const { body } = await request(app(staffDoor(seen)))
      .post('/?sub=victim&issuer=x&user=victim')
      .set('Authorization', bearer(accessToken({ sub: 'mallory' })))
      .set({ 'X-User-Id': 'victim', 'X-Forwarded-User': 'victim', 'X-Auth-Subject': 'victim' })
      .send({ sub: 'victim', user: { id: 'victim' } });
    expect(body.principal.id).toBe('mallory');
    expect(seen.mock.calls[0]?.[0]).toMatchObject({ issuer: ISSUER, subject: 'mallory' });
  });

  test('H7 checked against one issuer, used with another: the user is that of the key that verified', async () => {
    const users = policy();
    await present(staffDoor(users), accessToken());
    expect(await present(otherDoor(users), accessToken({}, { key: STRANGER_KEY }))).toMatchObject({
      code: 'issuer_unknown',
    });
    expect(await present(staffDoor(users), accessToken({}, { key: STRANGER_KEY }))).toMatchObject({ status: 401 });
    const strange = staffDoor(users, { issuer: `${ISSUER}/`, publicKeys: STRANGER_PEM });
    const { principal } = await present(strange, accessToken({ iss: `${ISSUER}/` }, { key: STRANGER_KEY }));
    expect(principal.created).toBe(true);
  });

  test.each([undefined, ''])('H8 no subject: %s is nobody, and not one somebody for all', async (sub) => {
    const store = watched();
    const answer = await present(staffDoor(policy({ store })), accessToken(verified(VICTIM, { sub })));
    expect(answer).toMatchObject({ status: 401, code: 'claim_missing' });
    expect(store.find).not.toHaveBeenCalled();
  });

  test.each([null, 0, 42, true, {}, ['victim']])(
    'H8 a subject that is no text: %j is 401 before any store is asked',
    async (sub) => {
      const store = watched();
      expect(await present(staffDoor(policy({ store })), accessToken({ sub }))).toMatchObject({
        status: 401,
        code: 'claim_invalid',
      });
      expect(store.find).not.toHaveBeenCalled();
    },
  );

  test('H14 a cache that confuses people: nobody gets another one’s rights, in whatever order they come', async () => {
    const users = policy({ groups: { mode: 'mirror' } });
    const method = staffDoor(users);
    const people = ['a', 'a|', 'A', 'a ', 'aa'];
    for (const round of [1, 2]) {
      const seen = await Promise.all(people.map((sub) => present(method, accessToken({ sub, groups: [`of-${sub}`] }))));
      expect([round, seen.map(({ principal }) => principal.groups)]).toEqual([
        round,
        people.map((sub) => [`of-${sub}`]),
      ]);
    }
  });

  test('H14 a shared context: what a handler does to its principal reaches no other request', async () => {
    const application = express();
    application.use(staffDoor(policy({ defaultGroups: ['staff'] })));
    application.use((req, res) => {
      const { groups } = principalOf(req);
      expect(() => (groups as string[]).push('admins')).toThrow(TypeError);
      res.json(groups);
    });
    for (const _ of [1, 2])
      expect((await request(application).get('/').set('Authorization', bearer(accessToken()))).body).toEqual(['staff']);
  });
});

describe('groups', () => {
  const mirror = { mode: 'mirror' } as const;

  test('H15 wiped: a token without the claim takes nothing away', async () => {
    const method = staffDoor(policy({ groups: mirror }));
    await present(method, accessToken({ groups: ['ops'], iat: inSeconds(-9) }));
    expect((await present(method, accessToken({ iat: inSeconds(-3) }))).principal.groups).toEqual(['ops']);
  });

  test('H16 kept: an empty claim takes away, an absent one where that was said, and a malformed one lets nobody in', async () => {
    const users = policy({ groups: { ...mirror, absent: 'clear' } });
    const method = staffDoor(users, { claims: { groups: 'groups' } });
    const groups = async (claims: object) => {
      const { code, principal } = await present(method, accessToken({ ...claims }));
      return code ?? principal.groups;
    };
    expect(await groups({ groups: ['admins'], iat: inSeconds(-9) })).toEqual(['admins']);
    expect(await groups({ groups: { admins: true }, iat: inSeconds(-8) })).toBe('claim_invalid');
    expect(await groups({ iat: inSeconds(-7) })).toEqual([]);
    expect(await groups({ groups: ['admins'], iat: inSeconds(-6) })).toEqual(['admins']);
    expect(await groups({ groups: [], iat: inSeconds(-5) })).toEqual([]);
  });
});

describe('registering', () => {
  test('H17 first-login stampede: many requests at once make one user, and no error', async () => {
    const answers = await askAtOnce(staffDoor(policy()), Array(60).fill(accessToken()));
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200));
    expect(new Set(answers.map(({ principal }) => principal.id)).size).toBe(1);
    expect(answers.filter(({ principal }) => principal.created)).toHaveLength(1);
  });

  test('H18 half a registration: there is one call that registers, so none can fail after another', async () => {
    const store = watched();
    store.provision.mockRejectedValueOnce(new Error('down'));
    const method = staffDoor(policy({ store }));
    expect((await present(method, accessToken())).status).toBe(503);
    expect((await present(method, accessToken())).principal.created).toBe(true);
    expect([store.provision.mock.calls.length, store.link.mock.calls.length]).toEqual([2, 0]);
  });

  test('H19 blind recovery: who loses a race for an address is not tied to who won it', async () => {
    const users = policy({ linkByEmail: 'never' });
    const answers = await Promise.all([
      present(staffDoor(users), accessToken(verified(VICTIM))),
      present(otherDoor(users), otherToken(verified(VICTIM))),
    ]);
    expect(answers.map(({ code }) => code).filter((code) => code !== undefined)).toEqual(['account_link_required']);
  });

  test('H20 a swallowed error: an outage is never “nobody”, and registers nobody', async () => {
    const store = watched();
    const method = staffDoor(policy({ store }));
    store.find.mockRejectedValueOnce(new Error('down'));
    expect((await present(method, accessToken())).status).toBe(503);
    expect(store.provision).not.toHaveBeenCalled();
  });
});

describe('the application’s code', () => {
  test('H21 open on a wrong configuration: whatever is thrown, nobody gets in', async () => {
    for (const thrown of [new ConfigurationError('db', 'is not set'), 'a text', undefined, null, { status: 200 }]) {
      const { status, code } = await ask(
        staffDoor(() => Promise.reject(thrown)),
        accessToken(),
      );
      expect([status, code]).toEqual([503, 'provisioning_unavailable']);
    }
  });

  test('H22 arity: a callback may have defaults, rest parameters, or none', async () => {
    const callbacks: UsersCallback[] = [
      () => ({ id: 'none' }),
      (...given) => ({ id: `rest-${given.length}` }),
      (identity = {} as UserIdentity, { reason } = { reason: 'refresh' } as never) => ({
        id: `${identity.subject}-${reason}`,
      }),
    ];
    const ids = await Promise.all(
      callbacks.map(async (callback) => (await present(staffDoor(callback), accessToken())).principal.id),
    );
    expect(ids).toEqual(['none', 'rest-2', 'alice-first-seen']);
  });

  test('H22 saved too late: nobody is in before the callback has settled', async () => {
    let saved = false;
    const method = staffDoor(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      saved = true;
      throw new Error('could not save');
    });
    expect([(await present(method, accessToken())).status, saved]).toEqual([503, true]);
  });

  test('H23 boundaries: issuer and subject that are cut elsewhere are somebody else', async () => {
    const users = policy();
    const cut = (issuer: string, sub: string) =>
      present(staffDoor(users, { issuer, name: issuer }), accessToken({ iss: issuer, sub }));
    const answers = [
      await cut('urn:a', 'bc'),
      await cut('urn:ab', 'c'),
      await cut('urn:a|b', 'c'),
      await cut('urn:a', 'b|c'),
    ];
    expect(answers.map(({ principal }) => principal.created)).toEqual([true, true, true, true]);
  });
});
