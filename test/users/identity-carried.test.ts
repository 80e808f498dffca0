import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthMethod,
  consumerJwt,
  jwtAuth,
  type Principal,
  type UserIdentity,
  type UserStore,
  type UsersCallback,
  type UsersOption,
} from '../../lib/index.js';
import { fromConduktor, fromConsul, fromKong, fromZitadel } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { authMethod, corpToken } from '../helpers/consul.js';
import { howtoConsumers } from '../helpers/front-door.js';
import { basic, grantMethod, tokenServer } from '../helpers/grants.js';
import { active, asking, introspectionEndpoint, opaqueToken } from '../helpers/introspection-endpoint.js';
import { local } from '../helpers/local.js';
import { accessToken, door, ISSUER } from '../helpers/oidc-door.js';
import { policy, watched } from '../helpers/people.js';
import { bearer } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { Browser, signInApp } from '../helpers/sign-in.js';
import { howtoToken } from '../helpers/tokens.js';
import { WAF_HEADER, wafDoor } from '../helpers/waf.js';
import { jwtProvider, ZITADEL_HEADER } from '../helpers/zitadel.js';

const provider = await tokenServer();
const endpoint = await introspectionEndpoint();
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

type Person = Pick<UserIdentity, 'issuer' | 'subject'>;

/** A users callback, and whom it was asked about. */
function asked() {
  const people: Person[] = [];
  const users: UsersCallback = ({ issuer, subject }) => {
    people.push({ issuer, subject });
    return { id: `user of ${subject}` };
  };
  return { people, users };
}

const ALICE: Person = { issuer: ISSUER, subject: 'alice' };

/** Sends one header, twice; the user is on both principals. */
async function send(method: AuthMethod, name: string, value: string): Promise<Principal> {
  const server = app(method);
  await request(server).get('/').set(name, value);
  const { status, body } = await request(server).get('/').set(name, value);
  expect({ status, code: body.code }).toEqual({ status: 200, code: undefined });
  return body.principal;
}

const behind = (users: UsersOption, ...methods: AuthMethod[]) => jwtAuth({ methods, users, exposeReason: true });

describe('the person whom a token names reaches the users', () => {
  test('of jwtAuth', async () => {
    const { people, users } = asked();
    const { user } = await send(behind(users, door()), 'Authorization', bearer(accessToken()));
    expect([people, user]).toEqual([[ALICE], { id: 'user of alice' }]);
  });

  test('of a store as of a callback', async () => {
    const store = watched();
    await send(behind(policy({ store: store as UserStore }), door()), 'Authorization', bearer(accessToken()));
    expect(store.provision.mock.calls.map(([{ identity }]) => identity)).toMatchObject([ALICE]);
  });

  test.each(['its own', 'of verify', 'of jwtAuth'])('of basicGrant: %s', async (whose) => {
    const { people, users } = asked();
    const verify = whose === 'of verify' ? door({ users }) : door();
    const method = grantMethod(provider, { verify, ...(whose === 'its own' ? { users } : {}) });
    const entry = whose === 'of jwtAuth' ? behind(users, method) : method;
    const { user, method: name, credential } = await send(entry, 'Authorization', basic('id', 'a secret'));
    expect([people, user]).toEqual([[ALICE], { id: 'user of alice' }]);
    expect([name, credential.kind]).toEqual(['basicGrant', 'basic']);
  });

  test('of consumerJwt, vouched for by the consumer', async () => {
    const { people, users } = asked();
    const method = consumerJwt({ consumers: howtoConsumers(), claims: { subject: 'sub' }, users });
    const { consumer } = await send(method, 'Authorization', bearer(howtoToken({ sub: 'ann' })));
    expect(people).toEqual([{ issuer: `consumer:${consumer?.id}`, subject: 'ann' }]);
  });

  test('of a method that introspects', async () => {
    endpoint.answers(active());
    const { people, users } = asked();
    await send(behind(users, asking(endpoint)), 'Authorization', bearer(opaqueToken()));
    expect(people).toEqual([ALICE]);
  });

  test('of wafToken', async () => {
    const { people, users } = asked();
    await send(wafDoor({ users }), WAF_HEADER, accessToken());
    expect(people).toEqual([ALICE]);
  });

  test('before loginRouter binds roles', async () => {
    const { people, users } = asked();
    const router = local().loginRouter({ methods: [door({ users })], roleBindings: [{ role: 'member' }] });
    const login = request(app(router as Middleware)).post('/login');
    const { status } = await login.send({ method: 'oidcBearer', token: accessToken() });
    expect([status, people]).toEqual([200, [ALICE]]);
  });

  test('through a sign-in', async () => {
    const { people, users } = asked();
    await new Browser(signInApp({ method: wafDoor({ users }), maxAge: 60 })).signIn(accessToken());
    expect(people).toEqual([ALICE]);
  });
});

describe('and after a move', () => {
  const someone = (): Person => ({ issuer: issuer.url, subject: 'test-user' });

  test.each([
    ['as themselves', {}, 'user'],
    ['as the consumer that a claim names', { consumer_claim: ['preferred_username'] }, 'consumer'],
  ])('from Kong’s openid-connect, %s', async (_title, mapping, type) => {
    const { people, users } = asked();
    const config = { issuer: issuer.url, auth_methods: ['bearer'], ...mapping };
    const { methods } = await fromKong({
      consumers: [{ username: 'jane' }],
      plugins: [{ name: 'openid-connect', config }],
    });
    const token = await issuer.mint({ preferred_username: 'jane' });
    const principal = await send(behind(users, ...methods), 'Authorization', bearer(token));
    expect([people, principal.type, principal.user]).toEqual([[someone()], type, { id: 'user of test-user' }]);
  });

  test('from Consul', async () => {
    const { people, users } = asked();
    const { methods } = await fromConsul(authMethod());
    await send(behind(users, ...methods), 'Authorization', bearer(corpToken()));
    expect(people).toEqual([{ issuer: 'corp-issuer', subject: 'ann' }]);
  });

  test('from Conduktor', async () => {
    const { people, users } = asked();
    const { methods } = await fromConduktor({ sso: { 'jwt-auth': { issuer: issuer.url } } }, { users });
    const token = await issuer.mint({ email: 'ann@example.com', apikey: 'a key' });
    await send(behind(users, ...methods), 'Authorization', bearer(token));
    expect(people).toEqual([someone()]);
  });

  test('from ZITADEL', async () => {
    const { people, users } = asked();
    const { methods } = await fromZitadel(jwtProvider(issuer));
    await send(behind(users, ...methods), ZITADEL_HEADER, await issuer.mint());
    expect(people).toEqual([someone()]);
  });
});

test('nobody is asked about a program, whatever it is called', async () => {
  const { people, users } = asked();
  const token = accessToken({ sub: 'reports', client_id: 'reports' });
  const { type } = await send(behind(users, door()), 'Authorization', bearer(token));
  expect([type, people]).toEqual(['client', []]);
});
