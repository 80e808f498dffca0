import { afterAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import {
  type AuthEvent,
  type BasicGrantOptions,
  basicGrant,
  consumerJwt,
  jwtAuth,
  memoryUsers,
  oidcBearer,
  requirePrincipal,
  requireScopes,
} from '../../../lib/index.js';
import { testIssuer } from '../../../lib/testing/index.js';
import { SERVERS } from '../../helpers/every-server.js';
import { howtoConsumers } from '../../helpers/front-door.js';
import { basic, knock, outcomeOf } from '../../helpers/grants.js';
import { given } from '../../helpers/loose.js';
import { bearer, showLeftovers } from '../../helpers/requests.js';
import { app, showPrincipal } from '../../helpers/servers.js';
import { HOWTO, hs256, inSeconds } from '../../helpers/tokens.js';

const REPORTS = { id: 'reports', secret: 'a secret of the reports' };
const GATEWAY = { id: 'gateway', secret: 'a secret of the gateway' };
const ALEX = { username: 'alex', password: 'doe', claims: { email: 'alex@example.com', email_verified: true } };
const issuer = await testIssuer({ clients: [REPORTS, GATEWAY], users: [ALEX] });
afterAll(() => issuer.close());

const oidc = () => oidcBearer({ issuer: issuer.url, audience: issuer.audience });
const method = (options: Partial<BasicGrantOptions> = {}) =>
  basicGrant(given({ issuer: issuer.url, verify: oidc(), exposeReason: true, ...options }));
const program = basic(REPORTS.id, REPORTS.secret);
const person = basic(ALEX.username, ALEX.password);
const BASIC_CHALLENGE = 'Basic realm="api", charset="UTF-8"';

describe.each(SERVERS)('in %s', (_name, make) => {
  test('a program gets in by its id and secret, and nobody else does', async () => {
    const listener = make(method());
    expect((await knock(listener, program)).body.principal).toMatchObject({ type: 'client', id: REPORTS.id });
    expect(await outcomeOf(listener, basic(REPORTS.id, 'another secret'))).toBe('401 exchange_rejected');
    expect(await outcomeOf(listener, basic('nobody', REPORTS.secret))).toBe('401 exchange_rejected');
    expect(await outcomeOf(listener)).toBe('401 credentials_missing');
  });
});

describe('the principal', () => {
  test('is the one that verify gives, under the name of this method and with the kind basic', async () => {
    const { principal } = (await knock(method({ scopes: ['things:read', 'things:write'] }), program)).body;
    expect(principal).toMatchObject({
      type: 'client',
      id: REPORTS.id,
      method: 'basicGrant',
      issuer: issuer.url,
      subject: REPORTS.id,
      scopes: ['things:read', 'things:write'],
      credential: { kind: 'basic', id: expect.any(String), expiresAt: expect.any(String) },
      claims: { aud: issuer.audience, iss: issuer.url },
    });
  });

  test('is frozen, and from the second request of a pair on the same', async () => {
    const grant = method({ name: 'programs' });
    const req = { headers: { authorization: program } } as never;
    const first = await grant.authenticate(req);
    expect(first).toMatchObject({ method: 'programs', type: 'client' });
    expect(Object.isFrozen(first?.credential)).toBe(true);
    const second = await grant.authenticate(req);
    expect(second).toEqual(first);
    expect(await grant.authenticate(req)).toBe(second);
  });

  test('is a person by the grant password, which is asked by a client of our own', async () => {
    const grant = method({ grants: ['password'], client: GATEWAY, scopes: 'openid' });
    const { principal } = (await knock(grant, person)).body;
    expect(principal).toMatchObject({ type: 'user', id: `${issuer.url}|alex`, username: 'alex', scopes: ['openid'] });
    expect(principal).toMatchObject({ method: 'basicGrant', credential: { kind: 'basic' } });
    expect(await outcomeOf(grant, basic('alex', 'dough'))).toBe('401 exchange_rejected');
    expect(await outcomeOf(grant, program)).toBe('401 exchange_rejected');
  });

  test('is whoever the first grant that works says', async () => {
    for (const grants of [['client_credentials', 'password'] as const, ['password', 'client_credentials'] as const]) {
      const grant = method({ grants, client: GATEWAY });
      const before = issuer.counts.token;
      expect((await knock(grant, grants[0] === 'password' ? person : program)).status).toBe(200);
      expect(issuer.counts.token - before).toBe(1);
      expect((await knock(grant, grants[0] === 'password' ? program : person)).status).toBe(200);
      expect(issuer.counts.token - before).toBe(3);
      expect(await outcomeOf(grant, basic('nobody', 'x'))).toBe('401 exchange_rejected');
    }
  });

  test('is either where a client of our own is given and no grants are named', async () => {
    const grant = method({ client: GATEWAY });
    expect((await knock(grant, program)).body.principal).toMatchObject({ type: 'client' });
    expect((await knock(grant, person)).body.principal).toMatchObject({ type: 'user' });
  });

  test('is nobody without a secret, whatever the provider thinks of that', async () => {
    const open = await testIssuer({
      clients: [{ id: 'public', secret: '' }],
      users: [{ username: 'x', password: '' }],
    });
    const grant = basicGrant({
      issuer: open.url,
      client: { id: 'public', authentication: 'none' },
      verify: oidcBearer({ issuer: open.url, audience: open.audience }),
      exposeReason: true,
    });
    expect(await outcomeOf(grant, basic('public', ''))).toBe('401 exchange_rejected');
    expect(await outcomeOf(grant, basic('x', ''))).toBe('401 exchange_rejected');
    expect(open.counts.token).toBe(0);
    await open.close();
  });
});

describe('what verify says holds:', () => {
  test('a token that is not for us is refused with the precise code, and not exchanged again at once', async () => {
    const verify = oidcBearer({ issuer: issuer.url, audience: 'another API' });
    const before = issuer.counts.token;
    const grant = method({ verify });
    for (let count = 0; count < 3; count += 1) expect(await outcomeOf(grant, program)).toBe('401 audience_mismatch');
    expect(issuer.counts.token - before).toBe(1);
  });

  test('its claims, roles and rules', async () => {
    const seen: unknown[] = [];
    const verify = oidcBearer({
      issuer: issuer.url,
      audience: issuer.audience,
      claims: { attributes: { program: 'client_id' } },
      roleBindings: [{ when: 'value.program == reports', role: 'reporter' }],
      validators: (claims, { header }) => seen.push([claims.sub, header.alg]) > 0,
    });
    expect((await knock(method({ verify }), program)).body.principal).toMatchObject({
      attributes: { program: REPORTS.id },
      roles: ['reporter'],
    });
    expect(seen).toEqual([[REPORTS.id, 'ES256']]);
  });

  test('its users, unless there are others here', async () => {
    const policy = { autoRegister: true };
    const [theirs, ours] = [memoryUsers(), memoryUsers()];
    const verify = oidcBearer({
      issuer: issuer.url,
      audience: issuer.audience,
      users: { store: theirs, ...policy },
    });
    const password = { grants: ['password'], client: GATEWAY } as const;
    const first = (await knock(method({ verify, ...password }), person)).body.principal;
    expect(first).toMatchObject({ created: true, user: { email: 'alex@example.com' }, method: 'basicGrant' });
    const second = await knock(method({ verify, ...password, users: { store: ours, ...policy } }), person);
    expect(second.body.principal).toMatchObject({ created: true });
    // A bearer token of the same person has the same user.
    const token = await issuer.mint({ sub: 'alex', ...ALEX.claims });
    expect((await knock(verify, bearer(token))).body.principal).toMatchObject({
      created: false,
      id: (first as { id: string }).id,
    });
  });

  test('a user that was invalidated is asked for again', async () => {
    let calls = 0;
    const users = () => ({ id: 'alex', calls: ++calls }) as never;
    const grant = method({ grants: ['password'], client: GATEWAY, users });
    const ask = async () => ((await knock(grant, person)).body.principal as { user: unknown }).user;
    expect([await ask(), await ask()]).toEqual([
      { id: 'alex', calls: 1 },
      { id: 'alex', calls: 1 },
    ]);
    grant.invalidate({ identity: { tenant: '', issuer: issuer.url, subject: 'alex' } });
    expect(await ask()).toEqual({ id: 'alex', calls: 2 });
  });
});

describe('beside other methods', () => {
  const bearerMethod = oidc();
  const grant = method({ verify: bearerMethod });
  const consumers = consumerJwt({ consumers: howtoConsumers() });
  const door = jwtAuth({ methods: [consumers, bearerMethod, grant], exposeReason: true });
  const own = hs256({ iss: HOWTO.key, exp: inSeconds(60) });

  test('each credential goes to the method that it belongs to', async () => {
    const methodOf = async (header: string) => (await knock(door, header)).body.principal;
    expect(await methodOf(program)).toMatchObject({ method: 'basicGrant', id: REPORTS.id });
    expect(await methodOf(bearer(await issuer.mint()))).toMatchObject({ method: 'oidcBearer' });
    expect(await methodOf(bearer(own))).toMatchObject({ method: 'consumerJwt', username: HOWTO.username });
  });

  test('a refusal is final, and no weaker method is asked', async () => {
    expect(await outcomeOf(door, basic(REPORTS.id, 'x'))).toBe('401 exchange_rejected');
    expect(await outcomeOf(door, 'Basic x')).toBe('400 request_malformed');
    expect(await outcomeOf(door, bearer(`${own}x`))).toMatch(/^401 /);
  });

  test('users and anonymous of the door hold', async () => {
    const users = (identity: { username?: string }) => ({ name: identity.username }) as never;
    const people = method({ verify: oidc(), grants: ['password'], client: GATEWAY });
    const lenient = jwtAuth({ methods: [people], users, anonymous: { username: 'guest', coverFailures: true } });
    expect((await knock(lenient, person)).body.principal).toMatchObject({ user: { name: 'alex' } });
    expect((await knock(lenient)).body.principal).toMatchObject({ type: 'anonymous' });
    expect((await knock(lenient, basic('alex', 'x'))).body.principal).toMatchObject({ type: 'anonymous' });
  });

  test('a second one could never be asked, and is refused at the start', () => {
    expect(() => jwtAuth({ methods: [grant, method()] })).toThrow(/takes all of/);
    expect(() => jwtAuth({ methods: [grant, oidc()] })).not.toThrow();
  });

  test('warms up, says how its keys are, and closes', async () => {
    const fresh = jwtAuth({ methods: [method()] });
    const before = issuer.counts;
    await fresh.ready();
    // One for the token endpoint, one for the keys.
    expect(issuer.counts.discovery - before.discovery).toBe(2);
    expect(issuer.counts.jwks - before.jwks).toBe(1);
    expect(fresh.health()).toMatchObject([{ source: issuer.url, keyCount: 1 }]);
    expect(await outcomeOf(fresh, program)).toBe(200);
    expect(issuer.counts.discovery - before.discovery).toBe(2);
    await fresh.close();
  });
});

describe('the challenge', () => {
  const grant = method({ realm: 'a "b"' });
  const both = jwtAuth({ methods: [method(), oidc()], exposeReason: true });

  test('asks for Basic where nothing else is taken, and says how it is to be written', async () => {
    const challenge = String.raw`Basic realm="a \"b\"", charset="UTF-8"`;
    for (const header of [undefined, basic(REPORTS.id, 'x'), 'Basic x', bearer('x.y.z')])
      expect((await knock(grant, header)).challenge).toBe(challenge);
  });

  test('names both where both are taken, and what is wrong in the words of Bearer', async () => {
    expect((await knock(both)).challenge).toBe(`Bearer realm="api", ${BASIC_CHALLENGE}`);
    const withError = `Bearer realm="api", error="invalid_token", ${BASIC_CHALLENGE}`;
    expect((await knock(both, basic(REPORTS.id, 'x'))).challenge).toBe(withError);
    expect((await knock(both, bearer('x.y.z'))).challenge).toBe(withError);
    expect((await knock(both, 'Basic x')).challenge).toBe(
      `Bearer realm="api", error="invalid_request", ${BASIC_CHALLENGE}`,
    );
  });

  test('is on the error too, for those who answer themselves', async () => {
    const authenticate = (authorization?: string) =>
      grant.authenticate({ headers: { authorization } } as never).catch((error: unknown) => error);
    expect(await authenticate('Basic x')).toMatchObject({
      status: 400,
      headers: { 'WWW-Authenticate': expect.stringMatching(/^Basic /) },
    });
  });

  test('of guards behind it asks for the same, and for scopes in the words of Bearer', async () => {
    const optional = method({ credentialsRequired: false });
    expect((await knock(app(optional, requirePrincipal()))).challenge).toBe(BASIC_CHALLENGE);
    const forbidden = await knock(app(optional, requireScopes('things:write')), program);
    expect([forbidden.status, forbidden.challenge]).toEqual([
      403,
      'Bearer realm="api", error="insufficient_scope", scope="things:write"',
    ]);
  });

  test('stays as it was where no Basic is taken', async () => {
    expect((await knock(oidc())).challenge).toBe('Bearer realm="api"');
  });

  test('comes with problem+json, which does not say more than any bad token gets', async () => {
    const silent = method({ exposeReason: false });
    const { headers, body } = await knock(silent, basic(REPORTS.id, 'x'));
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(body).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401, code: 'invalid_token' });
  });
});

describe('what is left on the request:', () => {
  const leftOf = async (options: Partial<BasicGrantOptions>, authorization = program) => {
    const { body } = await request(app(method(options), showLeftovers))
      .get('/')
      .set('Authorization', authorization);
    const raw = (body.rawHeaders as string[]).flatMap((name, index, all) =>
      index % 2 === 0 && name.toLowerCase() === 'authorization' ? [all[index + 1]] : [],
    );
    return { header: body.headers.authorization, raw, distinct: body.headersDistinct.authorization };
  };

  test('the credentials, by themselves', async () => {
    expect(await leftOf({})).toEqual({ header: program, raw: [program], distinct: [program] });
  });

  test('nothing, with stripCredential', async () => {
    expect(await leftOf({ stripCredential: true })).toEqual({ header: undefined, raw: [], distinct: undefined });
  });

  test('the token got, with forwardToken, and another method takes it', async () => {
    const { header, raw, distinct } = await leftOf({ forwardToken: true });
    expect(header).toMatch(/^Bearer ey[\w-]+\.[\w-]+\.[\w-]+$/);
    expect([raw, distinct]).toEqual([[header], [header]]);
    const chain = app(method({ forwardToken: true }), oidc(), showPrincipal);
    expect((await knock(chain, program)).body.principal).toMatchObject({ method: 'oidcBearer', id: REPORTS.id });
  });

  test('the token of this very request, however many come at once', async () => {
    const chain = app(method({ forwardToken: true, client: GATEWAY }), showPrincipal);
    const ids = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const { body } = await knock(chain, index % 2 === 0 ? program : person);
        const [, payload = ''] = String((body.headers as { authorization: string }).authorization).split('.');
        const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        return sub === (body.principal as { subject: string }).subject ? sub : 'mixed up';
      }),
    );
    expect(ids).toEqual(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? REPORTS.id : 'alex')));
  });

  test('the same without a response: authenticate forwards the token, or leaves the credentials, as the middleware does', async () => {
    const asked = async (options: object) => {
      const req = { headers: { authorization: program }, rawHeaders: ['Authorization', program] };
      await method(options).authenticate(req as never);
      return { header: req.headers.authorization, raw: req.rawHeaders[1] };
    };
    expect(await asked({})).toEqual({ header: program, raw: program });
    const { header, raw } = await asked({ forwardToken: true });
    expect([header, raw]).toEqual([raw, expect.stringMatching(/^Bearer ey[\w-]+\.[\w-]+\.[\w-]+$/)]);
  });
});

test('every decision is told, once, and without a secret', async () => {
  const events: AuthEvent[] = [];
  const grant = method({ onEvent: (event) => void events.push(event) });
  await knock(grant, program);
  await knock(grant, basic(REPORTS.id, 'a wrong one'));
  await knock(grant);
  expect(events).toMatchObject([
    { type: 'accepted', method: 'basicGrant', principalType: 'client' },
    { type: 'refused', method: 'basicGrant', code: 'exchange_rejected', status: 401 },
    { type: 'refused', method: 'basicGrant', code: 'credentials_missing', status: 401 },
  ]);
});
