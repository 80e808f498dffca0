import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { ConfigurationError, consumerJwt } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { alsoOwning, JSMITH, kongConfig, seen } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken, hs256 } from '../helpers/tokens.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }));
const weakRsa = String(
  generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' }),
);

/** Why a configuration does not load. */
async function refusal(config: string | object): Promise<string> {
  const thrown: unknown = await fromKong(config).then(
    () => 'it loaded',
    (error: unknown) => error,
  );
  if (!(thrown instanceof ConfigurationError)) throw new Error(`no ConfigurationError: ${thrown}`);
  return thrown.message;
}

const plugin = (...plugins: unknown[]) => kongConfig({}, { plugins });
const secrets = (...given: Record<string, unknown>[]) => kongConfig({}, alsoOwning(...given));
const consumers = (...given: unknown[]) => kongConfig({}, { consumers: given });

describe('what Kong’s schema refuses is refused with its reason:', () => {
  const config = 'fromKong.plugins[0].config';

  test.each([
    [{ maximum_expiration: 31_536_001 }, 'maximum_expiration: value should be between 0 and 31536000'],
    [{ maximum_expiration: -1 }, 'maximum_expiration: value should be between 0 and 31536000'],
    [{ maximum_expiration: '60' }, 'maximum_expiration: expected a number'],
    [{ maximum_expiration: 60 }, 'claims_to_verify: expected to contain: exp'],
    [{ maximum_expiration: 60, claims_to_verify: ['nbf'] }, 'claims_to_verify: expected to contain: exp'],
    [{ claims_to_verify: ['iat'] }, 'claims_to_verify[0]: expected one of: exp, nbf'],
    [{ claims_to_verify: 'exp' }, 'claims_to_verify: expected a set'],
    [{ uri_param_names: [1] }, 'uri_param_names[0]: expected a string'],
    [{ cookie_names: [''] }, 'cookie_names[0]: length must be at least 1'],
    [{ secret_is_base64: 'yes' }, 'secret_is_base64: expected a boolean'],
    [{ run_on_preflight: 0 }, 'run_on_preflight: expected a boolean'],
    [{ key_claim_name: 1 }, 'key_claim_name: expected a string'],
    [{ realm: '' }, 'realm: length must be at least 1'],
    [{ key_claim: 'kid' }, 'key_claim: unknown field'],
  ])('config %j', async (given, reason) => {
    expect(await refusal(kongConfig(given))).toBe(`${config}.${reason}`);
  });

  test.each([
    ['a plugin without a name', plugin({}), 'plugins[0].name: required field missing'],
    ['an unknown field', plugin({ name: 'jwt', priority: 1 }), 'plugins[0].priority: unknown field'],
    ['a consumer', plugin({ name: 'jwt', consumer: 'jsmith' }), 'plugins[0].consumer: value must be null'],
    ['config that is no record', plugin({ name: 'jwt', config: 'x' }), 'plugins[0].config: expected a record'],
    [
      'a protocol',
      plugin({ name: 'jwt', protocols: ['tcp'] }),
      'plugins[0].protocols[0]: expected one of: grpc, grpcs, http, https',
    ],
    [
      'a route that does not exist',
      plugin({ name: 'jwt', route: 'x' }),
      "plugins[0].route: invalid reference 'route: x' (no such entry in 'routes')",
    ],
    ['plugins that are no list', kongConfig({}, { plugins: {} }), 'plugins: expected an array'],
    [
      'jwt on a consumer',
      consumers({ ...JSMITH, plugins: [{ name: 'jwt' }] }),
      'consumers[0].plugins[0].consumer: value must be null',
    ],
  ])('%s', async (_what, given, reason) => {
    expect(await refusal(given)).toBe(`fromKong.${reason}`);
  });

  const condition = "(failed conditional validation given value of field 'algorithm')";
  const own = 'consumers[0].jwt_secrets[1]';

  test.each([
    [
      'RS256 without a key',
      secrets({ key: 'x', algorithm: 'RS256' }),
      `${own}.rsa_public_key: required field missing ${condition}`,
    ],
    [
      'EdDSA without a key',
      secrets({ key: 'x', algorithm: 'EdDSA' }),
      `${own}.rsa_public_key: required field missing ${condition}`,
    ],
    [
      'PS256 with no PEM',
      secrets({ key: 'x', algorithm: 'PS256', rsa_public_key: 'x' }),
      `${own}.rsa_public_key: invalid key ${condition}`,
    ],
    [
      'an algorithm',
      secrets({ key: 'x', algorithm: 'none' }),
      `${own}.algorithm: expected one of: HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512, EdDSA, Ed25519, Ed448`,
    ],
    ['an unknown field', secrets({ key: 'x', sekret: 'x' }), `${own}.sekret: unknown field`],
    ['a key that is a number', secrets({ key: 1 }), `${own}.key: expected a string`],
    ['an empty secret', secrets({ key: 'x', secret: '' }), `${own}.secret: length must be at least 1`],
    ['a nested owner', secrets({ key: 'x', consumer: 'jsmith' }), `${own}.consumer: value must be null`],
    ['an id', secrets({ key: 'x', id: 'x' }), `${own}.id: expected a valid UUID`],
    ['no owner', kongConfig({}, { jwt_secrets: [{ key: 'x' }] }), 'jwt_secrets[0].consumer: required field missing'],
    [
      'an owner that does not exist',
      kongConfig({}, { jwt_secrets: [{ key: 'x', consumer: 'y' }] }),
      "jwt_secrets[0].consumer: invalid reference 'consumer: y' (no such entry in 'consumers')",
    ],
    [
      'a nameless consumer',
      consumers({ tags: [] }),
      "consumers[0].@entity: at least one of these fields must be non-empty: 'custom_id', 'username'",
    ],
    [
      'a consumer’s unknown field',
      consumers({ username: 'x', user_name: 'x' }),
      'consumers[0].user_name: unknown field',
    ],
    [
      'a group without a name',
      consumers({ username: 'x', acls: [{}] }),
      'consumers[0].acls[0].group: required field missing',
    ],
    ['a format', kongConfig({}, { _format_version: '4.0' }), '_format_version: expected one of: 1.1, 2.1, 3.0'],
    ['a format that is a number', kongConfig({}, { _format_version: 3 }), '_format_version: expected a string'],
    ['a singular', kongConfig({}, { consumer: [] }), 'consumer: unknown field'],
    ['a meta field', kongConfig({}, { _transfrom: true }), '_transfrom: unknown field'],
  ])('%s', async (_what, given, reason) => {
    expect(await refusal(given)).toBe(`fromKong.${reason}`);
  });

  test('a key, username or custom_id that is taken', async () => {
    const twice =
      "uniqueness violation: 'jwt_secrets' entity already declared (UNIQUE violation detected on '{key=\"k\"}')";
    const other = { username: 'other', jwt_secrets: [{ key: 'k', secret: 's'.repeat(32) }] };
    const config = consumers({ ...JSMITH, jwt_secrets: [{ key: 'k', secret: 't'.repeat(32) }] }, other);
    expect(await refusal(config)).toBe(`fromKong.consumers[1].jwt_secrets[0].key: ${twice}`);
    expect(await refusal(consumers({ username: 'x' }, { username: 'x' }))).toContain('{username="x"}');
    expect(await refusal(consumers({ custom_id: 'x' }, { custom_id: 'x' }))).toContain('{custom_id="x"}');
  });

  test.each([null, 1, [], 'just a text', ''])('a configuration of %j', async (given) => {
    // The types forbid most of these; YAML does not.
    expect(await refusal(given as object)).toBe('fromKong: expected a record');
  });
});

describe('warnings', () => {
  const warningsOf = async (config: object) => (await fromKong(config)).warnings;

  test('there are none for the how-to', async () => {
    expect(await warningsOf(kongConfig())).toEqual([]);
  });

  test('name every plugin, entity and field that is not carried over', async () => {
    const config = kongConfig(
      {},
      {
        services: [
          {
            name: 'api',
            url: 'http://api',
            plugins: [{ name: 'cors' }],
            routes: [{ name: 'r', paths: ['/'], plugins: [{ name: 'jwt', ordering: {} }] }],
          },
        ],
        plugins: [{ name: 'jwt' }, { name: 'rate-limiting' }, { name: 'prometheus' }, { name: 'jwt', enabled: false }],
        upstreams: [],
        consumers: [{ ...JSMITH, keyauth_credentials: [{ key: 'x' }], plugins: [{ name: 'request-size-limiting' }] }],
      },
    );
    expect(await warningsOf(config)).toEqual([
      'upstreams: is not carried over',
      'services: routing is not carried over; mount the methods on routes of the application',
      'plugins[1]: the plugin rate-limiting is not carried over',
      'plugins[2]: the plugin prometheus is not carried over',
      'plugins[3].enabled: is false, so there is no method for this plugin',
      'services[0].plugins[0]: the plugin cors is not carried over',
      'services[0].routes[0].plugins[0].ordering: is not carried over',
      'services[0].routes[0].plugins[0]: belongs to the route r only; mount the method r there',
      'consumers[0].keyauth_credentials: is not carried over',
      'consumers[0].plugins[0]: the plugin request-size-limiting is not carried over',
    ]);
  });

  test('say what is weak, and the weak secret still works', async () => {
    const { methods, warnings } = await fromKong(secrets({ key: 'weak', secret: 's' }));
    expect(warnings).toEqual([
      'consumers[0].jwt_secrets[1].secret: is shorter than HS256 needs (RFC 7518 section 3.2); carried over as it is, replace it',
    ]);
    expect((await seen(app(...methods), hs256({ iss: 'weak' }, { secret: 's' }))).status).toBe(200);
  });

  test.each([
    [
      'an RSA key that anybody can break',
      { algorithm: 'RS256', rsa_public_key: weakRsa },
      'rsa_public_key: the RSA key has 1024 bits',
    ],
    ['a key of another type', { algorithm: 'EdDSA', rsa_public_key: pem }, 'rsa_public_key: the key has another type'],
    ['a public key as a secret', { secret: pem }, 'secret: the secret is a PEM'],
  ])('say that %s is refused', async (_what, given, reason) => {
    const [warning] = await warningsOf(secrets({ key: 'x', ...given }));
    expect(warning).toContain(`consumers[0].jwt_secrets[1].${reason}`);
    expect(warning).toContain('its tokens are refused with "Invalid key/secret"');
    expect(warning).not.toContain('BEGIN');
  });

  test('say that a key and a secret are generated', async () => {
    expect(await warningsOf(secrets({}))).toEqual([
      'consumers[0].jwt_secrets[1].key: is missing; one is generated, as in Kong',
      'consumers[0].jwt_secrets[1].secret: is missing; one is generated, as in Kong, and nobody knows it',
    ]);
  });

  test('say that there is no method', async () => {
    const { methods, warnings } = await fromKong({ consumers: [JSMITH] });
    expect({ methods, warnings }).toEqual({
      methods: [],
      warnings: ['plugins: no jwt plugin is switched on, so there is no method'],
    });
  });
});

describe('what is carried over', () => {
  test('one method per plugin, named by instance, route or service', async () => {
    const services = [
      {
        id: '6c1f1b8e-52a4-4f0a-8f33-2a3f64d6b001',
        name: 'api',
        plugins: [{ name: 'jwt' }],
        routes: [{ name: 'r', plugins: [{ name: 'jwt', instance_name: 'mine' }] }],
      },
    ];
    const plugins = [
      { name: 'jwt' },
      { name: 'jwt' },
      { name: 'jwt', service: { id: services[0]?.id } },
      { name: 'jwt', route: 'r' },
    ];
    const { methods } = await fromKong(kongConfig({}, { services, plugins }));
    expect(methods.map(({ name }) => name)).toEqual(['jwt', 'jwt-2', 'api', 'r', 'api-2', 'mine']);
  });

  test('consumers with their ids, tags, custom ids and groups', async () => {
    const id = 'a3e5c2a4-7a4b-4c8e-9d7e-0f1a2b3c4d5e';
    const { consumers: store, warnings } = await fromKong(
      kongConfig(
        {},
        {
          consumers: [
            {
              id,
              username: 'ann',
              custom_id: '7',
              tags: ['a'],
              created_at: 1,
              updated_at: 2,
              acls: [{ group: 'ops' }],
            },
          ],
          acls: [
            { consumer: 'ann', group: 'dev' },
            { consumer: { id }, group: 'ops' },
          ],
        },
      ),
    );
    expect(warnings).toEqual([]);
    expect(await store.getConsumer('ann')).toMatchObject({ id, customId: '7', tags: ['a'], groups: ['ops', 'dev'] });
  });

  test('credentials under every name that Kong has for them', async () => {
    const secret = 's'.repeat(32);
    const id = 'a3e5c2a4-7a4b-4c8e-9d7e-0f1a2b3c4d5e';
    const { methods, consumers: store } = await fromKong(
      kongConfig(
        {},
        {
          consumers: [
            { id, username: 'ann', jwt: [{ key: 'admin', secret }], jwt_secrets: [{ key: 'nested', secret }] },
          ],
          jwt_secrets: [
            { key: 'by-name', secret, consumer: 'ann', algorithm: 'HS256', tags: ['t'], created_at: 1 },
            { key: 'by-id', secret, consumer: id },
          ],
        },
      ),
    );
    for (const key of ['admin', 'nested', 'by-name', 'by-id']) {
      expect((await seen(app(...methods), hs256({ iss: key }, { secret }))).status).toBe(200);
    }
    const { data } = await store.listCredentials({ tags: ['t'] });
    expect(data).toMatchObject([{ key: 'by-name', consumerId: id }]);
  });

  test('base64 secrets, for consumerJwt too', async () => {
    const bytes = Buffer.alloc(32, 7);
    const owning = alsoOwning({ key: 'b', secret: bytes.toString('base64') });
    const { consumers: store } = await fromKong(kongConfig({ secret_is_base64: true }, owning));
    const token = hs256({ iss: 'b', exp: 9_999_999_999 }, { secret: bytes });
    expect((await seen(app(consumerJwt({ consumers: store })), token)).status).toBe(200);
  });

  test('a store that is managed: what is revoked or created counts at once', async () => {
    const { methods, consumers: store } = await fromKong(secrets({ key: 'es', algorithm: 'ES256' }));
    const server = app(...methods);
    await store.revokeCredential(HOWTO.key);
    expect((await seen(server, howtoToken())).status).toBe(401);
    const secret = 'n'.repeat(32);
    await store.createCredential({ consumer: 'jsmith', key: 'new', secret });
    expect((await seen(server, hs256({ iss: 'new' }, { secret }))).status).toBe(200);
    const keyless = hs256({ iss: 'es' }, { header: { alg: 'ES256' } });
    expect((await seen(server, keyless)).text).toBe('{"message":"Invalid key/secret"}');
    expect(await store.revokeCredential('es')).toBe(true);
    expect((await seen(server, keyless)).text).toContain('No credentials found');
  });
});

const YAML = `
_format_version: "3.0"
_transform: true
x-defaults: &defaults
  - exp
consumers:
  - username: jsmith
    jwt_secrets:
      - key: ${HOWTO.key}
        secret: ${HOWTO.secret}
plugins:
  - name: jwt
    config: { run_on_preflight: no, claims_to_verify: *defaults, anonymous: ~ }
`;

describe('text', () => {
  test.each([
    ['YAML', YAML],
    ['YAML as a file is read', Buffer.from(YAML)],
    ['JSON', JSON.stringify(kongConfig({ claims_to_verify: ['exp'], run_on_preflight: false }))],
  ])('%s does what the object does', async (_what, text) => {
    const { methods } = await fromKong(text);
    const server = app(...methods);
    expect((await seen(server, howtoToken())).status).toBe(200);
    expect((await seen(server, howtoToken({ exp: 1 }))).text).toBe('{"exp":"token expired"}');
  });

  test('that is neither says where, and quotes nothing', async () => {
    const message = await refusal(`consumers:\n  - secret: "${HOWTO.secret}\n`);
    expect(message).toMatch(/^fromKong: the text is neither JSON nor YAML \(line \d+\)$/);
  });

  test('in YAML says what to install where yaml is missing; JSON does without', async () => {
    jest.resetModules();
    jest.unstable_mockModule('yaml', () => {
      throw new Error("Cannot find package 'yaml'");
    });
    const door = await import('../../lib/migrate/index.js');
    await expect(door.fromKong(YAML)).rejects.toThrow(/^fromKong: YAML text needs the package yaml: npm install yaml/);
    await expect(door.fromKong(JSON.stringify(kongConfig()))).resolves.toMatchObject({ warnings: [] });
  });
});
