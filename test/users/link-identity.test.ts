import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import {
  type AuthMethod,
  ConfigurationError,
  fromHeader,
  linkIdentity,
  memoryUsers,
  type Principal,
  principalOf,
  type UserStore,
} from '../../lib/index.js';
import { withPrincipal } from '../../lib/testing/index.js';
import { accessToken, door, ISSUER, present, STRANGER_PEM } from '../helpers/oidc-door.js';
import { OTHER_ISSUER, otherDoor, otherToken, policy, staffDoor, verified, watched } from '../helpers/people.js';
import { bearer } from '../helpers/requests.js';
import type { Middleware } from '../helpers/servers.js';
import { inSeconds } from '../helpers/tokens.js';

/** Verifies the proof, and knows no users: who it is does not matter, only that they have the token. */
const proofs = door({
  name: 'link',
  issuer: OTHER_ISSUER,
  publicKeys: STRANGER_PEM,
  tokenFrom: fromHeader('x-link-token'),
});

/** An application with a route that links what the header `x-link-token` proves. */
function linking(store: UserStore, user: Middleware = staffDoor(policy({ store })), maxAge?: number) {
  const application = express();
  application.use(user);
  application.post('/', async (req, res) => {
    const asked = { store, user: principalOf(req), proof: await proofs.authenticate(req) };
    res.json({ verdict: await linkIdentity(maxAge === undefined ? asked : { ...asked, maxAge }) });
  });
  application.use(((error, _req, res, _next) => {
    res
      .status(error.status ?? 500)
      .set(error.headers)
      .json({ code: error.code, option: error.option });
  }) satisfies express.ErrorRequestHandler);
  return async (token: string, proof?: string) => {
    const asked = request(application).post('/').set('Authorization', bearer(token));
    const { status, body, headers } = await (proof === undefined ? asked : asked.set('x-link-token', proof));
    return { status, challenge: headers['www-authenticate'], ...body };
  };
}

const idOf = async (method: AuthMethod, token: string) => (await present(method, token)).principal.id;

describe('linkIdentity', () => {
  test('ties the other token’s identity to the user, and the next request of it finds them', async () => {
    const store = memoryUsers();
    const users = policy({ store });
    const id = await idOf(staffDoor(users), accessToken());
    const link = linking(store);
    expect(await link(accessToken(), otherToken({ sub: 'a-1' }))).toMatchObject({ status: 200, verdict: 'linked' });
    expect(await idOf(otherDoor(users), otherToken({ sub: 'a-1' }))).toBe(id);
    expect(await link(accessToken(), otherToken({ sub: 'a-1' }))).toMatchObject({ status: 200, verdict: 'already' });
  });

  test('is the way out for who was told account_link_required', async () => {
    const store = memoryUsers();
    const users = policy({ store, linkByEmail: 'never' });
    const mine = verified('alice@example.com');
    const id = await idOf(staffDoor(users), accessToken(mine));
    const other = otherDoor(users);
    expect((await present(other, otherToken(mine))).code).toBe('account_link_required');
    expect((await linking(store)(accessToken(mine), otherToken(mine))).verdict).toBe('linked');
    expect(await idOf(other, otherToken(mine))).toBe(id);
  });

  test('takes no identity away from another user', async () => {
    const store = memoryUsers();
    const bob = await idOf(otherDoor(policy({ store })), otherToken({ sub: 'bob' }));
    expect((await linking(store)(accessToken(), otherToken({ sub: 'bob' }))).verdict).toBe('owned_by_other');
    expect((await store.find({ tenant: '', issuer: OTHER_ISSUER, subject: 'bob' }))?.id).toBe(bob);
  });

  test('links in the tenant of the user', async () => {
    const store = memoryUsers();
    const inAcme = staffDoor(policy({ store, tenant: 'acme' }));
    expect((await linking(store, inAcme)(accessToken(), otherToken({ sub: 'a-1' }))).verdict).toBe('linked');
    expect(await store.find({ tenant: 'acme', issuer: OTHER_ISSUER, subject: 'a-1' })).toBeDefined();
    expect(await store.find({ tenant: '', issuer: OTHER_ISSUER, subject: 'a-1' })).toBeUndefined();
  });

  test('says no_such_user of somebody whom the store does not know', async () => {
    const someone = withPrincipal({ id: 'nobody' });
    expect((await linking(memoryUsers(), someone)(accessToken(), otherToken())).verdict).toBe('no_such_user');
  });
});

describe('a proof', () => {
  const link = linking(memoryUsers());
  const stale = { status: 401, code: 'insufficient_user_authentication' };

  test('that is missing is 401', async () => {
    expect(await link(accessToken())).toMatchObject({ status: 401, code: 'credentials_missing' });
  });

  test('that does not verify is 401', async () => {
    const forged = accessToken({ iss: OTHER_ISSUER });
    expect(await link(accessToken(), forged)).toMatchObject({ status: 401, code: 'signature_invalid' });
  });

  test('is good for five minutes, and then the challenge says so', async () => {
    const issued = (seconds: number) => otherToken({ sub: 'late', iat: inSeconds(seconds) });
    expect((await link(accessToken(), issued(-290))).status).toBe(200);
    const refused = await link(accessToken(), issued(-310));
    expect(refused).toMatchObject(stale);
    expect(refused.challenge).toContain('error="insufficient_user_authentication", max_age="300"');
  });

  test('is good for as long as the application says', async () => {
    const strict = linking(memoryUsers(), undefined, 30);
    expect((await strict(accessToken(), otherToken({ iat: inSeconds(-20) }))).status).toBe(200);
    expect(await strict(accessToken(), otherToken({ iat: inSeconds(-40) }))).toMatchObject(stale);
  });

  test('that does not say when it was issued is refused', async () => {
    expect(await link(accessToken(), otherToken({ iat: undefined }))).toMatchObject(stale);
  });

  test.each<[what: string, claims: Record<string, unknown>]>([
    ['a client', { sub: 'batch', client_id: 'batch' }],
    ['nobody', { sub: '', azp: 'batch' }],
  ])('that speaks for %s is 401', async (_what, claims) => {
    expect(await link(accessToken(), otherToken(claims))).toMatchObject({ status: 401, code: 'claim_missing' });
  });
});

describe('nothing that was built by hand passes:', () => {
  /** What an auth method makes out of a good token. */
  async function verifiedPrincipal(): Promise<Principal> {
    const req = new IncomingMessage(new Socket());
    req.headers = { 'x-link-token': otherToken() };
    req.rawHeaders = Object.entries(req.headers).flat() as string[];
    const principal = await proofs.authenticate(req);
    if (principal === undefined) throw new Error('the token was not found');
    return principal;
  }

  const copies: [what: string, copy: (principal: Principal) => Principal][] = [
    ['a copy', (principal) => ({ ...principal })],
    ['a deserialised principal', (principal) => JSON.parse(JSON.stringify(principal)) as Principal],
    ['one with the victim’s subject', (principal) => ({ ...principal, subject: 'victim' })],
    ['one that inherits', (principal) => Object.create(principal) as Principal],
  ];
  test.each(copies)('%s', async (_what, copy) => {
    const store = watched();
    const user = { ...(await verifiedPrincipal()), id: 'u-1' };
    const linked = linkIdentity({ store, user, proof: copy(await verifiedPrincipal()) });
    await expect(linked).rejects.toMatchObject({ name: 'ConfigurationError', option: 'linkIdentity.proof' });
    expect(store.link).not.toHaveBeenCalled();
  });

  test('while the principal itself does', async () => {
    const store = watched();
    const proof = await verifiedPrincipal();
    expect(await linkIdentity({ store, user: { ...proof, id: 'u-1' }, proof })).toBe('no_such_user');
  });
});

describe('who asks', () => {
  test('must be a person: a client is 403', async () => {
    const client = accessToken({ sub: 'batch', client_id: 'batch' });
    expect(await linking(memoryUsers())(client, otherToken())).toMatchObject({
      status: 403,
      code: 'user_not_registered',
    });
  });

  test('must have a user of a store: where none is plugged in, the application is told', async () => {
    expect(await linking(memoryUsers(), door())(accessToken(), otherToken())).toMatchObject({
      status: 500,
      option: 'linkIdentity.user',
    });
  });

  test('hears of an outage as 503', async () => {
    const store = watched();
    store.link.mockRejectedValue(new Error('down'));
    expect(await linking(store)(accessToken(), otherToken())).toMatchObject({
      status: 503,
      code: 'provisioning_unavailable',
    });
  });
});

test.each<[option: string, options: object]>([
  ['linkIdentity.store', { store: {} }],
  ['linkIdentity.maxAge', { store: memoryUsers(), maxAge: 0 }],
  ['linkIdentity.maxAge', { store: memoryUsers(), maxAge: 3601 }],
  ['linkIdentity.current', { store: memoryUsers(), current: undefined }],
])('refuses a wrong %s', async (option, options) => {
  const refused = linkIdentity({ user: undefined, proof: undefined, ...options } as never);
  await expect(refused).rejects.toBeInstanceOf(ConfigurationError);
  await expect(refused).rejects.toMatchObject({ option });
});

test('what is cached of an identity is forgotten when it is linked or taken away', async () => {
  const store = memoryUsers();
  const users = policy({ store });
  const doors = [staffDoor(users), otherDoor(users)] as const;
  const id = await idOf(doors[0], accessToken());
  await linking(store)(accessToken(), otherToken({ sub: 'a-1' }));
  expect(await idOf(doors[1], otherToken({ sub: 'a-1' }))).toBe(id);
  await store.unlink(id, { tenant: '', issuer: OTHER_ISSUER, subject: 'a-1' });
  expect((await present(doors[1], otherToken({ sub: 'a-1' }))).code).toBe('registration_denied');
  await store.unlink(id, { tenant: '', issuer: ISSUER, subject: 'alice' });
  expect((await present(doors[0], accessToken())).code).toBe('registration_denied');
});
