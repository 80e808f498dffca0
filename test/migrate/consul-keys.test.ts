import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { fromConsul } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { authMethod, CORP_PEM, consulRefusal, consulVerdict, corpToken, presentTo } from '../helpers/consul.js';
import { pemOf } from '../helpers/oidc-door.js';
import { listening } from '../helpers/requests.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('keys', () => {
  test('are tried one after the other, whatever key id the token names', async () => {
    const first = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    const config = authMethod({ JWTValidationPubKeys: [first, CORP_PEM] });
    expect(await consulVerdict(config, corpToken({}, { header: { kid: 'whatever' } }))).toBe(200);
  });

  test('are loaded by ready() and once, and their health can be asked', async () => {
    const own = await testIssuer();
    try {
      const { methods } = await fromConsul({ Name: 'corp', Type: 'jwt', Config: { OIDCDiscoveryURL: own.url } });
      await Promise.all(methods.map((method) => method.ready()));
      expect((await presentTo(methods, await own.mint())).status).toBe(200);
      expect(own.counts).toMatchObject({ discovery: 1, jwks: 1 });
      expect(methods[0]?.health()).toEqual([expect.objectContaining({ source: own.url, keyCount: 1 })]);
      await methods[0]?.close();
    } finally {
      await own.close();
    }
  });
});

describe('OIDCDiscoveryURL', () => {
  /** A provider whose issuer ends in a slash, with the keys of `issuer`. */
  async function slashProvider(write: (origin: string) => string) {
    const asked: string[] = [];
    const { server, port } = await listening(
      createServer((req, res) => {
        asked.push(req.url ?? '');
        res.end(JSON.stringify({ ...issuer.metadata, issuer: write(`http://127.0.0.1:${port}`) }));
      }) as never,
    );
    servers.push(server);
    return { origin: `http://127.0.0.1:${port}`, asked };
  }

  test('loses one trailing slash for the document, and keeps it for the issuer', async () => {
    const { origin, asked } = await slashProvider((own) => `${own}/`);
    const config = { Name: 'corp', Type: 'jwt', Config: { OIDCDiscoveryURL: `${origin}/` } };
    expect(await consulVerdict(config, await issuer.mint({ iss: `${origin}/` }))).toBe(200);
    expect(await consulVerdict(config, await issuer.mint({ iss: origin }))).toBe('401 issuer_unknown');
    expect(asked).toEqual(['/.well-known/openid-configuration']);
  });

  test('does not trust a document whose issuer differs by that slash', async () => {
    const { origin } = await slashProvider((own) => own);
    const config = { Name: 'corp', Type: 'jwt', Config: { OIDCDiscoveryURL: `${origin}/` } };
    expect(await consulVerdict(config, await issuer.mint({ iss: `${origin}/` }))).toBe('503 keys_unavailable');
  });

  test('is not asked for when the auth method loads', async () => {
    expect(
      await consulRefusal({ Name: 'corp', Type: 'jwt', Config: { OIDCDiscoveryURL: 'https://127.0.0.1:1' } }),
    ).toBeUndefined();
  });
});
