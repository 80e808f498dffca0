import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { jwtIdp, localToken, memoryRevocations, memoryUsers, type UserStore } from '../../lib/index.js';
import { accessToken, ISSUER } from '../helpers/oidc-door.js';
import { policy, staffDoor } from '../helpers/people.js';
import { app, type Middleware } from '../helpers/servers.js';
import { Browser, HOME, idpOptions } from '../helpers/sign-in.js';
import { wafDoor } from '../helpers/waf.js';

const SECRET = 'another secret of thirty-two bytes, at least';
const KEYS = [{ kid: '1', algorithm: 'HS256', secret: SECRET }] as const;

/** Somebody who signed in, and what the application answers to their session. */
interface SignedIn {
  readonly store: UserStore;
  readonly revocations: ReturnType<typeof memoryRevocations>;
  readonly code: () => Promise<string | number>;
}

/** Signs in at `POST /login`, with a provider's token. */
async function byLoginRouter(): Promise<SignedIn> {
  const store = memoryUsers();
  const revocations = memoryRevocations();
  const local = localToken({ keys: KEYS, issuer: 'app', exposeReason: true, revocations });
  const methods = [staffDoor(policy({ store }), { name: 'oidc' })];
  const listener = app(local.loginRouter({ methods }) as Middleware, local);
  const { body } = await request(listener)
    .post('/login')
    .send({ method: 'oidc', token: accessToken({ sid: 's-1' }) });
  const code = async () => {
    const answer = await request(listener).get('/').set('Authorization', `Bearer ${body.token}`);
    return answer.body.code ?? answer.status;
  };
  return { store, revocations, code };
}

/** Signs in with a browser behind the WAF. */
async function byJwtIdp(): Promise<SignedIn> {
  const store = memoryUsers();
  const revocations = memoryRevocations();
  const session = localToken({
    keys: KEYS,
    issuer: 'https://app.example.com',
    cookie: true,
    exposeReason: true,
    revocations,
  });
  const method = wafDoor({ users: policy({ store }) });
  const browser = new Browser(app(jwtIdp(idpOptions({ method, session })), session));
  await browser.signIn(accessToken({ sid: 's-1' }), { returnTo: HOME });
  const code = async () => {
    const page = await browser.get('/');
    return page.code ?? page.status;
  };
  return { store, revocations, code };
}

describe.each([
  ['loginRouter', byLoginRouter],
  ['jwtIdp', byJwtIdp],
])('a session that %s issued', (_name, signIn) => {
  test('ends when its person is disabled, and works again when they are enabled', async () => {
    const { store, code } = await signIn();
    expect(await code()).toBe(200);
    const found = await store.find({ tenant: '', issuer: ISSUER, subject: 'alice' });
    await store.setStatus(String(found?.id), 'disabled');
    expect(await code()).toBe('user_disabled');
    await store.setStatus(String(found?.id), 'active');
    expect(await code()).toBe(200);
  });

  test('ends when its person loses the identity that signed in', async () => {
    const { store, code } = await signIn();
    const identity = { tenant: '', issuer: ISSUER, subject: 'alice' };
    const found = await store.find(identity);
    await store.unlink(String(found?.id), identity);
    expect(await code()).toBe('user_not_registered');
  });

  test('ends with the session at the provider, and with that of the whole subject', async () => {
    const one = await signIn();
    await one.revocations.revokeSession({ issuer: ISSUER, sid: 's-2' });
    expect(await one.code()).toBe(200);
    await one.revocations.revokeSession({ issuer: ISSUER, sid: 's-1' });
    expect(await one.code()).toBe('token_revoked');
    const another = await signIn();
    await another.revocations.revokeSubject({ issuer: ISSUER, subject: 'alice' });
    expect(await another.code()).toBe('token_revoked');
  });
});
