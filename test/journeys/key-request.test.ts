import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type AuthMethod, basicGrant, oidcBearer, wafToken } from '../../lib/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { ask } from '../helpers/asking.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { basic } from '../helpers/grants.js';
import { issuerForTest } from '../helpers/key-journey.js';
import { keyServer } from '../helpers/key-server.js';
import { AUDIENCE, accessToken, ISSUER, jwkOf, PROVIDER_KEY, PROVIDER_PEM } from '../helpers/oidc-door.js';
import { app } from '../helpers/servers.js';
import { until } from '../helpers/until.js';
import { WAF_HEADER, wafVerdict } from '../helpers/waf.js';

const KEYS = { keys: [jwkOf(createPublicKey(PROVIDER_KEY), { kid: 'k' })] };

/** As Kubernetes' API server: nothing without the pod's token. */
const place = await keyServer((origin) => ({
  '/jwks': KEYS,
  '/.well-known/openid-configuration': { issuer: origin, jwks_uri: `${origin}/jwks` },
  '/k': 'unused',
}));
const endpoints = await keyServer((origin) => ({
  '/.well-known/openid-configuration': {
    issuer: origin,
    jwks_uri: `${origin}/jwks`,
    token_endpoint: `${origin}/token`,
    introspection_endpoint: `${origin}/introspect`,
  },
}));

const bearers = () => new Set(place.headers.splice(0).map(({ authorization }) => authorization));

function podToken(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pod-'));
  afterThisTest(async () => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'token'), 'pod-1\n');
  return join(folder, 'token');
}

const closing = <Method extends AuthMethod>(method: Method): Method => {
  afterThisTest(() => method.close());
  return method;
};

describe('keyRequest.bearerFile goes along with the fetches of', () => {
  const token = (iss = ISSUER) => accessToken({ iss }, { header: { kid: 'k' } });

  test('oidcBearer by jwksUri', async () => {
    const keyRequest = { bearerFile: podToken() };
    const method = closing(
      oidcBearer({ issuer: ISSUER, audience: AUDIENCE, jwksUri: `${place.origin}/jwks`, keyRequest }),
    );
    expect(await ask(method, token())).toBe('ok');
    expect(bearers()).toEqual(new Set(['Bearer pod-1']));
  });

  test('oidcBearer by discovery', async () => {
    const keyRequest = { bearerFile: podToken() };
    const method = closing(oidcBearer({ issuer: place.origin, audience: AUDIENCE, keyRequest }));
    expect(await ask(method, token(place.origin))).toBe('ok');
    expect(bearers()).toEqual(new Set(['Bearer pod-1']));
  });

  test('oidcBearer by issuers()', async () => {
    const keyRequest = { bearerFile: podToken() };
    const method = closing(oidcBearer({ issuers: (issuer) => ({ issuer, audience: AUDIENCE, keyRequest }) }));
    expect(await ask(method, token(place.origin))).toBe('ok');
    expect(bearers()).toEqual(new Set(['Bearer pod-1']));
  });

  test('wafToken by jwksUri and by pemPerKid', async () => {
    const keyRequest = { bearerFile: podToken() };
    const own = { header: WAF_HEADER, issuer: ISSUER, audience: AUDIENCE, keyRequest };
    const byKeys = closing(wafToken({ ...own, jwksUri: `${place.origin}/jwks` }));
    expect(await wafVerdict(byKeys, [WAF_HEADER, token()])).toBe(200);
    const byPem = closing(wafToken({ ...own, pemPerKid: `${place.origin}/pem/{kid}` }));
    expect(await wafVerdict(byPem, [WAF_HEADER, token()])).toMatch(/^401/);
    expect(bearers()).toEqual(new Set(['Bearer pod-1']));
  });

  test('the document of basicGrant and of introspection, and never to their endpoints', async () => {
    const endpoint = endpoints;
    const keyRequest = { headers: { authorization: 'Bearer pod-1', 'x-pod': 'one' } };
    const client = { id: 'me', secret: 'a secret of ours' };
    const introspecting = closing(
      oidcBearer({
        issuer: endpoint.origin,
        audience: AUDIENCE,
        publicKeys: PROVIDER_PEM,
        introspection: { client },
        keyRequest,
      }),
    );
    await ask(introspecting, 'opaque');
    const verify = oidcBearer({ issuer: endpoint.origin, audience: AUDIENCE, publicKeys: PROVIDER_PEM });
    const granting = closing(basicGrant({ issuer: endpoint.origin, verify, keyRequest }));
    await request(app(granting)).get('/').set('Authorization', basic('id', 'secret'));
    const seen = endpoint.asked.map((path, index) => [path, endpoint.headers[index]?.['x-pod']]);
    expect(seen).toEqual([
      ['/.well-known/openid-configuration', 'one'],
      ['/introspect', undefined],
      ['/.well-known/openid-configuration', 'one'],
      ['/token', undefined],
    ]);
  });
});

describe('keyRequest.proxy', () => {
  test('carries what a method fetches, and what it asks its provider', async () => {
    const issuer = await issuerForTest();
    const proxy = await connectProxy();
    const keyRequest = { proxy: `http://127.0.0.1:${proxy.port}` };
    const introspection = { client: { id: 'test-client', secret: 'test-secret' }, also: 'jwt' as const, cache: false };
    const method = closing(oidcBearer({ issuer: issuer.url, audience: issuer.audience, introspection, keyRequest }));
    expect(await ask(method, await issuer.mint())).toBe('ok');
    expect(issuer.counts).toEqual({ discovery: 2, jwks: 1, token: 0, introspection: 1 });
    expect(proxy.tunnels).toHaveLength(4);
    expect(proxy.plain).toEqual([]);
  });

  test('bounds the questions at a time, as without one', async () => {
    const issuer = await issuerForTest();
    issuer.fault('introspection', 'no-answer');
    const proxy = await connectProxy();
    const keyRequest = { proxy: `http://127.0.0.1:${proxy.port}` };
    const introspection = { client: { id: 'test-client', secret: 'test-secret' }, cache: false };
    const method = closing(oidcBearer({ issuer: issuer.url, audience: issuer.audience, introspection, keyRequest }));
    await method.ready();
    const loaded = proxy.tunnels.length;
    const asking = Promise.all(Array.from({ length: 40 }, (_, index) => ask(method, `opaque-${index}`)));
    await until(() => issuer.counts.introspection === 32);
    // What came beyond the bound would have arrived by then.
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    expect(proxy.tunnels.length - loaded).toBe(32);
    await issuer.stop();
    expect(new Set(await asking)).toEqual(new Set(['introspection_unavailable']));
  });

  test('is refused, and so are headers, where nothing is fetched', () => {
    const options = {
      issuer: ISSUER,
      audience: AUDIENCE,
      publicKeys: PROVIDER_PEM,
      keyRequest: { headers: { a: 'b' } },
    };
    expect(() => oidcBearer(options)).toThrow(/oidcBearer\.keyRequest: is for keys that are fetched/);
    expect(() => wafToken({ header: WAF_HEADER, ...options })).toThrow(
      /wafToken\.keyRequest: is for keys that are fetched/,
    );
  });

  test.each([
    ['oidcBearer', (keyRequest: never) => oidcBearer({ issuer: ISSUER, audience: AUDIENCE, keyRequest })],
    [
      'basicGrant',
      (keyRequest: never) =>
        basicGrant({ issuer: ISSUER, verify: oidcBearer({ issuer: ISSUER, audience: null }), keyRequest }),
    ],
    [
      'wafToken',
      (keyRequest: never) => wafToken({ issuer: ISSUER, audience: AUDIENCE, pemPerKid: `${ISSUER}/{kid}`, keyRequest }),
    ],
  ])('is checked by %s, whose name stands in the refusal', (name, make) => {
    expect(() => make({ proxy: 's3cret' } as never)).toThrow(new RegExp(`^${name}\\.keyRequest\\.proxy: expects`));
  });
});
