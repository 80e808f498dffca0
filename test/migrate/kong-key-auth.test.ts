import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { jwtAuth } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { JSMITH, seen } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const KEY = 'k-4f9a1c77d0e24b1f';
const ANN = { username: 'ann', custom_id: '7', keyauth_credentials: [{ key: KEY }] };
const file = (config: object = {}, more: object = {}) => ({
  consumers: [ANN],
  plugins: [{ name: 'key-auth', config }],
  ...more,
});

async function server(config: object = {}, more: object = {}) {
  const { methods } = await fromKong(file(config, more));
  return app(...methods);
}

describe('key-auth: a key', () => {
  test('in the header gives its consumer, and the headers say so', async () => {
    const { status, body } = await request(await server())
      .get('/')
      .set('apikey', KEY)
      .set('X-Consumer-Username', 'mallory');
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({
      type: 'consumer',
      method: 'key-auth',
      username: 'ann',
      credential: { kind: 'api-key' },
    });
    expect(body.headers).toMatchObject({
      'x-consumer-username': 'ann',
      'x-consumer-custom-id': '7',
      'x-credential-identifier': body.principal.credential.id,
    });
    expect(JSON.stringify(body)).not.toContain(KEY);
  });

  test.each([
    ['in the query', {}, (q: request.Test) => q.query({ apikey: KEY }), 200],
    ['in a query that is not read', { key_in_query: false }, (q: request.Test) => q.query({ apikey: KEY }), 401],
    ['in a header that is not read', { key_in_header: false }, (q: request.Test) => q.set('apikey', KEY), 401],
    ['under another name', { key_names: ['x-api-key'] }, (q: request.Test) => q.set('X-API-Key', KEY), 200],
    ['under the second name', { key_names: ['a', 'b'] }, (q: request.Test) => q.set('b', KEY), 200],
    ['in a name that is not read', { key_names: ['x-api-key'] }, (q: request.Test) => q.set('apikey', KEY), 401],
    ['of a wrong spelling', {}, (q: request.Test) => q.set('apikey', `${KEY}x`), 401],
    ['twice in the query', {}, (q: request.Test) => q.query(`apikey=${KEY}&apikey=${KEY}`), 401],
  ])('%s', async (_where, config, present, status) => {
    expect((await present(request(await server(config)).get('/'))).status).toBe(status);
  });

  test('leaves the request, or stays where the configuration says so', async () => {
    const shown = async (config: object) =>
      (
        await request(await server(config))
          .get('/')
          .set('apikey', KEY)
      ).body.headers.apikey;
    expect(await shown({})).toBeUndefined();
    expect(await shown({ hide_credentials: false })).toBe(KEY);
  });

  test('that is over, or whose consumer is gone, is no key', async () => {
    const credentials = [
      { key: 'old', ttl: 60, created_at: 1_600_000_000 },
      { key: 'young', ttl: 3600 },
    ];
    const { methods, consumers } = await fromKong({
      ...file(),
      consumers: [{ username: 'ann', keyauth_credentials: credentials }],
    });
    const status = async (key: string) =>
      (
        await request(app(...methods))
          .get('/')
          .set('apikey', key)
      ).status;
    expect([await status('old'), await status('young')]).toEqual([401, 200]);
    await consumers.deleteConsumer('ann');
    expect(await status('young')).toBe(401);
  });
});

describe('key-auth: Kong’s answers', () => {
  const answer = async (config: object, key?: string) => {
    const asking = request(await server(config)).get('/');
    const { status, text, headers } = await (key === undefined ? asking : asking.set('apikey', key));
    return [status, text, headers['www-authenticate']];
  };

  test('no key, a wrong one, a realm', async () => {
    expect(await answer({})).toEqual([401, '{"message":"No API key found in request"}', 'Key']);
    expect(await answer({}, 'wrong')).toEqual([401, '{"message":"Unauthorized"}', 'Key']);
    expect(await answer({ realm: 'things' })).toEqual([
      401,
      '{"message":"No API key found in request"}',
      'Key realm="things"',
    ]);
  });

  test('OPTIONS passes where the plugin does not run on it', async () => {
    expect((await request(await server({ run_on_preflight: false })).options('/')).status).toBe(200);
    expect((await request(await server()).options('/')).status).toBe(401);
  });
});

describe('key-auth: beside others', () => {
  test('without anonymous both credentials are needed', async () => {
    const { methods } = await fromKong({ consumers: [ANN, JSMITH], plugins: [{ name: 'jwt' }, { name: 'key-auth' }] });
    const both = app(...methods);
    expect((await seen(both, howtoToken())).status).toBe(401);
    expect((await request(both).get('/').set('apikey', KEY)).status).toBe(401);
    expect(
      (await request(both).get('/').set('apikey', KEY).set('Authorization', `Bearer ${howtoToken()}`)).status,
    ).toBe(200);
  });

  test('with anonymous either will do, and nothing is nobody', async () => {
    const anonymous = { config: { anonymous: 'guest' } };
    const plugins = [
      { name: 'jwt', ...anonymous },
      { name: 'key-auth', ...anonymous },
    ];
    const { methods } = await fromKong({ consumers: [ANN, JSMITH, { username: 'guest' }], plugins });
    const username = async (test: request.Test) => (await test).body.headers['x-consumer-username'];
    const either = app(...methods);
    expect(await username(request(either).get('/').set('apikey', KEY))).toBe('ann');
    expect(await username(request(either).get('/').set('Authorization', `Bearer ${howtoToken()}`))).toBe('jsmith');
    expect(await username(request(either).get('/').set('apikey', 'wrong'))).toBe('guest');
  });

  test('in jwtAuth it takes its keys and leaves tokens to the jwt plugin', async () => {
    const { methods } = await fromKong({ consumers: [ANN, JSMITH], plugins: [{ name: 'jwt' }, { name: 'key-auth' }] });
    const composed = app(jwtAuth({ methods }));
    expect((await request(composed).get('/').set('apikey', KEY)).body.principal?.username).toBe('ann');
    expect((await seen(composed, howtoToken())).status).toBe(200);
    expect((await request(composed).get('/').set('apikey', 'wrong')).status).toBe(401);
  });

  test('an acl looks at the groups of its owners', async () => {
    const status = async (group: string) => {
      const consumers = [{ ...ANN, acls: [{ group }] }];
      const { methods } = await fromKong({
        consumers,
        plugins: [{ name: 'key-auth' }, { name: 'acl', config: { allow: ['ops'] } }],
      });
      const { status: found, text } = await request(app(...methods))
        .get('/')
        .set('apikey', KEY);
      return found === 200 ? found : [found, text];
    };
    expect(await status('ops')).toBe(200);
    expect(await status('dev')).toEqual([403, '{"message":"You cannot consume this service"}']);
  });
});

describe('key-auth: the file', () => {
  test.each([
    ['keyauth_credentials at the top', { keyauth_credentials: [{ key: 'other', consumer: 'ann' }] }],
    [
      'key-auth-enc',
      {
        plugins: [{ name: 'key-auth-enc' }],
        keyauth_enc_credentials: [{ key: 'other', consumer: { username: 'ann' } }],
      },
    ],
  ])('%s', async (_what, more) => {
    const { methods, warnings } = await fromKong({ ...file(), ...more });
    expect(warnings).toEqual([]);
    expect(
      (
        await request(app(...methods))
          .get('/')
          .set('apikey', 'other')
      ).status,
    ).toBe(200);
  });

  test.each([
    [
      'a key twice, without showing it',
      file({}, { keyauth_credentials: [{ key: KEY, consumer: 'ann' }] }),
      'keyauth_credentials[0].key: uniqueness violation',
    ],
    [
      'no key',
      file({}, { consumers: [{ username: 'a', keyauth_credentials: [{}] }] }),
      'consumers[0].keyauth_credentials[0].key: is missing',
    ],
    [
      'a placeholder',
      file({}, { consumers: [{ username: 'a', keyauth_credentials: [{ key: '$API_KEY' }] }] }),
      'keyauth_credentials[0].key: holds a placeholder',
    ],
    [
      'a stand-in',
      file({}, { consumers: [{ username: 'a', keyauth_credentials: [{ key: 'changeme' }] }] }),
      'keyauth_credentials[0].key: holds a text that stands in',
    ],
    ['an unknown field', file({ key_in_cookie: true }), 'plugins[0].config.key_in_cookie: unknown field'],
    [
      'realms of Konnect',
      file({ identity_realms: [{ scope: 'realm', id: 'x' }] }),
      'plugins[0].config.identity_realms: is not carried over',
    ],
    ['principals', file({ principals: { enabled: true } }), 'plugins[0].config.principals: is not carried over'],
    [
      'an anonymous consumer that does not exist',
      file({ anonymous: 'x' }),
      "anonymous consumer x is configured but doesn't exist",
    ],
  ])('%s is refused', async (_what, config, reason) => {
    const thrown: unknown = await fromKong(config).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: 'ConfigurationError', message: expect.stringContaining(reason) });
    expect(String(thrown)).not.toContain(KEY);
  });

  test('keys that no plugin looks at are a warning', async () => {
    const { warnings } = await fromKong({ consumers: [ANN, JSMITH], plugins: [{ name: 'jwt' }] });
    expect(warnings).toEqual(['consumers[0].keyauth_credentials: is not carried over']);
  });
});
