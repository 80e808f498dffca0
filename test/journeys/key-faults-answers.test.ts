import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { type IssuerFault, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { loopbackCertificate } from '../../lib/testing/tls-certificate.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { apiTrusting, fakeClock, GOOD, issuerForTest } from '../helpers/key-journey.js';

const BROKEN: readonly (readonly [string, IssuerFault, RegExp])[] = [
  ['status 500 with the right body', { status: 500 }, /status 500/],
  ['status 404', { status: 404 }, /status 404/],
  ['status 203', { status: 203 }, /status 203/],
  ['HTML with 200', 'html', /not JSON/],
  ['an empty body', { body: '' }, /not JSON/],
  ['{}', 'empty-object', /not a JWK Set|another issuer/],
  ['an array', { body: [] }, /not a JWK Set|not a JSON object/],
  ['null', { body: 'null' }, /not a JWK Set|not a JSON object/],
  ['{"keys":[]}', 'no-keys', /no usable key|another issuer/],
  ['keys that are no array', { body: { keys: {} } }, /not a JWK Set|another issuer/],
  ['truncated JSON', 'truncated', /not JSON/],
  ['10 MB', 'oversized', /larger than 262144 bytes/],
  ['a gzip bomb', 'gzip-bomb', /larger than 262144 bytes/],
  ['gzip that is none', { headers: { 'content-encoding': 'gzip' } }, /header/],
  ['an unknown coding', { headers: { 'content-encoding': 'zstd' } }, /unknown content encoding/],
  ['two codings', { headers: { 'content-encoding': 'gzip, gzip' } }, /unknown content encoding/],
  ['a connection cut at once', 'disconnect', /socket hang up/],
];

const reasons = (api: ReturnType<typeof apiTrusting>) => api.told('keys_failed').map(({ reason }) => reason);

describe.each(['jwks', 'discovery'] as const)('at the %s endpoint,', (endpoint) => {
  test.each(BROKEN)('%s is an outage at start, and heals', async (_what, fault, reason) => {
    const issuer = await issuerForTest();
    issuer.fault(endpoint, fault);
    const api = apiTrusting(issuer, { cooldown: 0 });
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
    expect(reasons(api)).toEqual([expect.stringMatching(reason)]);
    issuer.heal();
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
  });
});

describe('a good set is never replaced by', () => {
  test.each(BROKEN)('%s', async (_what, fault) => {
    const advance = fakeClock();
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer);
    await api.method.ready();
    issuer.fault('jwks', fault);
    advance(601);
    expect(await api.get(await issuer.mint())).toEqual(GOOD);
    expect(api.told('keys_failed')).toEqual([expect.objectContaining({ servingStale: true })]);
    expect(api.method.health()).toMatchObject([{ keyCount: 1, lastError: { message: expect.any(String) } }]);
  });
});

test('what a broken answer contains reaches neither events nor health', async () => {
  const issuer = await issuerForTest();
  issuer.fault('jwks', { body: '{"secret-looking": "c2VjcmV0"' });
  const api = apiTrusting(issuer);
  await api.get(await issuer.mint());
  expect(JSON.stringify([api.events, api.method.health()])).not.toMatch(/secret-looking|c2VjcmV0/);
});

describe('right answers in unusual clothes are taken:', () => {
  const right = (issuer: TestIssuer) => JSON.stringify(issuer.jwks());
  test.each<[string, (issuer: TestIssuer) => IssuerFault]>([
    ['gzip', (issuer) => ({ body: gzipSync(right(issuer)), headers: { 'content-encoding': 'GZIP' } })],
    ['a byte order mark', (issuer) => ({ body: `\uFEFF${right(issuer)}` })],
    ['another content type', () => ({ headers: { 'content-type': 'text/plain' } })],
    ['just below the limit', (issuer) => ({ body: right(issuer) + ' '.repeat(262_144 - right(issuer).length) })],
  ])('%s', async (_what, faultOf) => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', faultOf(issuer));
    expect(await apiTrusting(issuer).get(await issuer.mint())).toEqual(GOOD);
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with %i is an outage, and is not followed', async (status) => {
    const issuer = await issuerForTest();
    const target = await issuerForTest();
    for (const endpoint of ['jwks', 'discovery'] as const) {
      issuer.heal();
      issuer.fault(endpoint, { redirect: target.metadata.jwks_uri, status });
      const api = apiTrusting(issuer);
      expect(await api.get(await target.mint({ iss: issuer.url }))).toMatchObject({ status: 503 });
      const reason = `the answer has the status ${status}, a redirection to ${target.metadata.jwks_uri}`;
      expect(reasons(api)).toEqual([expect.stringContaining(reason)]);
      expect(api.method.health()).toMatchObject([{ lastError: { message: expect.stringContaining(reason) } }]);
    }
    expect(target.counts.jwks).toBe(0);
  });

  test.each([
    ['/login?state=s3cret#s3cret', /a redirection to http:\/\/127\.0\.0\.1:\d+\/login,/],
    ['https://user:s3cret@sso.example.com/login', /a redirection to https:\/\/sso\.example\.com\/login,/],
    [`/${'x'.repeat(5000)}`, /x{100}…/],
    ['data:,s3cret', /a redirection to data:,/],
    ['http://[', /^the answer has the status 302$/],
  ])('to %s is named without what may be a secret', async (redirect, reason) => {
    const issuer = await issuerForTest();
    issuer.fault('jwks', { redirect });
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503 });
    expect(reasons(api)).toEqual([expect.stringMatching(reason)]);
    expect(JSON.stringify([api.events, api.method.health()])).not.toContain('s3cret');
    expect(JSON.stringify(reasons(api)).length).toBeLessThan(400);
  });

  test('to a link-local address opens no connection', async () => {
    const connect = jest.spyOn(net.Socket.prototype, 'connect');
    const issuer = await issuerForTest();
    issuer.fault('jwks', { redirect: 'http://169.254.169.254/latest/meta-data/' });
    expect(await apiTrusting(issuer).get(await issuer.mint())).toMatchObject({ status: 503 });
    const targets = JSON.stringify(connect.mock.calls.map(([first]) => first));
    connect.mockRestore();
    expect(targets).toContain(new URL(issuer.url).port);
    expect(targets).not.toContain('169.254');
  });
});

describe('a certificate', () => {
  async function secureIssuer() {
    const issuer = await testIssuer({ tls: true });
    afterThisTest(() => issuer.close());
    return issuer;
  }

  test('of an authority that is given as ca is believed', async () => {
    const issuer = await secureIssuer();
    expect(await apiTrusting(issuer, { ca: issuer.ca }).get(await issuer.mint())).toEqual(GOOD);
    const { jwks_uri: jwksUri } = issuer.metadata;
    expect(await apiTrusting(issuer, { ca: issuer.ca, jwksUri }).get(await issuer.mint())).toEqual(GOOD);
  });

  test('of an unknown authority is an outage', async () => {
    const issuer = await secureIssuer();
    const api = apiTrusting(issuer);
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
    expect(reasons(api)).toEqual([expect.stringMatching(/certificate/)]);
  });

  test('of another authority than ca is an outage', async () => {
    const issuer = await secureIssuer();
    const api = apiTrusting(issuer, { ca: loopbackCertificate().ca });
    expect(await api.get(await issuer.mint())).toMatchObject({ status: 503, code: 'keys_unavailable' });
    expect(issuer.counts.discovery).toBe(0);
  });
});

test('an answer that never ends is given up after five seconds in all, at every stage and compressed, too', async () => {
  const never = async (prepare: (issuer: TestIssuer) => void) => {
    const issuer = await issuerForTest();
    prepare(issuer);
    const api = apiTrusting(issuer);
    const { status } = await api.get(await issuer.mint());
    return { status, reasons: reasons(api) };
  };
  const seen = await Promise.all([
    never((issuer) => issuer.fault('discovery', 'no-answer')),
    never((issuer) => issuer.fault('discovery', 'endless-body')),
    never((issuer) => issuer.fault('jwks', 'no-answer')),
    never((issuer) => issuer.fault('jwks', 'endless-body')),
    never((issuer) => {
      issuer.fault('discovery', { delay: 3 });
      issuer.fault('jwks', { delay: 3 });
    }),
    never((issuer) => {
      const body = gzipSync(JSON.stringify(issuer.jwks()));
      const headers = { 'content-encoding': 'gzip', 'content-length': String(body.length) };
      issuer.fault('jwks', { body: body.subarray(0, -20), headers });
    }),
  ]);
  const givenUp = { status: 503, reasons: ['no complete answer within 5 seconds'] };
  // Of a body that is shorter than announced, the server's own patience may end a moment earlier.
  const cutShort = { status: 503, reasons: [expect.stringMatching(/within 5 seconds|aborted/)] };
  expect(seen).toEqual([givenUp, givenUp, givenUp, givenUp, givenUp, cutShort]);
}, 20_000);
