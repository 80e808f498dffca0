import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { type IssuerFault, type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { loopbackCertificate } from '../../lib/testing/tls-certificate.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { apiTrusting, GOOD, issuerForTest } from '../helpers/key-journey.js';
import { deferred } from '../helpers/people.js';
import { listening } from '../helpers/requests.js';
import { until } from '../helpers/until.js';

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

describe('an answer that never ends is given up after five seconds in all', () => {
  /** What an issuer's silence comes to: nothing a moment before the time is up. */
  async function givenUp(prepare: (issuer: TestIssuer) => void, endpoint: 'discovery' | 'jwks') {
    const advance = fakeClock({ timers: true });
    const issuer = await issuerForTest();
    prepare(issuer);
    const api = apiTrusting(issuer);
    const answer = api.get(await issuer.mint());
    await until(() => issuer.counts[endpoint] === 1);
    advance(4.999);
    await fetch(`${issuer.url}/a-round-trip`);
    expect(reasons(api)).toEqual([]);
    advance(0.001);
    expect(await answer).toMatchObject({ status: 503 });
    expect(reasons(api)).toEqual(['no complete answer within 5 seconds']);
  }

  test.each<[what: string, endpoint: 'discovery' | 'jwks', fault: IssuerFault]>([
    ['silence about the provider', 'discovery', 'no-answer'],
    ['half a document', 'discovery', 'endless-body'],
    ['silence about its keys', 'jwks', 'no-answer'],
    ['half a key set', 'jwks', 'endless-body'],
  ])('%s', (_what, endpoint, fault) => givenUp((issuer) => issuer.fault(endpoint, fault), endpoint));

  /** A provider that says where its keys are when it is told to, and of them the given beginning and then nothing. */
  async function silentProvider(beginning: string | Buffer, headers: Record<string, string> = {}) {
    const asked: string[] = [];
    const goOn = deferred<void>();
    const { server, port } = await listening(async ({ url = '' }, res) => {
      asked.push(url);
      if (url !== '/jwks') {
        await goOn.promise;
        res.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }));
      } else {
        res.writeHead(200, headers);
        res.write(beginning);
      }
    });
    const origin = `http://127.0.0.1:${port}`;
    afterThisTest(async () => void server.close().closeAllConnections());
    const issuer = await issuerForTest();
    const api = apiTrusting(issuer, { issuer: origin, audience: issuer.audience });
    return { api, asked, goOn: goOn.resolve, token: await issuer.mint({ iss: origin }) };
  }

  test('half a key set, compressed', async () => {
    const advance = fakeClock({ timers: true });
    const keys = gzipSync(JSON.stringify((await issuerForTest()).jwks()));
    const { api, asked, goOn, token } = await silentProvider(keys.subarray(0, -20), { 'content-encoding': 'gzip' });
    goOn();
    const answer = api.get(token);
    await until(() => asked.length === 2);
    advance(5);
    expect(await answer).toMatchObject({ status: 503 });
    expect(reasons(api)).toEqual(['no complete answer within 5 seconds']);
  });

  test('half a key set after three seconds of silence about the provider', async () => {
    const advance = fakeClock({ timers: true });
    const { api, asked, goOn, token } = await silentProvider('{"keys":[');
    const answer = api.get(token);
    await until(() => asked.length === 1);
    advance(3);
    goOn();
    await until(() => asked.length === 2);
    advance(2);
    expect(await answer).toMatchObject({ status: 503 });
    expect(reasons(api)).toEqual(['no complete answer within 5 seconds']);
  });
});
