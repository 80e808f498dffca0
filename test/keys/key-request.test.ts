import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { discoveryKeys, jwksKeys, type KeyRequestOptions, pemPerKidKeys } from '../../lib/index.js';
import { testIssuer } from '../../lib/testing/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { keyServer } from '../helpers/key-server.js';
import { jwkOf } from '../helpers/oidc-door.js';
import { until } from '../helpers/until.js';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEYS = { keys: [jwkOf(publicKey, { kid: 'a' })] };
const HEADER = { alg: 'ES256', kid: 'a' };
const DOCUMENT = '/.well-known/openid-configuration';

/** Loads the keys and says why they cannot be loaded. */
async function problemOf(source: ReturnType<typeof jwksKeys>): Promise<string | undefined> {
  afterThisTest(async () => source.close());
  return source.ready().then(
    () => undefined,
    () => source.health().lastError?.message,
  );
}

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bearer-'));
  afterThisTest(async () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  writeFileSync(file, text);
  return file;
}

const place = await keyServer((origin) => ({
  '/jwks': KEYS,
  [DOCUMENT]: { issuer: origin, jwks_uri: `${origin}/jwks` },
}));
const elsewhere = await keyServer((origin) => ({
  [DOCUMENT]: { issuer: origin, jwks_uri: `${place.origin}/jwks` },
}));

const lastHeaders = ({ headers }: typeof place) => headers.at(-1) ?? {};

describe('headers', () => {
  const headers = { authorization: 'Bearer pod-1', 'X-Tenant': 'blue' };

  test('go along with every fetch of a key set', async () => {
    const source = jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest: { headers } });
    expect(await problemOf(source)).toBeUndefined();
    expect(lastHeaders(place)).toMatchObject({ authorization: 'Bearer pod-1', 'x-tenant': 'blue' });
  });

  test('go along to a discovery document and to a key set of the same origin', async () => {
    const from = place.headers.length;
    expect(await problemOf(discoveryKeys({ issuer: place.origin, keyRequest: { headers } }))).toBeUndefined();
    const sent = place.headers.slice(from).map(({ authorization }) => authorization);
    expect(sent).toEqual(['Bearer pod-1', 'Bearer pod-1']);
  });

  test('never go to a key set that the document names at another origin', async () => {
    const bearerFile = fileWith('pod-2');
    for (const keyRequest of [{ headers }, { bearerFile }] satisfies KeyRequestOptions[]) {
      expect(await problemOf(discoveryKeys({ issuer: elsewhere.origin, keyRequest }))).toBeUndefined();
      expect(lastHeaders(elsewhere).authorization).toMatch(/^Bearer pod-/);
      expect(lastHeaders(place)).not.toHaveProperty('authorization');
      expect(lastHeaders(place)).not.toHaveProperty('x-tenant');
    }
  });

  test('go to the place of the document where that is configured, and not to the issuer', async () => {
    const source = discoveryKeys({
      issuer: elsewhere.origin,
      url: `${elsewhere.origin}${DOCUMENT}`,
      keyRequest: { headers },
    });
    expect(await problemOf(source)).toBeUndefined();
    expect(lastHeaders(elsewhere).authorization).toBe('Bearer pod-1');
  });

  test('go along with one PEM per key id', async () => {
    const source = pemPerKidKeys({ url: `${place.origin}/pem/{kid}`, keyRequest: { headers } });
    await expect(source.find(HEADER)).rejects.toMatchObject({ code: 'key_not_found' });
    expect(lastHeaders(place)).toMatchObject({ authorization: 'Bearer pod-1' });
  });

  test('of one source are no other source’s', async () => {
    expect(await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest: { headers } }))).toBeUndefined();
    expect(await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks` }))).toBeUndefined();
    expect(lastHeaders(place)).not.toHaveProperty('authorization');
  });
});

describe('a bearer file', () => {
  const jwks = (bearerFile: string) =>
    jwksKeys({ jwksUri: `${place.origin}/jwks`, cooldown: 0, keyRequest: { bearerFile } });

  test('is read anew at each fetch, as its token is replaced', async () => {
    const bearerFile = fileWith('first\n');
    const source = jwks(bearerFile);
    expect(await problemOf(source)).toBeUndefined();
    expect(lastHeaders(place).authorization).toBe('Bearer first');
    writeFileSync(bearerFile, '  second.token-~+/==\r\n');
    await source.find(HEADER, { afresh: true });
    expect(lastHeaders(place).authorization).toBe('Bearer second.token-~+/==');
  });

  test.each([
    ['that is empty', '', /^keyRequest\.bearerFile holds no bearer token$/],
    ['with two tokens', 'one s3cret', /^keyRequest\.bearerFile holds no bearer token$/],
    ['with two lines', 's3cret\r\nx: y', /^keyRequest\.bearerFile holds no bearer token$/],
    ['that is no text', '\u0000s3cret', /^keyRequest\.bearerFile holds no bearer token$/],
  ])(
    '%s is an outage that names the option and nothing of the file, and nothing is fetched',
    async (_t, text, reason) => {
      const before = place.asked.length;
      expect(await problemOf(jwks(fileWith(text)))).toMatch(reason);
      expect(place.asked).toHaveLength(before);
    },
  );

  test('that is not there yet is an outage, and is found when it is', async () => {
    const bearerFile = fileWith('late');
    rmSync(bearerFile);
    const source = jwks(bearerFile);
    expect(await problemOf(source)).toBe('keyRequest.bearerFile cannot be read (ENOENT)');
    writeFileSync(bearerFile, 'late');
    await expect(source.ready()).resolves.toBeUndefined();
    expect(lastHeaders(place).authorization).toBe('Bearer late');
  });
});

describe('an outbound proxy', () => {
  test('is asked for a tunnel, and sees neither path nor headers of what goes through', async () => {
    const proxy = await connectProxy();
    const headers = { authorization: 'Bearer s3cret' };
    const source = jwksKeys({
      jwksUri: `${place.origin}/jwks`,
      keyRequest: { headers, proxy: `http://127.0.0.1:${proxy.port}` },
    });
    expect(await problemOf(source)).toBeUndefined();
    expect(proxy.tunnels.map(({ target }) => target)).toEqual([new URL(place.origin).host]);
    expect([proxy.plain, JSON.stringify(proxy.tunnels).includes('s3cret')]).toEqual([[], false]);
    expect(lastHeaders(place).authorization).toBe('Bearer s3cret');
  });

  test('carries document and key set over TLS, which is checked as ever', async () => {
    const proxy = await connectProxy();
    const issuer = await testIssuer({ tls: true });
    afterThisTest(() => issuer.close());
    const keyRequest = { proxy: new URL(`http://127.0.0.1:${proxy.port}`) };
    expect(await problemOf(discoveryKeys({ issuer: issuer.url, ca: issuer.ca, keyRequest }))).toBeUndefined();
    expect(proxy.tunnels).toHaveLength(2);
    expect(await problemOf(discoveryKeys({ issuer: issuer.url, keyRequest }))).toMatch(/certificate/);
  });

  test('gets the user name and password of its URL', async () => {
    const proxy = await connectProxy();
    const keyRequest = { proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` };
    expect(await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest }))).toBeUndefined();
    const credentials = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(proxy.tunnels).toMatchObject([{ headers: { 'proxy-authorization': credentials } }]);
    expect(lastHeaders(place)).not.toHaveProperty('proxy-authorization');
  });

  test.each([407, 302, 200 + 3])(
    'that answers with %i is named in the reason, without its password',
    async (status) => {
      const proxy = await connectProxy(status);
      const keyRequest = { proxy: `http://me:s3cret@127.0.0.1:${proxy.port}` };
      const before = place.asked.length;
      const problem = await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest }));
      expect(problem).toBe(`the proxy answered with the status ${status}`);
      expect(place.asked).toHaveLength(before);
    },
  );

  test('that is not there is an outage', async () => {
    const keyRequest = { proxy: 'http://me:s3cret@127.0.0.1:1' };
    const problem = await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest }));
    expect(problem).toMatch(/ECONNREFUSED/);
    expect(problem).not.toContain('s3cret');
  });

  test('that never answers is given up after five seconds, and its connection is closed', async () => {
    const proxy = await connectProxy('silent');
    const keyRequest = { proxy: `http://127.0.0.1:${proxy.port}` };
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime', 'Date'] });
    const source = jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest });
    const problem = problemOf(source);
    for (let turn = 0; turn < 10_000 && proxy.tunnels.length === 0; turn += 1) await new Promise(setImmediate);
    jest.advanceTimersByTime(5_000);
    expect(await problem).toBe('no complete answer within 5 seconds');
    jest.useRealTimers();
    await until(() => proxy.sockets.size === 0);
  });

  test('may be an agent of the application’s own', async () => {
    class CountingAgent extends Agent {
      connections = 0;
      override createConnection(...asked: Parameters<Agent['createConnection']>) {
        this.connections += 1;
        return super.createConnection(...asked);
      }
    }
    const proxy = new CountingAgent();
    expect(await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks`, keyRequest: { proxy } }))).toBeUndefined();
    expect(proxy.connections).toBe(1);
  });

  test('is not taken out of the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:1', http_proxy: 'http://127.0.0.1:1' });
    const problem = await problemOf(jwksKeys({ jwksUri: `${place.origin}/jwks` }));
    process.env = before;
    expect(problem).toBeUndefined();
  });
});

describe('keyRequest is refused at creation with', () => {
  test.each<[string, unknown, RegExp]>([
    ['a text', 'Bearer s3cret', /keyRequest: expects an options object/],
    ['an unknown option', { header: {} }, /keyRequest\.header: .*did you mean "headers"/],
    ['headers as a list', { headers: [['a', 's3cret']] }, /keyRequest\.headers: expects an object/],
    ['headers as those of fetch', { headers: new Headers({ a: 's3cret' }) }, /keyRequest\.headers: expects an object/],
    ['headers that are null', { headers: null }, /keyRequest\.headers: expects an object/],
    ['a name that is none', { headers: { 'a b': 's3cret' } }, /keyRequest\.headers: .*"a b"/],
    ['a value that is undefined', { headers: { authorization: undefined } }, /headers\.authorization/],
    ['a value that is empty', { headers: { authorization: '' } }, /headers\.authorization/],
    [
      'a value with a line break',
      { headers: { authorization: 's3cret\r\nx: y' } },
      /headers\.authorization: .*line break/,
    ],
    ['a header of the connection', { headers: { Host: 's3cret' } }, /headers\.Host: is set by the fetch/],
    ['a bearer file that is empty', { bearerFile: '' }, /keyRequest\.bearerFile/],
    [
      'two tokens',
      { bearerFile: '/t', headers: { Authorization: 's3cret' } },
      /bearerFile: contradicts headers\.authorization/,
    ],
    ['a proxy that is no URL', { proxy: 's3cret' }, /keyRequest\.proxy: expects/],
    ['a proxy that is empty', { proxy: '' }, /keyRequest\.proxy/],
    [
      'a proxy of another kind',
      { proxy: 'socks5://me:s3cret@proxy.example.com' },
      /keyRequest\.proxy: expects an http/,
    ],
    ['a proxy that is no agent', { proxy: { dispatch() {} } }, /keyRequest\.proxy/],
  ])('%s', (_what, keyRequest, message) => {
    const made = [
      () => jwksKeys({ jwksUri: 'https://a.example/jwks', keyRequest: keyRequest as never }),
      () => discoveryKeys({ issuer: 'https://a.example', keyRequest: keyRequest as never }),
      () => pemPerKidKeys({ url: 'https://a.example/{kid}', keyRequest: keyRequest as never }),
    ];
    for (const make of made) {
      expect(make).toThrow(
        expect.objectContaining({ name: 'ConfigurationError', message: expect.stringMatching(message) }),
      );
      expect(make).not.toThrow(/s3cret/);
    }
  });
});
