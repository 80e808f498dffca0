import { connect, createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { jwtIdp, wafToken } from '../../lib/index.js';
import { local, someone } from '../helpers/local.js';
import { accessToken, door, STRANGER_KEY } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import type { Middleware } from '../helpers/servers.js';
import { HOME, idpOptions, queryOf } from '../helpers/sign-in.js';
import { WAF_HEADER, wafDoor, wafOptions } from '../helpers/waf.js';

interface Answer {
  readonly headers: IncomingHttpHeaders & { ':status'?: number | undefined };
  readonly status: number;
  readonly body: { code?: string; principal?: unknown; headers?: object; rawHeaders?: string[]; token?: string };
}

/** Node's compatibility layer, as an application without a framework uses it. */
function server(middlewares: readonly Middleware[]) {
  return createServer((req, res) => {
    // The layer follows node:http without extending its classes.
    const [request, response] = [req, res] as unknown as Parameters<Middleware>;
    const run = (index: number): void => {
      const middleware = middlewares[index];
      if (middleware !== undefined) {
        middleware(request, response, () => run(index + 1));
        return;
      }
      const { principal = null } = request as { principal?: unknown };
      res.end(JSON.stringify({ principal, headers: req.headers, rawHeaders: req.rawHeaders }));
    };
    run(0);
  });
}

async function ask(middlewares: readonly Middleware[], headers: OutgoingHttpHeaders, text = ''): Promise<Answer> {
  const listening = server(middlewares);
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const client = connect(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const stream = client.request({ ':authority': 'app.example.com', ...headers }, { endStream: text === '' });
      const chunks: Buffer[] = [];
      let answered: Answer['headers'] = {};
      stream.on('response', (received) => {
        answered = received;
      });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Answer['body']);
        resolve({ headers: answered, status: answered[':status'] ?? 0, body });
      });
      stream.on('error', reject);
      if (text !== '') stream.end(text);
    });
  } finally {
    client.close();
    listening.close();
  }
}

const verdictOf = ({ status, body }: Answer) => (status === 200 ? 200 : `${status} ${body.code}`);

describe('under HTTP/2, the WAF', () => {
  const siblings = ['x-waf-user', 'x-waf-claim-*'];
  const smuggled = { 'x-waf-user': 'admin', x_waf_user: 'admin', 'x-waf-claim-email': 'a@example.com' };

  test('lets in whom it knows, and its headers leave', async () => {
    const trusted = wafDoor({ siblings, trustedPeers: ['127.0.0.0/8'] });
    const { status, body } = await ask([trusted], { [WAF_HEADER]: accessToken(), ...smuggled });
    expect([status, body.principal]).toEqual([200, expect.objectContaining({ subject: 'alice' })]);
    expect(JSON.stringify([body.headers, body.rawHeaders])).not.toMatch(/waf/i);
  });

  test.each<[string, Record<string, string | string[]>, string]>([
    ['a forged token', { [WAF_HEADER]: accessToken({}, { key: STRANGER_KEY }) }, '401 signature_invalid'],
    ['its header twice', { [WAF_HEADER]: [accessToken(), accessToken()] }, '400 credentials_ambiguous'],
    ['its header spelled otherwise', { x_waf_jwt: accessToken() }, '400 request_malformed'],
    ['nothing', {}, '401 credentials_missing'],
  ])('refuses %s', async (_title, headers, expected) => {
    expect(verdictOf(await ask([wafDoor()], headers))).toBe(expected);
  });

  test('is told by the address of the socket', async () => {
    const elsewhere = wafToken(wafOptions({ trustedPeers: ['10.0.0.0/8'] }));
    expect(verdictOf(await ask([elsewhere], { [WAF_HEADER]: accessToken() }))).toBe('401 peer_untrusted');
  });
});

describe('under HTTP/2, where nobody sends Host, an unsafe request with the cookie', () => {
  test.each<[string, Record<string, string>, 200 | string]>([
    ['from the same origin', { 'sec-fetch-site': 'same-origin' }, 200],
    ['from another site', { 'sec-fetch-site': 'cross-site' }, '403 cross_site_request'],
    ['from an old browser here', { origin: 'https://app.example.com' }, 200],
    ['from an old browser elsewhere', { origin: 'https://evil.example.com' }, '403 cross_site_request'],
    ['from an opaque origin', { origin: 'null' }, '403 cross_site_request'],
    ['from no browser', {}, 200],
  ])('%s', async (_title, headers, expected) => {
    const method = local({ cookie: true });
    const { token } = await method.issue(await someone());
    const sent = { ':method': 'POST', cookie: `__Host-session=${token}`, ...headers };
    expect(verdictOf(await ask([method], sent))).toBe(expected);
  });
});

describe('under HTTP/2, a browser', () => {
  test('logs in', async () => {
    const method = local({ cookie: true });
    const router = method.loginRouter({ methods: [door({ name: 'oidc' })] });
    const headers = { ':method': 'POST', ':path': '/login', 'content-type': 'application/json' };
    const answer = await ask([router], headers, JSON.stringify({ method: 'oidc', token: accessToken() }));
    expect([answer.status, answer.headers['set-cookie']]).toEqual([200, [expect.stringMatching(/^__Host-session=/)]]);
    expect(verdictOf(await ask([method], { authorization: bearer(String(answer.body.token)) }))).toBe(200);
  });

  test('signs in over the session of the WAF', async () => {
    const idp = jwtIdp(idpOptions());
    const begun = await ask([idp], { ':path': '/login' });
    const [cookie = ''] = (begun.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
    const query = queryOf(begun.headers.location ?? '');
    const known = await ask([idp], { ':path': `/jwt/authorize?${query}`, [WAF_HEADER]: accessToken(), cookie });
    const done = await ask([idp], { ':path': known.headers.location ?? '', cookie });
    expect([done.status, done.headers.location]).toEqual([302, HOME]);
  });
});
