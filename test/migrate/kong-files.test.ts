import { describe, expect, test } from '@jest/globals';
import { fromKong } from '../../lib/migrate/index.js';
import { JSMITH, kongConfig, seen } from '../helpers/kong.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

const CONSUMER = `consumers:\n- username: jsmith\n  jwt_secrets:\n  - {key: ${HOWTO.key}, secret: ${HOWTO.secret}}\n`;

async function statuses(config: string | object): Promise<number[]> {
  const server = app(...(await fromKong(config)).methods);
  return [(await seen(server, howtoToken())).status, (await seen(server)).status];
}

describe('files as decK and Kong write them are carried over:', () => {
  const shared = '_plugin_configs:\n  shared-jwt:\n    claims_to_verify: [exp]\n    header_names: [x-none]\n';

  test.each([
    [
      '_plugin_configs',
      `${shared}${CONSUMER}plugins:\n- name: jwt\n  _config: shared-jwt\n  config: {header_names: [authorization]}\n`,
    ],
    [
      '_plugin_configs below a service',
      `${shared.replace('x-none', 'authorization')}${CONSUMER}services:\n- name: s\n  plugins:\n  - {name: jwt, _config: shared-jwt}\n`,
    ],
    [
      'run_on',
      `_format_version: "1.1"\n${CONSUMER}plugins:\n- {name: jwt, enabled: true, run_on: first, protocols: [http, https]}\n`,
    ],
    ['one document between markers', `---\n${CONSUMER}plugins: [{name: jwt}]\n---\n`],
    ['a byte order mark', `\uFEFF${CONSUMER}plugins: [{name: jwt}]\n`],
    [
      '_info, _konnect, _transform',
      `_info: {select_tags: [a], defaults: {}}\n_konnect: {control_plane_name: x}\n_transform: false\n${CONSUMER}plugins: [{name: jwt}]\n`,
    ],
    [
      'ca_certificates, vaults, partials',
      `ca_certificates: [{cert: x}]\nvaults: [{name: env, prefix: e}]\npartials: [{name: p, type: redis-ee}]\n${CONSUMER}plugins: [{name: jwt, partials: [{name: p}]}]\n`,
    ],
    [
      'consumer_groups',
      `consumer_groups: [{name: gold, plugins: [{name: rate-limiting-advanced, config: {limit: [1]}}]}]\n${CONSUMER}plugins: [{name: jwt}]\n`,
    ],
  ])('%s', async (_what, text) => {
    expect(await statuses(text)).toEqual([200, 401]);
  });

  test('what a plugin says itself counts more than what it shares', async () => {
    const config = { _plugin_configs: { s: { realm: 'shared', key_claim_name: 'iss' } }, consumers: [JSMITH] };
    const plugins = [{ name: 'jwt', _config: 's', config: { realm: 'own' } }];
    const { methods } = await fromKong({ ...config, plugins });
    expect((await seen(app(...methods))).challenge).toBe('Bearer realm="own"');
  });
});

describe('other files are refused by what they are:', () => {
  const manifest = (kind: string) => `apiVersion: configuration.konghq.com/v1\nkind: ${kind}\nmetadata: {name: a}\n`;

  test.each([
    ['one manifest', manifest('KongPlugin'), 'Kubernetes manifest (kind KongPlugin)'],
    [
      'a stream of manifests',
      `${manifest('KongPlugin')}---\n${manifest('KongConsumer')}`,
      'Kubernetes manifests (kind KongPlugin)',
    ],
    [
      'a ConfigMap around the file',
      'apiVersion: v1\nkind: ConfigMap\ndata: {kong.yml: "plugins: []"}\n',
      'kind ConfigMap',
    ],
    ['several documents', `${CONSUMER}---\nplugins: [{name: jwt}]\n`, 'holds 2 YAML documents'],
    [
      'a key twice',
      `${CONSUMER}plugins:\n- name: jwt\nplugins:\n- name: cors\n`,
      'gives "plugins" twice in one mapping (line 7)',
    ],
    ['a nested key twice', `${CONSUMER}plugins:\n- name: jwt\n  name: cors\n`, 'gives "name" twice in one mapping'],
    [
      'a member twice',
      '{"plugins": [{"name": "jwt"}], "consumers": [], "plugins": []}',
      'gives one member of an object twice',
    ],
    ['an escaped member twice', '{"plugins": [], "plu\\u0067ins": []}', 'gives one member of an object twice'],
    ['GET /plugins', { data: [{ name: 'jwt', id: 'x', config: {} }], next: null }, "an answer of Kong's Admin API"],
    ['GET /consumers', { data: [], next: null, offset: 'x' }, "an answer of Kong's Admin API"],
    ['GET /config', { config: '_format_version: "3.0"' }, 'GET /config'],
    ['GET /', { version: '3.9.0', tagline: 'Welcome to kong', plugins: {} }, "Kong's Admin API about the node"],
    [
      'a shared config that is not there',
      kongConfig({}, { plugins: [{ name: 'jwt', _config: 'x' }] }),
      "plugins[0]._config: invalid reference '_config: x'",
    ],
    ['what is neither', 'plugins: [', 'neither JSON nor YAML'],
  ])('%s', async (_what, config, reason) => {
    await expect(fromKong(config)).rejects.toThrow(reason);
  });

  test('and no value of the file stands in the refusal', async () => {
    const text = `secret: ${HOWTO.secret}\n${HOWTO.secret}: 1\n${HOWTO.secret}: 2\n`;
    await expect(fromKong(text)).rejects.not.toThrow(HOWTO.secret.slice(0, 8).repeat(2));
  });
});

describe('two of one key are refused:', () => {
  const secret = 's'.repeat(40);

  test.each([
    [
      'in one consumer',
      {
        consumers: [
          {
            username: 'a',
            jwt_secrets: [
              { key: 'k', secret },
              { key: 'k', secret },
            ],
          },
        ],
      },
    ],
    [
      'nested and at the top',
      {
        consumers: [{ username: 'a', jwt_secrets: [{ key: 'k', secret }] }],
        jwt_secrets: [{ consumer: 'a', key: 'k', secret }],
      },
    ],
    [
      'under both names of the list',
      { consumers: [{ username: 'a', jwt_secrets: [{ key: 'k', secret }], jwt: [{ key: 'k', secret }] }] },
    ],
  ])('%s', async (_where, config) => {
    await expect(fromKong({ ...config, plugins: [{ name: 'jwt' }] })).rejects.toThrow('uniqueness violation');
  });
});
