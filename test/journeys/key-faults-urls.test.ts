import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, type OidcBearerOptions, oidcBearer } from '../../lib/index.js';
import { type IssuerFault, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { loopbackCertificate } from '../../lib/testing/tls-certificate.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';
import type { Loose } from '../helpers/loose.js';

const reasons = (api: ReturnType<typeof apiTrusting>) => api.told('keys_failed').map(({ reason }) => reason);

describe('discovery', () => {
  test.each([
    ['OpenID Connect’s place', { path: '/realms/a' }],
    ['RFC 8414’s place', { path: '/realms/a', discovery: 'oauth' }],
    ['RFC 8414’s place, without a path', { discovery: 'oauth' }],
  ] as const)('finds the keys at %s', async (_what, options) => {
    const issuer = await issuerForTest(options);
    expect(await apiTrusting(issuer).get(await issuer.mint())).toEqual(GOOD);
  });

  test('finds the keys of an issuer that ends with a slash', async () => {
    const issuer = await issuerForTest();
    const url = `${issuer.url}/`;
    issuer.fault('discovery', { body: { ...issuer.metadata, issuer: url } });
    expect(await apiTrusting(issuer, { issuer: url }).get(await issuer.mint({ iss: url }))).toEqual(GOOD);
  });

  test('looks elsewhere only where nothing is there: an error is an error', async () => {
    const issuer = await issuerForTest({ discovery: 'both' });
    issuer.fault('discovery', { status: 500 });
    expect(await apiTrusting(issuer).get(await issuer.mint())).toMatchObject({ status: 503 });
    expect(issuer.counts.discovery).toBe(1);
  });

  test('takes a document from elsewhere if it is told so, and still only the issuer’s own', async () => {
    const issuer = await issuerForTest();
    const mirror = await issuerForTest();
    const discovery = { url: `${mirror.url}/.well-known/openid-configuration` };
    const token = await issuer.mint();
    const mirrored = apiTrusting(issuer, { discovery, cooldown: 0 });
    expect(await mirrored.get(token)).toMatchObject({ status: 503 });
    expect(reasons(mirrored)).toEqual([expect.stringMatching(/another issuer/)]);
    // Both names: which of them is wrong is for the operator to see.
    for (const name of [issuer.url, mirror.url]) expect(reasons(mirrored)[0]).toContain(`"${name}"`);
    mirror.fault('discovery', { body: issuer.metadata });
    expect(await mirrored.get(token)).toEqual(GOOD);
    expect(issuer.counts.discovery).toBe(0);
  });

  test('never leaves the issuer’s host for a path that looks like one', async () => {
    const other = await issuerForTest();
    const issuer = await issuerForTest();
    const url = `${issuer.url}//${new URL(other.url).host}`;
    other.fault('discovery', { body: { ...other.metadata, issuer: url } });
    expect(await apiTrusting(issuer, { issuer: url }).get(await other.mint({ iss: url }))).toMatchObject({
      status: 503,
    });
    expect(other.counts.discovery).toBe(0);
  });

  test('notices within an hour that the key set has moved, and at once if it is gone', async () => {
    const issuer = await issuerForTest();
    const other = await issuerForTest();
    const api = apiTrusting(issuer, { cooldown: 0 });
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    issuer.fault('discovery', { body: { ...issuer.metadata, jwks_uri: other.metadata.jwks_uri } });
    issuer.fault('jwks', { status: 404 });
    const moved = await other.mint({ iss: issuer.url });
    expect(await api.get(moved)).toMatchObject({ status: 503 });
    expect(await api.get(moved)).toEqual(GOOD);
  });
});

describe('a discovery document is refused', () => {
  const documents: readonly (readonly [string, (issuer: TestIssuer) => object, RegExp])[] = [
    ['of another issuer', (issuer) => ({ issuer: `${issuer.url}.evil.example` }), /another issuer/],
    ['with a trailing slash too many', (issuer) => ({ issuer: `${issuer.url}/` }), /another issuer/],
    ['in another case', (issuer) => ({ issuer: issuer.url.toUpperCase() }), /another issuer/],
    ['without an issuer', () => ({ issuer: undefined }), /another issuer/],
    ['without jwks_uri', () => ({ jwks_uri: undefined }), /no jwks_uri/],
    ['with a jwks_uri that is no text', () => ({ jwks_uri: ['https://a.example'] }), /no jwks_uri/],
    ['with a relative jwks_uri', () => ({ jwks_uri: '/jwks' }), /no jwks_uri/],
    ['with a jwks_uri over plain http', () => ({ jwks_uri: 'http://keys.example.com/' }), /https/],
    ['with a jwks_uri on a link-local address', () => ({ jwks_uri: 'http://169.254.169.254/' }), /https/],
    ['with a file', () => ({ jwks_uri: 'file:///etc/passwd' }), /https/],
    ['with a data URL', () => ({ jwks_uri: 'data:application/json,{}' }), /https/],
    [
      'with a user name in its jwks_uri',
      ({ metadata }) => ({ jwks_uri: metadata.jwks_uri.replace('//', '//user:pass@') }),
      /user name or password/,
    ],
  ];

  test.each(documents)('%s', async (_what, changesOf, reason) => {
    const issuer = await issuerForTest();
    const fault: IssuerFault = { body: { ...issuer.metadata, ...changesOf(issuer) } };
    issuer.fault('discovery', fault);
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
    expect(reasons(api)).toEqual([expect.stringMatching(reason)]);
    expect(issuer.counts.jwks).toBe(0);
  });

  test('that came over https and points at plain http, even on this machine', async () => {
    let asked = 0;
    const local = createServer((_req, res) => {
      asked += 1;
      res.end('{}');
    }).listen(0, '127.0.0.1');
    afterThisTest(() => new Promise((done) => local.close(() => done())));
    const address = local.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const issuer = await testIssuer({ tls: true });
    afterThisTest(() => issuer.close());
    issuer.fault('discovery', { body: { ...issuer.metadata, jwks_uri: `http://127.0.0.1:${port}/` } });
    const api = apiTrusting(issuer, { ca: issuer.ca });
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503 });
    expect([asked, reasons(api)]).toEqual([0, [expect.stringMatching(/https/)]]);
  });
});

describe('at creation', () => {
  const refusal = (options: Loose<OidcBearerOptions>): string => {
    try {
      oidcBearer({ issuer: 'https://login.example.com', audience: 'a', ...options } as OidcBearerOptions);
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message;
      throw error;
    }
    return 'taken';
  };
  const { ca } = loopbackCertificate();
  const publicKeys = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

  test.each([
    ['plain http', { issuer: 'http://login.example.com' }, /https/],
    ['plain http for the key set', { jwksUri: 'http://login.example.com/jwks' }, /https/],
    ['plain http for the document', { discovery: { url: 'http://login.example.com/d' } }, /https/],
    ['a name that only begins like this machine', { jwksUri: 'http://localhost.example.com/' }, /https/],
    ['this network', { jwksUri: 'http://0.0.0.0/' }, /https/],
    ['another scheme', { jwksUri: 'ftp://login.example.com/jwks' }, /https/],
    ['a user name', { jwksUri: 'https://user@login.example.com/jwks' }, /user name/],
    ['no URL', { jwksUri: 'login.example.com/jwks' }, /URL/],
    ['two sources', { jwksUri: 'https://a.example/', publicKeys }, /exactly one of .*jwksUri and publicKeys/],
    [
      'discovery and a key set',
      { discovery: { url: 'https://a.example/' }, jwksUri: 'https://a.example/' },
      /exactly one of .*discovery and jwksUri/,
    ],
    ['ca without a URL', { publicKeys, ca }, /no URL/],
    ['maxStale without a URL', { publicKeys, maxStale: 5 }, /no URL/],
    ['ca that is none', { ca: 'PEM' }, /PEM/],
    ['a negative maxStale', { maxStale: -1 }, /maxStale/],
    ['a cooldown beyond an hour', { cooldown: 3601 }, /cooldown/],
    ['an endless maxStale', { maxStale: Number.POSITIVE_INFINITY }, /maxStale/],
  ] as const)('refuses %s', (_what, options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  test.each([
    ['plain http where that was said aloud', { issuer: 'http://idp.internal', dangerouslyAllowHttp: true }],
    ['plain http on this machine', { jwksUri: 'http://[::1]:8080/jwks' }],
    ['plain http on this machine by name', { jwksUri: 'http://localhost:8080/jwks' }],
    ['ca for discovery', { ca }],
    ['ca for a key set', { jwksUri: 'https://a.example/', ca }],
    ['keys alone', { publicKeys }],
  ] as const)('takes %s', (_what, options) => {
    expect(refusal(options)).toBe('taken');
  });
});
