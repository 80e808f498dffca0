import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type AuthEvent, ServiceUnavailableError } from '../../../lib/index.js';
import { fakeClock } from '../../helpers/fake-clock.js';
import { active, asking, introspectionEndpoint, opaqueToken, type Said } from '../../helpers/introspection-endpoint.js';
import { bearer } from '../../helpers/requests.js';
import { app } from '../../helpers/servers.js';
import { until } from '../../helpers/until.js';

const endpoint = await introspectionEndpoint();
const accomplice = await introspectionEndpoint(active());
const silent = await introspectionEndpoint(() => undefined);
const endless = await introspectionEndpoint((_asked, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.write('{"active":');
  return undefined;
});
const YES = JSON.stringify(active().body);
const HUGE = `${YES.slice(0, -1)},"filler":"${'x'.repeat(300_000)}"}`;
const raw = (body: string | Buffer, headers: Record<string, string> = {}): Said => ({ body, headers });
const error = (status: number, code: string): Said => ({ status, body: { error: code } });

const FAULTS: readonly (readonly [what: string, said: Said])[] = [
  ['500', { status: 500, body: 'oops' }],
  ['500, and yet a yes', { ...active(), status: 500 }],
  ['201', { ...active(), status: 201 }],
  ['204', { status: 204, body: '' }],
  ['502 with a page', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
  ['401 to us', error(401, 'invalid_client')],
  [
    '401 to us, with a challenge',
    { ...error(401, 'invalid_client'), headers: { 'www-authenticate': 'Basic realm="x"' } },
  ],
  ['403 to us', error(403, 'access_denied')],
  ['400 to us', error(400, 'invalid_request')],
  ['429', error(429, 'slow_down')],
  ['a redirect', { status: 302, headers: { location: accomplice.url }, body: '' }],
  ['a redirect that keeps the form', { status: 307, headers: { location: accomplice.url }, body: '' }],
  ['a page', raw('<h1>Welcome</h1>', { 'content-type': 'text/html' })],
  ['a yes that says it is a text', raw(YES, { 'content-type': 'text/plain' })],
  ['a yes of no type', raw(YES, { 'content-type': '' })],
  ['nothing', raw('')],
  ['half an answer', raw(YES.slice(0, -10))],
  ['a list', raw('[{"active":true}]')],
  ['null', raw('null')],
  ['true', raw('true')],
  ['an object without a word about it', raw('{}')],
  ['"true" in quotes', raw(YES.replace('true', '"true"'))],
  ['1 for a yes', raw(YES.replace('true', '1'))],
  ['null for a no', raw('{"active":null}')],
  ['no and yes', raw(`{"active":false,${YES.slice(1)}`)],
  ['bytes that are no text', raw(Buffer.from([0x7b, 0xff, 0x7d]))],
  ['a member named __proto__', raw(`{"__proto__":{"active":true},${YES.slice(1)}`)],
  ['more than anybody has to say', raw(HUGE)],
  ['the same, compressed', raw(gzipSync(HUGE), { 'content-encoding': 'gzip' })],
  ['an unknown compression', raw(YES, { 'content-encoding': 'zstd' })],
];

async function get(method: ReturnType<typeof asking>, token = opaqueToken()) {
  const { status, body, headers } = await request(app(method)).get('/').set('Authorization', bearer(token));
  return { status, code: body.code, retryAfter: headers['retry-after'], challenge: headers['www-authenticate'] };
}
const UNAVAILABLE = { status: 503, code: 'introspection_unavailable', retryAfter: '5', challenge: undefined };

describe('the endpoint’s trouble is never the caller’s fault', () => {
  test.each(FAULTS)('%s', async (_what, said) => {
    const token = opaqueToken();
    const method = asking(endpoint);
    endpoint.answers(said);
    expect(await get(method, token)).toEqual(UNAVAILABLE);
    // Nothing of it is remembered.
    endpoint.answers(active());
    expect(await get(method, token)).toMatchObject({ status: 200 });
  });

  test('and no redirect is followed', () => {
    expect(accomplice.asked).toEqual([]);
  });

  test('nor is a connection that is cut, or refused', async () => {
    endpoint.answers((_asked, res) => void res.destroy());
    expect(await get(asking(endpoint))).toEqual(UNAVAILABLE);
    expect(await get(asking({ url: 'http://127.0.0.1:1/introspect' }))).toEqual(UNAVAILABLE);
  });

  test('nor an endpoint that says nothing, or never comes to an end', async () => {
    const advance = fakeClock({ timers: true });
    const answers = Promise.all([get(asking(silent)), get(asking(endless))]);
    await until(() => silent.asked.length === 1 && endless.asked.length === 1);
    advance(5);
    expect(await answers).toEqual([UNAVAILABLE, UNAVAILABLE]);
  });

  test('nor does it make anybody anonymous', async () => {
    endpoint.answers(error(500, 'server_error'));
    const method = asking(endpoint, { anonymous: { username: 'nobody', coverFailures: true } });
    expect(await get(method)).toEqual(UNAVAILABLE);
  });
});

describe('what the operator is told', () => {
  test('is the reason, and nothing out of the answer', async () => {
    const events: AuthEvent[] = [];
    const method = asking(endpoint, { events });
    const reasons = new Map<string, string>();
    for (const [what, said] of FAULTS) {
      endpoint.answers(said);
      await get(method);
      const event = events.at(-1);
      const thrown = event?.type === 'refused' ? event.error : undefined;
      expect(thrown).toBeInstanceOf(ServiceUnavailableError);
      reasons.set(what, String((thrown?.cause as Error | undefined)?.message));
    }
    expect(reasons.get('401 to us')).toBe('the provider answered 401 invalid_client');
    expect(reasons.get('502 with a page')).toBe('the provider answered 502');
    expect(reasons.get('a redirect')).toBe('the provider answered 302');
    expect(reasons.get('a page')).toBe('the answer is of another content type');
    expect(reasons.get('half an answer')).toBe('the answer is not JSON that can be relied on');
    expect([...reasons.values()].join('\n')).not.toMatch(/Welcome|alice|opaque|secret/);
  });

  test('stands in health() too, until an answer comes', async () => {
    const method = asking(endpoint);
    const healthOf = () => method.health().find(({ source }) => source === `introspection ${endpoint.url}`);
    expect(healthOf()).toEqual({ source: `introspection ${endpoint.url}`, keyCount: 0 });
    endpoint.answers(error(500, 'server_error'));
    await get(method);
    expect(healthOf()).toMatchObject({
      lastError: { at: expect.any(Date), message: 'the provider answered 500' },
    });
    expect(healthOf()).not.toHaveProperty('lastSuccess');
    endpoint.answers(active());
    await get(method);
    expect(healthOf()).toMatchObject({ lastSuccess: expect.any(Date), age: expect.any(Number) });
  });
});
