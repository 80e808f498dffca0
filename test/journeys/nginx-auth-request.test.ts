import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { docsBlocks } from '../helpers/docs-blocks.js';
import { type DocsProgram, docsProgram } from '../helpers/docs-program.js';
import { describeWithNginx, type Nginx, startNginx } from '../helpers/nginx.js';
import { until } from '../helpers/until.js';

const PAGE = 'docs/behind-nginx.md';

/** The configuration of the page, with the two addresses of a test in place of its own. */
function locations(auth: string, application: string): string {
  const [, block = ''] = /^```nginx\n(.*?)^```/ms.exec(readFileSync(PAGE, 'utf8')) ?? [];
  return block.replace('http://127.0.0.1:3000', auth).replace('http://127.0.0.1:4000', application);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function journey(): void {
  /** The application that nginx guards; it says whom nginx speaks of. */
  const guarded: Server = createServer((req, res) => void res.end(JSON.stringify({ user: req.headers['x-user'] })));
  let program: DocsProgram;
  let nginx: Nginx;

  beforeAll(async () => {
    await new Promise<void>((done) => guarded.listen(0, '127.0.0.1', done));
    const [block] = docsBlocks(PAGE);
    program = await docsProgram(block?.code ?? '');
    const application = `http://127.0.0.1:${(guarded.address() as AddressInfo).port}`;
    nginx = await startNginx(
      (home) => `server { listen unix:${home}/edge.sock; ${locations(program.url, application)} }`,
      'edge.sock',
    );
  });

  afterAll(async () => {
    await nginx.stop();
    await program.close();
    guarded.closeAllConnections();
    await new Promise((done) => guarded.close(done));
  });

  async function get(headers: readonly string[]): Promise<Answer> {
    const lines = ['Host', 'app.example.com', 'Connection', 'close', ...headers];
    return new Promise((resolve, reject) => {
      request({ socketPath: join(nginx.home, 'edge.sock'), path: '/api/orders', headers: lines }, (response) => {
        const { statusCode: status = 0, headers: seen } = response;
        text(response).then((body) => resolve({ status, headers: seen, body }), reject);
      })
        .on('error', reject)
        .end();
    });
  }
  const bearer = async (claims: Record<string, unknown> = {}) => [
    'Authorization',
    `Bearer ${await program.issuer.mint({ sub: 'alice', ...claims })}`,
  ];

  test('an outage of ours passes nobody, and ends by itself', async () => {
    program.issuer.fault('jwks', { status: 500 });
    const token = await bearer();
    expect(await get(token)).toMatchObject({ status: 500, body: expect.not.stringContaining('alice') });
    program.issuer.heal();
    await until(async () => (await get(token)).status === 200);
  });

  test('a good token passes, and the application is told whose it is', async () => {
    const { status, body } = await get(await bearer());
    expect(status).toBe(200);
    expect(decodeURIComponent(JSON.parse(body).user)).toBe(`${program.issuer.url}|alice`);
  });

  test('a name that the client brings along is not the one that the application sees', async () => {
    const { body } = await get([...(await bearer()), 'X-User', 'admin']);
    expect(decodeURIComponent(JSON.parse(body).user)).toMatch(/\|alice$/);
  });

  test.each<[what: string, headers: () => Promise<readonly string[]>, challenge: string]>([
    ['no token', async () => [], 'Bearer realm="api"'],
    ['an expired token', () => bearer({ exp: 1 }), 'Bearer realm="api", error="invalid_token"'],
    [
      'a header that is malformed',
      async () => ['Authorization', 'Bearer a b'],
      'Bearer realm="api", error="invalid_request"',
    ],
  ])('%s is a 401 with its challenge, and no 500', async (_what, headers, challenge) => {
    const answer = await get(await headers());
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, challenge]);
  });
}

describeWithNginx('a real nginx that asks by auth_request, as the page has it', journey);
