import { describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { fromKong } from '../../lib/migrate/index.js';
import { JSMITH } from '../helpers/kong.js';

const withPlugins = (...plugins: object[]) => ({ consumers: [JSMITH], plugins });

describe('a plugin that authenticates is refused by its name, and so the list of methods is never empty by accident:', () => {
  test.each([
    ...['basic-auth', 'hmac-auth', 'oauth2', 'oauth2-introspection', 'ldap-auth'],
    ...['ldap-auth-advanced', 'mtls-auth', 'header-cert-auth', 'session', 'saml', 'vault-auth', 'jwe-decrypt'],
    ...['jwt-signer', 'konnect-application-auth', 'application-registration', 'ace', 'ai-mcp-oauth2'],
    ...['oidc', 'kong-oidc', 'jwt-keycloak', 'jwt-auth', 'jwt-claims-validate', 'kong-plugin-jwt-aad', 'my-own-login'],
  ])('%s', async (name) => {
    const refused = expect.stringMatching(new RegExp(`^fromKong\\.plugins\\[0\\]\\.name: .*the plugin ${name} `));
    await expect(fromKong(withPlugins({ name, config: {} }))).rejects.toMatchObject({ message: refused });
    await expect(fromKong(withPlugins({ name, config: {} }, { name: 'jwt' }))).rejects.toMatchObject({
      message: refused,
    });
  });
});

describe('a plugin that restricts is refused by its name,', () => {
  test.each(['ip-restriction', 'opa', 'bot-detection', 'request-termination', 'standard-webhooks'])(
    '%s: at the top, below a service or a route, on a consumer and on a group of them',
    async (name) => {
      const plugin = { name, config: {} };
      const places: [string, object][] = [
        ['plugins[1]', withPlugins({ name: 'jwt' }, plugin)],
        ['plugins[1]', withPlugins({ name: 'jwt' }, { ...plugin, consumer: 'jsmith' })],
        ['services[0].plugins[0]', { ...withPlugins({ name: 'jwt' }), services: [{ name: 's', plugins: [plugin] }] }],
        ['routes[0].plugins[0]', { ...withPlugins({ name: 'jwt' }), routes: [{ name: 'r', plugins: [plugin] }] }],
        ['consumers[0].plugins[0]', { consumers: [{ ...JSMITH, plugins: [plugin] }], plugins: [{ name: 'jwt' }] }],
        [
          'consumer_groups[0].plugins[0]',
          { ...withPlugins({ name: 'jwt' }), consumer_groups: [{ name: 'g', plugins: [plugin] }] },
        ],
      ];
      places.push(['consumer_group_plugins[0]', { ...withPlugins({ name: 'jwt' }), consumer_group_plugins: [plugin] }]);
      for (const [path, config] of places) await expect(fromKong(config)).rejects.toThrow(`fromKong.${path}.name: `);
    },
  );

  test.each([
    ['pre-function', { access: ['if not kong.request.get_header("x-a") then kong.response.exit(401) end'] }],
    ['pre-function', { rewrite: ['return kong.response.error(403)'] }],
    ['post-function', { access: ['ngx.exit(ngx.HTTP_FORBIDDEN)'] }],
    ['pre-function', { access: ['kong.client.authenticate(c)'] }],
  ])('%s whose code refuses: %j', async (name, config) => {
    await expect(fromKong(withPlugins({ name: 'jwt' }, { name, config }))).rejects.toThrow(
      'plugins[1].name: the code of',
    );
  });
});

describe('nothing is refused', () => {
  test.each([
    'cors',
    'rate-limiting',
    'prometheus',
    'request-transformer',
    'ai-proxy',
    'pre-function',
    'correlation-id',
  ])('for %s, which says nothing about who calls', async (name) => {
    const { warnings } = await fromKong(withPlugins({ name: 'jwt' }, { name, config: { access: ['return'] } }));
    expect(warnings).toEqual([`plugins[1]: the plugin ${name} is not carried over`]);
  });

  test('for a plugin that is switched off', async () => {
    const { warnings } = await fromKong(withPlugins({ name: 'jwt' }, { name: 'basic-auth', enabled: false }));
    expect(warnings).toEqual(['plugins[1].enabled: is false, so the plugin basic-auth is left out']);
  });

  test('for a plugin that the application replaces, said aloud', async () => {
    const { methods, warnings } = await fromKong(withPlugins({ name: 'jwt' }, { name: 'ip-restriction' }), {
      ignorePlugins: ['ip-restriction'],
    });
    expect(methods).toHaveLength(1);
    expect(warnings).toEqual(['plugins[1]: the plugin ip-restriction is not carried over']);
  });
});

describe('an empty list of methods', () => {
  const file = withPlugins({ name: 'jwt-keycloak', config: {} });

  test('is refused where the file switches authentication on', async () => {
    await expect(fromKong(file, { ignorePlugins: ['jwt-keycloak'] })).rejects.toThrow(
      /no method is left .* allowEmpty: true/,
    );
  });

  test('is given where that is said aloud, and a route behind it is open then', async () => {
    const { methods } = await fromKong(file, { ignorePlugins: ['jwt-keycloak'], allowEmpty: true });
    const server = express();
    server.get('/', ...methods, (_req, res) => void res.json({ open: true }));
    expect((await request(server).get('/')).status).toBe(200);
  });

  test.each([
    [{ ignorePlugins: 'acl' }, 'fromKong.ignorePlugins'],
    [{ allowEmpty: 'yes' }, 'fromKong.allowEmpty'],
    [{ ignorePlugin: [] }, 'fromKong.ignorePlugin'],
  ])('options are checked: %j', async (options, option) => {
    await expect(fromKong(file, options as object)).rejects.toThrow(option);
  });
});
