import { describe, expect, test } from '@jest/globals';
import express from 'express';
import express4 from 'express4';
import request from 'supertest';
import {
  type AuthEvent,
  type BindingIdentity,
  consumerJwt,
  type LocalTokenMethod,
  type LoginRouterOptions,
  memoryUsers,
  oidcBearer,
} from '../../../lib/index.js';
import { howtoConsumers } from '../../helpers/consumers.js';
import { SERVERS } from '../../helpers/every-server.js';
import { local, partOf } from '../../helpers/local.js';
import { accessToken, door, STRANGER_KEY, staticOptions, verdict } from '../../helpers/oidc-door.js';
import { bearer } from '../../helpers/requests.js';
import { app, type Middleware } from '../../helpers/servers.js';
import { howtoToken, inSeconds } from '../../helpers/tokens.js';
import { WAF_HEADER, wafDoor } from '../../helpers/waf.js';

const oidc = () => door({ name: 'oidc' });

/** An application with the router of a method in front. */
function appOf(method: LocalTokenMethod, options: Partial<LoginRouterOptions> = {}, ...before: Middleware[]) {
  return app(...before, method.loginRouter({ methods: [oidc()], ...options }) as Middleware);
}

const login = (listener: ReturnType<typeof app>, body: object | string, type = 'application/json') =>
  request(listener)
    .post('/login')
    .set('Content-Type', type)
    .send(typeof body === 'string' ? body : JSON.stringify(body));

const GOOD = () => ({ method: 'oidc', token: accessToken() });

describe('POST /login', () => {
  test('takes a method and a token, and answers with a local token', async () => {
    const method = local();
    const answer = await login(appOf(method), GOOD());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(Object.keys(answer.body)).toEqual(['token', 'expiresAt']);
    expect(new Date(answer.body.expiresAt).getTime() / 1000).toBe(partOf(answer.body.token, 1).exp);
    expect(await verdict(method, answer.body.token)).toBe(200);
  });

  test('never answers with more life than the token had', async () => {
    const exp = inSeconds(90);
    const { body } = await login(appOf(local()), { method: 'oidc', token: accessToken({ exp }) });
    expect(body.expiresAt).toBe(new Date(exp * 1000).toISOString());
  });

  test('swaps nothing for a token that ended within the tolerance', async () => {
    const answer = await login(appOf(local()), { method: 'oidc', token: accessToken({ exp: inSeconds(-10) }) });
    expect(answer.body).toMatchObject({ status: 401, code: 'token_expired' });
  });

  test.each(SERVERS)('works under %s', async (_name, make) => {
    const method = local();
    const listener = make(method.loginRouter({ methods: [oidc()] }) as Middleware);
    expect((await login(listener, GOOD())).status).toBe(200);
  });

  test.each([
    ['Express 5', express.json()],
    ['Express 4', express4.json()],
  ])('works behind express.json of %s as well', async (_name, json) => {
    const listener = appOf(local(), {}, json as unknown as Middleware);
    expect((await login(listener, GOOD())).status).toBe(200);
    expect((await login(listener, { method: 'oidc' })).status).toBe(400);
  });

  test.each([
    ['Express 5', express.urlencoded({ extended: false })],
    ['Express 4, which leaves an empty object', express4.urlencoded({ extended: false })],
    ['Express 4, for another kind of text', express4.text()],
  ])('works behind a parser that has left the body alone, %s', async (_name, parser) => {
    const listener = appOf(local(), {}, parser as unknown as Middleware);
    expect((await login(listener, GOOD())).status).toBe(200);
    expect((await login(listener, {})).body).toMatchObject({ status: 400, code: 'request_malformed' });
  });

  test.each([
    ['Express 5', express.json()],
    ['Express 4', express4.json()],
  ])('refuses an empty object behind express.json of %s', async (_name, json) => {
    const answer = await login(appOf(local(), {}, json as unknown as Middleware), {});
    expect(answer.body).toMatchObject({ status: 400, code: 'request_malformed' });
  });

  test('takes the headers of its methods off what it hands on', async () => {
    const methods = [wafDoor({ name: 'waf', siblings: ['x-waf-user'] })];
    const router = local().loginRouter({ methods }) as Middleware;
    const headers = { [WAF_HEADER]: accessToken(), 'X-WAF-User': 'admin', x_waf_user: 'admin' };
    const passed = await request(app(router)).get('/').set(headers);
    expect(JSON.stringify(passed.body.headers)).not.toMatch(/waf/i);
    expect((await request(app(router, wafDoor())).get('/').set(WAF_HEADER, accessToken())).status).toBe(200);
  });

  test('works under a path, and with a query', async () => {
    const application = express();
    application.use('/auth', local().loginRouter({ methods: [oidc()] }) as never);
    const answer = await request(application).post('/auth/login?next=/').send(GOOD());
    expect(answer.status).toBe(200);
  });

  test('chooses among methods by name', async () => {
    const methods = [oidc(), consumerJwt({ consumers: howtoConsumers() })];
    const listener = appOf(local(), { methods });
    const consumer = await login(listener, { method: 'consumerJwt', token: howtoToken() });
    expect(partOf(consumer.body.token, 1).principal).toMatchObject({ type: 'consumer', username: 'jsmith' });
    expect((await login(listener, { method: 'oidc', token: howtoToken() })).status).toBe(401);
    expect((await login(listener, { method: 'consumerJwt', token: accessToken() })).status).toBe(401);
  });

  test.each<[string, object | string, string]>([
    ['another method', { method: 'ldap', token: accessToken() }, 'application/json'],
    ['a method of the prototype', { method: 'constructor', token: accessToken() }, 'application/json'],
    ['no method', { token: accessToken() }, 'application/json'],
    ['a method that is no text', { method: ['oidc'], token: accessToken() }, 'application/json'],
    ['no token', { method: 'oidc' }, 'application/json'],
    ['a token that is no text', { method: 'oidc', token: { $ne: '' } }, 'application/json'],
    ['a list', [GOOD()], 'application/json'],
    ['null', 'null', 'application/json'],
    ['a text', '"x"', 'application/json'],
    ['half a body', '{"method":"oidc"', 'application/json'],
    ['no body', '', 'application/json'],
    ['a form', `method=oidc&token=${accessToken()}`, 'application/x-www-form-urlencoded'],
    ['JSON that says it is text, as a form of another site can send', JSON.stringify(GOOD()), 'text/plain'],
    ['a body that is too large', { ...GOOD(), more: 'x'.repeat(70_000) }, 'application/json'],
  ])('refuses %s with 400', async (_title, body, type) => {
    const answer = await login(appOf(local()), body, type);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'request_malformed' });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('refuses a form even where the application parses forms', async () => {
    const listener = appOf(local(), {}, express.urlencoded({ extended: false }) as unknown as Middleware);
    const answer = await login(listener, `method=oidc&token=${accessToken()}`, 'application/x-www-form-urlencoded');
    expect(answer.status).toBe(400);
  });

  test.each<[string, string, string]>([
    ['a forged token', accessToken({}, { key: STRANGER_KEY }), 'signature_invalid'],
    ['an expired token', accessToken({ exp: inSeconds(-300) }), 'token_expired'],
    ['a token of somebody else', accessToken({ iss: 'https://elsewhere.example.com' }), 'issuer_unknown'],
    ['garbage', 'garbage', 'token_malformed'],
    ['an empty token', '', 'token_malformed'],
    ['a token that is too large', 'a'.repeat(20_000), 'token_too_large'],
  ])('refuses %s with 401, and the reason only where it is exposed', async (_title, token, code) => {
    const exposed = await login(appOf(local()), { method: 'oidc', token });
    expect(exposed.body).toMatchObject({ status: 401, code });
    expect(exposed.headers['www-authenticate']).toBe('Bearer realm="api", error="invalid_token"');
    const quiet = await login(appOf(local({ exposeReason: false })), { method: 'oidc', token });
    expect(quiet.body).toMatchObject({ status: 401, code: 'invalid_token' });
  });

  test('answers as the local method answers', async () => {
    const answered = appOf(local({ respond: (error, _req, res) => res.writeHead(418).end(error.code) }));
    const answer = await login(answered, { method: 'oidc', token: 'x' });
    expect([answer.status, answer.text]).toEqual([418, 'token_malformed']);
    const realm = await login(appOf(local({ realm: 'office' })), { method: 'oidc', token: 'x' });
    expect(realm.headers['www-authenticate']).toContain('realm="office"');
  });

  test('leaves other paths and other verbs to the application', async () => {
    const listener = appOf(local());
    for (const path of ['/', '/login/', '/login/x', '/Login', '//login', '/toString']) {
      expect((await request(listener).post(path).send(GOOD())).body).toHaveProperty('principal', null);
    }
    expect((await request(listener).get('/login')).body).toHaveProperty('principal', null);
    expect((await request(listener).put('/login').send(GOOD())).body).toHaveProperty('principal', null);
  });

  test('tells the method’s listeners who came, and who was refused', async () => {
    const events: AuthEvent[] = [];
    const methods = [door({ name: 'oidc', onEvent: (event) => events.push(event) })];
    const listener = appOf(local(), { methods });
    await login(listener, GOOD());
    await login(listener, { method: 'oidc', token: 'garbage' });
    expect(events).toMatchObject([
      { type: 'accepted', method: 'oidc', principalType: 'user' },
      { type: 'refused', method: 'oidc', code: 'token_malformed' },
    ]);
  });

  test('says 503 while a key server is down', async () => {
    const down = oidcBearer(staticOptions({ name: 'oidc', publicKeys: undefined, jwksUri: 'http://127.0.0.1:1/' }));
    const answer = await login(appOf(local(), { methods: [down] }), GOOD());
    expect(answer.body).toMatchObject({ status: 503, code: 'keys_unavailable' });
    await down.close();
  });
});

describe('people who log in', () => {
  const users = () => ({ store: memoryUsers(), autoRegister: true as const });
  const person = (claims = {}) => accessToken({ email: 'ann@example.com', email_verified: true, ...claims });

  test('are registered at their first login, and the local token speaks for the user', async () => {
    const listener = appOf(local(), { methods: [door({ name: 'oidc', users: users() })] });
    const [first, again] = [
      await login(listener, { method: 'oidc', token: person() }),
      await login(listener, { method: 'oidc', token: person({ jti: 'another' }) }),
    ];
    expect(partOf(first.body.token, 1).sub).toMatch(/^(?!https:).+/);
    expect(partOf(again.body.token, 1).sub).toBe(partOf(first.body.token, 1).sub);
  });

  test.each([
    ['unknown, where nobody registers by himself', { store: memoryUsers() }, 'user_not_registered'],
    ['refused by the application', async () => null, 'user_not_registered'],
  ])('get 403 and no token where they are %s', async (_title, policy, code) => {
    const answer = await login(appOf(local(), { methods: [door({ name: 'oidc', users: policy as never })] }), {
      method: 'oidc',
      token: person(),
    });
    expect(answer.body).toEqual({ type: 'about:blank', title: 'Forbidden', status: 403, code });
  });
});

describe('role bindings', () => {
  const methods = () => [door({ name: 'oidc', claims: { attributes: { team: 'team' }, lists: { groups: 'groups' } } })];
  const rolesFor = async (roleBindings: LoginRouterOptions['roleBindings'], claims: object) => {
    const method = local();
    const options = { methods: methods(), ...(roleBindings === undefined ? {} : { roleBindings }) };
    const { status, body } = await login(appOf(method, options), {
      method: 'oidc',
      token: accessToken({ ...claims }),
    });
    return status === 200 ? (partOf(body.token, 1).principal as { roles: string[] }).roles : `${status} ${body.code}`;
  };

  test('all apply that match', async () => {
    const bindings = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Consul's own syntax
      { when: 'value.team == "blue"', role: 'team-${value.team}' },
      { when: '"ops" in list.groups', role: 'operator' },
      { when: ({ claims }: BindingIdentity) => claims.level === 3, role: 'senior' },
    ];
    expect(await rolesFor(bindings, { team: 'blue', groups: ['ops'] })).toEqual(['team-blue', 'operator']);
    expect(await rolesFor(bindings, { level: 3 })).toEqual(['senior']);
  });

  test('give nobody a token whom none matches', async () => {
    const bindings = [{ when: 'value.team == "blue"', role: 'blue' }];
    expect(await rolesFor(bindings, { team: 'red' })).toBe('403 insufficient_role');
    expect(await rolesFor(bindings, {})).toBe('403 insufficient_role');
    expect(await rolesFor(bindings, { team: 'red', roles: ['admin'] })).toBe('403 insufficient_role');
    expect(await rolesFor([], { team: 'blue' })).toBe('403 insufficient_role');
  });

  test('are not needed', async () => {
    expect(await rolesFor(undefined, { roles: ['reader'] })).toEqual(['reader']);
  });

  test('are carried in the token to the guards', async () => {
    const method = local();
    const options = { methods: methods(), roleBindings: [{ role: 'everybody' }] };
    const { body } = await login(appOf(method, options), GOOD());
    const answer = await request(app(method)).get('/').set('Authorization', bearer(body.token));
    expect(answer.body.principal.roles).toEqual(['everybody']);
  });
});

describe('POST /logout', () => {
  const logout = (listener: ReturnType<typeof app>, token?: string) => {
    const sent = request(listener).post('/logout');
    return token === undefined ? sent : sent.set('Authorization', bearer(token));
  };

  test('revokes the token that it comes with, and only that', async () => {
    const method = local();
    const listener = appOf(method);
    const [first, second] = [(await login(listener, GOOD())).body.token, (await login(listener, GOOD())).body.token];
    const answer = await logout(listener, first);
    expect([answer.status, answer.body]).toEqual([200, { loggedOut: true }]);
    expect(await verdict(method, first)).toBe('token_revoked');
    expect(await verdict(method, second)).toBe(200);
  });

  test.each([
    ['without a token', undefined, { status: 401, code: 'credentials_missing' }],
    ['with a token of somebody else', accessToken(), { status: 401, code: 'credential_unknown' }],
    ['with garbage', 'garbage', { status: 401, code: 'credential_unknown' }],
  ])('refuses a request %s', async (_title, token, expected) => {
    expect((await logout(appOf(local()), token)).body).toMatchObject(expected);
  });
});

describe('loginRouter refuses at creation', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /loginRouter/],
    ['no methods', {}, /loginRouter\.methods/],
    ['an empty list of methods', { methods: [] }, /loginRouter\.methods/],
    ['something else for a method', { methods: [() => undefined] }, /methods\[0\]/],
    ['two methods of one name', { methods: [door({ name: 'a' }), door({ name: 'a' })] }, /has a name twice/],
    ['a role binding that is none', { methods: [door()], roleBindings: [{ when: 'x ==', role: 'a' }] }, /roleBindings/],
    ['an unknown option', { methods: [door()], bindings: [] }, /bindings/],
  ])('%s', (_title, options, message) => {
    expect(() => local().loginRouter(options as LoginRouterOptions)).toThrow(message);
  });
});
