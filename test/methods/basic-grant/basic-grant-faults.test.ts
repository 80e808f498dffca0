import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AuthError, type BasicGrantOptions, basicGrant, jwtAuth, oidcBearer } from '../../../lib/index.js';
import { type IssuerFault, testIssuer } from '../../../lib/testing/index.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { basic, granted, grantMethod, knock, outcomeOf, refused, tokenServer } from '../../helpers/grants.js';
import { given } from '../../helpers/loose.js';
import { accessToken, door } from '../../helpers/oidc-door.js';
import { listening } from '../../helpers/requests.js';
import { inSeconds } from '../../helpers/tokens.js';
import { until } from '../../helpers/until.js';

const CLIENT = { id: 'reports', secret: 'a secret of the reports' };
const issuer = await testIssuer({ clients: [CLIENT, { id: 'gateway', secret: 'g' }] });
const provider = await tokenServer();
afterAll(() => issuer.close());
beforeEach(() => {
  issuer.heal();
  provider.asked.splice(0);
});

const pair = basic(CLIENT.id, CLIENT.secret);
const method = (options: Partial<BasicGrantOptions> = {}) =>
  basicGrant(
    given({
      issuer: issuer.url,
      verify: oidcBearer({ issuer: issuer.url, audience: issuer.audience }),
      exposeReason: true,
      ...options,
    }),
  );
const token = () => issuer.mint({ sub: CLIENT.id });

describe('trouble at the token endpoint is a 503 that says when to come back:', () => {
  test.each<[what: string, fault: IssuerFault]>([
    ['500', { status: 500 }],
    ['500 with an error of OAuth', { status: 500, body: { error: 'invalid_client' } }],
    ['503', { status: 503, body: 'try later' }],
    ['429', { status: 429, body: { error: 'slow_down' } }],
    ['404', { status: 404, body: 'not here' }],
    ['401 without a word of OAuth', { status: 401, body: '<h1>Sign in</h1>' }],
    ['a redirect', { redirect: 'http://127.0.0.1:1/elsewhere' }],
    ['307, which would repeat the credentials', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }],
    ['201', { status: 201 }],
    ['a page', 'html'],
    ['an empty object', 'empty-object'],
    ['half an answer', 'truncated'],
    ['10 MB', 'oversized'],
    ['a bomb', 'gzip-bomb'],
    ['a cut connection', 'disconnect'],
    ['an empty body', { body: '' }],
    ['a list', { body: '[]' }],
    ['null', { body: 'null' }],
    ['an unknown encoding', { headers: { 'content-encoding': 'zstd' } }],
    ['a token that is no text', { body: { access_token: 1, token_type: 'Bearer' } }],
    ['no token', { body: { token_type: 'Bearer', expires_in: 300 } }],
    ['an empty token', { body: { access_token: '', token_type: 'Bearer' } }],
    ['a token with a line break', { body: { access_token: 'a\r\nx: y', token_type: 'Bearer' } }],
    ['a token beyond ASCII', { body: { access_token: 'zoë', token_type: 'Bearer' } }],
    ['a token of 20 KB', { body: { access_token: 'x'.repeat(20_000), token_type: 'Bearer' } }],
    ['another type of token', { body: { access_token: 'abc', token_type: 'mac' } }],
    ['no type of token', { body: { access_token: 'abc' } }],
    ['unsupported_grant_type', { status: 400, body: { error: 'unsupported_grant_type' } }],
    ['an error of its own', { status: 400, body: { error: 'AADSTS90002' } }],
    ['an error that is none', { status: 400, body: { error: { code: 'invalid_client' } } }],
  ])('%s', async (_what, fault) => {
    const grant = method();
    issuer.fault('token', fault);
    const { status, code, headers, challenge } = await knock(grant, pair);
    expect([status, code, challenge]).toEqual([503, 'exchange_unavailable', undefined]);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    // Nothing of it is kept.
    issuer.heal();
    expect(await outcomeOf(grant, pair)).toBe(200);
  });

  test.each<IssuerFault>(['no-answer', 'endless-body'])('%s, after 5 seconds', async (fault) => {
    const advance = fakeClock({ timers: true });
    const grant = method();
    await grant.ready();
    issuer.fault('token', fault);
    const before = issuer.counts.token;
    const outcome = outcomeOf(grant, pair);
    await until(() => issuer.counts.token > before);
    advance(5);
    expect(await outcome).toBe('503 exchange_unavailable');
    issuer.heal();
    expect(await outcomeOf(grant, pair)).toBe(200);
  });

  test('nobody there', async () => {
    const { server, port } = await listening(() => undefined);
    await new Promise((done) => server.close(done));
    const grant = method({ tokenEndpoint: `http://127.0.0.1:${port}/token` });
    expect(await outcomeOf(grant, pair)).toBe('503 exchange_unavailable');
  });

  test('the document cannot be read, or is another provider’s, or names no endpoint, or a bad one', async () => {
    const document = issuer.metadata;
    const faults: IssuerFault[] = [
      'disconnect',
      'html',
      { body: { ...document, issuer: `${issuer.url}/` } },
      { body: { ...document, token_endpoint: undefined } },
      { body: { ...document, token_endpoint: 1 } },
      { body: { ...document, token_endpoint: 'token' } },
      { body: { ...document, token_endpoint: 'http://login.example.com/token' } },
      { body: { ...document, token_endpoint: 'https://user:pass@login.example.com/token' } },
      { body: { ...document, token_endpoint: 'file:///etc/passwd' } },
    ];
    for (const fault of faults) {
      issuer.fault('discovery', fault);
      expect(await outcomeOf(method(), pair)).toBe('503 exchange_unavailable');
    }
  });
});

describe('while the provider is down', () => {
  test('whoever is known stays welcome, and everybody else gets a 503 and never an anonymous pass', async () => {
    const grant = method();
    const lenient = jwtAuth({ methods: [grant], anonymous: { username: 'guest', coverFailures: true } });
    expect(await outcomeOf(lenient, pair)).toBe(200);
    issuer.fault('token', { status: 500 });
    expect((await knock(lenient, pair)).body.principal).toMatchObject({ type: 'client' });
    expect(await outcomeOf(lenient, basic('gateway', 'g'))).toBe('503 exchange_unavailable');
  });

  test('200 requests with one pair are one attempt', async () => {
    const grant = method();
    await grant.ready();
    issuer.fault('token', { status: 500, delay: 0.5 });
    const before = issuer.counts.token;
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcomeOf(grant, pair)));
    expect(new Set(outcomes)).toEqual(new Set(['503 exchange_unavailable']));
    expect(issuer.counts.token - before).toBeLessThan(20);
  });

  test('ready() says so', async () => {
    issuer.fault('discovery', 'disconnect');
    await expect(method().ready()).rejects.toMatchObject({ status: 503 });
  });
});

describe('keys that cannot be had', () => {
  test('are a 503 of their own, and the token is used when they are back', async () => {
    issuer.fault('jwks', { status: 500 });
    const verify = oidcBearer({ issuer: issuer.url, audience: issuer.audience, cooldown: 0 });
    const grant = method({ verify });
    const before = issuer.counts.token;
    expect(await outcomeOf(grant, pair)).toBe('503 keys_unavailable');
    issuer.heal();
    expect(await outcomeOf(grant, pair)).toBe(200);
    expect(issuer.counts.token - before).toBe(1);
  });
});

describe('the provider says no to a program:', () => {
  test.each([
    ['invalid_client', 401],
    ['invalid_client', 400],
    ['invalid_client', 403],
    ['unauthorized_client', 400],
    ['invalid_grant', 400],
    ['access_denied', 403],
    ['invalid_scope', 400],
    ['invalid_request', 400],
  ])('%s with %d is a 401', async (error, status) => {
    provider.answer = () => refused(error, status);
    expect(await outcomeOf(grantMethod(provider), pair)).toBe('401 exchange_rejected');
  });

  test('with a challenge of its own', async () => {
    const grant = method();
    const headers = { 'www-authenticate': 'Basic realm="token endpoint"' };
    issuer.fault('token', { status: 401, headers, body: { error: 'invalid_client' } });
    expect(await outcomeOf(grant, pair)).toBe('401 exchange_rejected');
  });
});

describe('by the grant password', () => {
  const client = { id: 'gateway', secret: 'g' };
  const grant = () => grantMethod(provider, { grants: ['password'], client });

  test.each([
    ['invalid_grant', 400],
    ['invalid_grant', 401],
    ['access_denied', 403],
    ['interaction_required', 400],
    ['invalid_request', 400],
  ])('%s with %d is the person’s, and a 401', async (error, status) => {
    provider.answer = () => refused(error, status);
    expect(await outcomeOf(grant(), basic('alex', 'doe'))).toBe('401 exchange_rejected');
  });

  test.each([
    ['invalid_client', 401],
    ['unauthorized_client', 400],
    ['unsupported_grant_type', 400],
  ])('%s with %d is ours, and a 503', async (error, status) => {
    provider.answer = () => refused(error, status);
    expect(await outcomeOf(grant(), basic('alex', 'doe'))).toBe('503 exchange_unavailable');
  });

  test('what cannot be told by one grant is not asked by the next', async () => {
    provider.answer = () => refused('server_error', 500);
    const both = grantMethod(provider, { client });
    expect(await outcomeOf(both, basic('alex', 'doe'))).toBe('503 exchange_unavailable');
    expect(provider.asked.map(({ form }) => form.get('grant_type'))).toEqual(['client_credentials']);
  });
});

describe('what is asked', () => {
  test('for a program: its own id and secret, scopes, audience and resource, and nothing else', async () => {
    provider.answer = () => granted();
    const rights = { scopes: ['a', 'b'], audience: ['x', 'y'], resource: 'urn:z' };
    await knock(grantMethod(provider, rights), basic('reports', 'se cret:ü'));
    const [{ authorization, form } = { authorization: '', form: new URLSearchParams() }] = provider.asked;
    // RFC 6749 section 2.3.1: both halves as in a form.
    expect(authorization).toBe(`Basic ${Buffer.from('reports:se+cret%3A%C3%BC').toString('base64')}`);
    expect([...form]).toEqual([
      ['scope', 'a b'],
      ['audience', 'x'],
      ['audience', 'y'],
      ['resource', 'urn:z'],
      ['grant_type', 'client_credentials'],
    ]);
  });

  test('for a person: by our own client, with name and password', async () => {
    provider.answer = () => granted();
    const client = { id: 'gateway', secret: 'g', authentication: 'post' as const };
    await knock(grantMethod(provider, { grants: ['password'], client, scopes: 'openid' }), basic('zoë', 'pä:ss'));
    const [{ authorization, form } = { authorization: '', form: new URLSearchParams() }] = provider.asked;
    expect(authorization).toBeUndefined();
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'password',
      client_id: 'gateway',
      client_secret: 'g',
      username: 'zoë',
      password: 'pä:ss',
      scope: 'openid',
    });
  });

  test('by post where the provider takes nothing else', async () => {
    issuer.fault('discovery', {
      body: {
        ...issuer.metadata,
        token_endpoint: provider.url,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      },
    });
    provider.answer = async () => granted({ access_token: await token() });
    expect(await outcomeOf(method(), pair)).toBe(200);
    expect(provider.asked[0]?.authorization).toBeUndefined();
    expect(Object.fromEntries(provider.asked[0]?.form ?? [])).toMatchObject({
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
    });
  });
});

describe('what else an answer holds is left alone:', () => {
  test.each<[what: string, members: Record<string, unknown>]>([
    ['an ID token that nobody could check', { id_token: 'x.y.z' }],
    ['a refresh token of a strange form', { refresh_token: 1 }],
    ['scopes in a list', { scope: ['a', 'b'] }],
    ['a type in another case', { token_type: 'bEARER' }],
    ['members of its own', { not_before_policy: 0, ext_expires_in: 'x' }],
  ])('%s', async (_what, members) => {
    provider.answer = () => granted(members);
    expect(await outcomeOf(grantMethod(provider), pair)).toBe(200);
  });
});

test('an error that goes to the application says what was wrong, in words that are ours', async () => {
  const grant = grantMethod(provider);
  const causeOf = async () => {
    const thrown = await grant
      .authenticate({ headers: { authorization: pair } } as never)
      .catch((error: AuthError) => error);
    return ((thrown as AuthError).cause as Error).message;
  };
  provider.answer = () => refused('unsupported_grant_type');
  expect(await causeOf()).toBe('the provider answered 400 unsupported_grant_type');
  provider.answer = () => refused('a secret of the reports\nx', 418);
  expect(await causeOf()).toBe('the provider answered 418 an error of its own');
});

test('a provider over https is known by its own authority', async () => {
  const secure = await testIssuer({ tls: true, clients: [CLIENT] });
  const verify = oidcBearer({ issuer: secure.url, audience: secure.audience, ca: secure.ca });
  const trusting = basicGrant({ issuer: secure.url, ca: secure.ca, verify });
  const distrusting = basicGrant({ issuer: secure.url, verify, exposeReason: true });
  expect(await outcomeOf(trusting, pair)).toBe(200);
  expect(await outcomeOf(distrusting, pair)).toBe('503 exchange_unavailable');
  // A document from there must not send secrets over plain http, not even to this machine.
  secure.fault('discovery', { body: { ...secure.metadata, token_endpoint: provider.url } });
  const leaking = basicGrant({ issuer: secure.url, ca: secure.ca, verify: door(), exposeReason: true });
  expect(await outcomeOf(leaking, pair)).toBe('503 exchange_unavailable');
  expect(provider.asked).toEqual([]);
  await secure.close();
});

test('a token that was granted is judged as any other', async () => {
  const rejected: [claims: Record<string, unknown>, code: string][] = [
    [{ aud: 'other' }, '401 audience_mismatch'],
    [{ exp: inSeconds(-120) }, '401 token_expired'],
    [{ iss: 'https://evil.example.com' }, '401 issuer_unknown'],
    [{ nonce: 'x', at_hash: 'y' }, '401 claim_invalid'],
  ];
  for (const [claims, outcome] of rejected) {
    provider.answer = () => granted({ access_token: accessToken(claims) });
    expect(await outcomeOf(grantMethod(provider), pair)).toBe(outcome);
  }
  provider.answer = () => granted({ access_token: 'opaque' });
  expect(await outcomeOf(grantMethod(provider), pair)).toBe('401 token_malformed');
});
