import { describe, expect, jest, test } from '@jest/globals';
import { memoryUsers, type UserIdentity } from '../../lib/index.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { accessToken, ISSUER, present } from '../helpers/oidc-door.js';
import { ask, askAtOnce, policy, staffDoor, verified, watched } from '../helpers/people.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const alice = { tenant: '', issuer: ISSUER, subject: 'alice' };

describe('somebody unknown', () => {
  test('is refused by default: 403 user_not_registered without a challenge, and nobody is registered', async () => {
    const store = memoryUsers();
    const answer = await ask(staffDoor({ store }), accessToken(verified('alice@example.com')));
    expect([answer.status, answer.code, answer.headers['www-authenticate']]).toEqual([
      403,
      'user_not_registered',
      undefined,
    ]);
    expect(await store.find(alice)).toBeUndefined();
  });

  test('is registered where that is on, and created says so once', async () => {
    const method = staffDoor(policy());
    const token = accessToken(verified('Alice@Example.com', { name: 'Alice', preferred_username: 'al' }));
    const [first, second] = [await present(method, token), await present(method, token)];
    expect(first.principal).toMatchObject({
      type: 'user',
      id: expect.stringMatching(UUID),
      issuer: ISSUER,
      subject: 'alice',
      created: true,
      user: { username: 'al', name: 'Alice', email: 'alice@example.com' },
    });
    expect(second.principal).toEqual({ ...first.principal, created: false });
  });

  test('is registered once, however many requests bring them first', async () => {
    const method = staffDoor(policy());
    const answers = await askAtOnce(
      method,
      Array.from({ length: 100 }, (_, jti) => accessToken({ jti: `t-${jti}` })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ principal }) => principal.id)).size).toBe(1);
    expect(answers.filter(({ principal }) => principal.created === true)).toHaveLength(1);
  });

  test('is registered once, whichever of two doors on one store they come through', async () => {
    const store = memoryUsers();
    const doors = [staffDoor(policy({ store })), staffDoor(policy({ store }))];
    const answers = await Promise.all(
      doors.flatMap((door) => [present(door, accessToken()), present(door, accessToken())]),
    );
    expect(answers.filter(({ principal }) => principal.created === true)).toHaveLength(1);
    expect(new Set(answers.map(({ principal }) => principal.id)).size).toBe(1);
  });

  test('waits for approval where they are registered as pending, and comes in once approved', async () => {
    const store = memoryUsers();
    const method = staffDoor({ store, autoRegister: 'pending' });
    expect(await present(method, accessToken())).toMatchObject({ status: 403, code: 'user_pending' });
    expect(await present(method, accessToken())).toMatchObject({ status: 403, code: 'user_pending' });
    const { id = '' } = (await store.find(alice)) ?? {};
    await store.setStatus(id, 'active');
    expect((await present(method, accessToken())).principal).toMatchObject({ id, created: false });
  });

  test('is registered if a function of the application says true, or pending, and nothing else', async () => {
    const answers: Record<string, unknown> = {
      yes: true,
      wait: 'pending',
      no: false,
      one: 1,
      text: 'true',
      none: undefined,
    };
    const autoRegister = jest.fn(async ({ subject }: UserIdentity) => answers[subject] as boolean);
    const method = staffDoor(policy({ autoRegister }));
    const seen = await Promise.all(
      Object.keys(answers).map(async (sub) => (await present(method, accessToken({ sub }))).code ?? 'in'),
    );
    expect(seen).toEqual(['in', 'user_pending', ...Array(4).fill('user_not_registered')]);
    await present(method, accessToken({ sub: 'yes', jti: '2' }));
    expect(autoRegister).toHaveBeenCalledTimes(6);
  });

  test('is registered by nobody where that function fails: 503', async () => {
    const store = watched();
    const method = staffDoor({ store, autoRegister: () => Promise.reject(new Error('down')) });
    expect(await present(method, accessToken())).toMatchObject({ status: 503, code: 'provisioning_unavailable' });
    expect(store.provision).not.toHaveBeenCalled();
  });

  test('gets the default groups, which become those of the principal', async () => {
    const method = staffDoor(policy({ defaultGroups: ['staff', 'readers'] }));
    const { principal } = await present(method, accessToken({ groups: ['admins'] }));
    expect([...principal.groups].sort()).toEqual(['readers', 'staff']);
  });
});

describe('a service token', () => {
  test.each<[what: string, claims: Record<string, unknown>, id: string]>([
    ['with an empty subject', { sub: '', azp: 'batch' }, 'batch'],
    ['of a client that is its own subject', { sub: 'batch', client_id: 'batch' }, 'batch'],
    ['with an empty subject and no client', { sub: '' }, `${ISSUER}|`],
  ])('%s is a client and registers nobody', async (_what, claims, id) => {
    const store = watched();
    const { status, principal } = await present(staffDoor(policy({ store })), accessToken(claims));
    expect({ status, ...principal }).toMatchObject({ status: 200, type: 'client', id });
    expect(principal).not.toHaveProperty('user');
    expect(principal).not.toHaveProperty('created');
    expect(store.find).not.toHaveBeenCalled();
    expect(store.provision).not.toHaveBeenCalled();
  });
});

describe('somebody who was taken away', () => {
  test('does not come back with a live token', async () => {
    const store = memoryUsers();
    const method = staffDoor(policy({ store }));
    const { principal } = await present(method, accessToken());
    expect(await store.unlink(principal.id, alice)).toBe(true);
    expect(await present(method, accessToken())).toMatchObject({ status: 403, code: 'registration_denied' });
    expect(await store.find(alice)).toBeUndefined();
  });
});

describe('registrations are limited:', () => {
  const claimsOf = (sub: string) => accessToken({ sub });

  test('beyond the limit 429 with Retry-After, and who is registered comes in all the same', async () => {
    fakeClock();
    const method = staffDoor(policy({ registrationLimit: { perMinute: 2 } }));
    expect((await present(method, claimsOf('a'))).status).toBe(200);
    expect((await present(method, claimsOf('b'))).status).toBe(200);
    const { status, code, headers } = await ask(method, claimsOf('c'));
    expect([status, code, headers['www-authenticate']]).toEqual([429, 'registration_rate_limited', undefined]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(25);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(30);
    expect((await present(method, claimsOf('a'))).status).toBe(200);
  });

  test('who is linked or was registered elsewhere takes nobody’s place', async () => {
    const store = memoryUsers();
    const full = staffDoor(policy({ store, linkByEmail: 'verified', registrationLimit: { perMinute: 1 } }));
    await present(full, claimsOf('first'));
    expect((await present(full, claimsOf('second'))).status).toBe(429);
    const email = 'bob@example.com';
    const elsewhere = { tenant: '', issuer: 'https://hr.example.com', subject: 'b' };
    const create = { profile: { email }, linkByEmail: false, create: 'active', defaultGroups: [] } as const;
    await store.provision({ identity: elsewhere, ...create });
    expect((await present(full, accessToken(verified(email, { sub: 'bob' })))).status).toBe(200);
  });

  test('who may not register takes no place either', async () => {
    const method = staffDoor(
      policy({ registrationLimit: { perMinute: 1 }, autoRegister: ({ subject }) => subject === 'yes' }),
    );
    for (const sub of ['no', 'neither']) expect(await present(method, claimsOf(sub))).toMatchObject({ status: 403 });
    expect((await present(method, claimsOf('yes'))).status).toBe(200);
  });

  test('a place comes back in time, and where the store failed at once', async () => {
    const store = watched();
    store.provision.mockRejectedValueOnce(new Error('down'));
    const method = staffDoor(policy({ store, registrationLimit: { perMinute: 0.5 } }));
    expect((await present(method, claimsOf('a'))).status).toBe(503);
    expect((await present(method, claimsOf('a'))).status).toBe(200);
    expect((await present(method, claimsOf('b'))).status).toBe(429);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now + 121_000);
    expect((await present(method, claimsOf('b'))).status).toBe(200);
    clock.mockRestore();
  });
});
