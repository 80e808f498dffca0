import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { say } from '../helpers/databases.js';
import { accessToken, STRANGER_KEY } from '../helpers/oidc-door.js';
import { app } from '../helpers/servers.js';
import { WAF_HEADER, wafDoor } from '../helpers/waf.js';

/** What speaks to the application: nginx from one address of this machine, everybody else from others. */
const PROXY = '127.0.0.2';

const isInstalled = spawnSync('nginx', ['-v']).error === undefined;

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Where nginx listens, where it also listens and lets underscores pass, and where the application does. */
interface Ports {
  readonly port: number;
  readonly lax: number;
  readonly application: number;
}

/** A WAF with a session of its own: whoever has its cookie is Ann, and everybody else is nobody. */
function configuration(home: string, { port, lax, application }: Ports): string {
  return `
    daemon off; master_process off; worker_processes 1; pid ${home}/nginx.pid; error_log ${home}/error.log;
    events { worker_connections 64; }
    http {
      access_log off; client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy;
      fastcgi_temp_path ${home}/fastcgi; uwsgi_temp_path ${home}/uwsgi; scgi_temp_path ${home}/scgi;
      map $cookie_waf $waf_token { default ""; "session-of-ann" "${accessToken({ sub: 'ann' })}"; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${application};
          proxy_bind ${PROXY};
          proxy_set_header X-WAF-JWT $waf_token;
          proxy_set_header X-WAF-User "";
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
      server {
        listen 127.0.0.1:${lax};
        underscores_in_headers on;
        location / {
          proxy_pass http://127.0.0.1:${application};
          proxy_bind ${PROXY};
          proxy_set_header X-WAF-JWT $waf_token;
        }
      }
    }`;
}

interface Seen {
  readonly status: number;
  readonly code?: string;
  readonly principal?: { subject: string } | null;
  readonly headers?: Record<string, string>;
}

async function get(port: number, headers: readonly string[] = [], from = '127.0.0.1'): Promise<Seen> {
  const lines = ['Host', 'app.example.com', 'Connection', 'close', ...headers];
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers: lines, localAddress: from }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on('error', reject)
      .end();
  });
  return { status: answer.status, ...(JSON.parse(answer.body) as object) };
}

const COOKIE = ['Cookie', 'waf=session-of-ann'];
const FORGED = accessToken({ sub: 'mallory' }, { key: STRANGER_KEY });
/** A token that is good, and that its owner carries around. */
const STOLEN = accessToken({ sub: 'bob' });

function journey(): void {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-nginx-'));
  const method = wafDoor({ trustedPeers: [PROXY], siblings: ['x-waf-*'] });
  const application: Server = createServer(app(method));
  let nginx: ChildProcess | undefined;
  let direct = 0;
  let port = 0;
  let lax = 0;

  beforeAll(async () => {
    await new Promise<void>((done) => application.listen(0, '127.0.0.1', done));
    direct = (application.address() as AddressInfo).port;
    [port, lax] = [await freePort(), await freePort()];
    writeFileSync(join(home, 'nginx.conf'), configuration(home, { port, lax, application: direct }));
    nginx = spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf'), '-e', join(home, 'error.log')]);
    const ended = new Promise<never>((_resolve, reject) => {
      nginx?.once('exit', (code) => reject(new Error(`nginx ended with ${code}`)));
    });
    ended.catch(() => undefined);
    await Promise.race([ended, untilItAnswers(port)]);
  });

  afterAll(async () => {
    const ended = new Promise((done) => nginx?.once('exit', done));
    nginx?.kill();
    await ended;
    application.closeAllConnections();
    await new Promise((done) => application.close(done));
    rmSync(home, { recursive: true, force: true });
  });

  test('lets in whom the WAF knows, and the application sees no header of the WAF', async () => {
    const { status, principal, headers } = await get(port, COOKIE);
    expect([status, principal?.subject]).toEqual([200, 'ann']);
    expect(Object.keys(headers ?? {}).filter((name) => name.includes('waf'))).toEqual([]);
  });

  test('refuses whom the WAF does not know', async () => {
    expect(await get(port)).toMatchObject({ status: 401, code: 'credentials_missing' });
    expect(await get(port, ['Cookie', 'waf=guessed'])).toMatchObject({ status: 401, code: 'credentials_missing' });
  });

  test.each([
    ['in the header', ['X-WAF-JWT', STOLEN]],
    ['in the header twice', ['X-WAF-JWT', STOLEN, 'x-waf-jwt', FORGED]],
    ['with Bearer', ['X-WAF-JWT', `Bearer ${STOLEN}`]],
    ['under an alias', ['X_WAF_JWT', STOLEN]],
    ['under half an alias', ['X-Waf_Jwt', STOLEN]],
  ])('overrules clients that bring a token of their own %s', async (_title, headers) => {
    expect((await get(port, [...COOKIE, ...headers])).principal?.subject).toBe('ann');
    expect(await get(port, headers)).toMatchObject({ status: 401, code: 'credentials_missing' });
  });

  test('takes unsigned headers of the WAF from nobody', async () => {
    const unsigned = ['X-WAF-User', 'admin', 'X-WAF-Groups', 'admins', 'X_WAF_Groups', 'admins'];
    const { headers } = await get(port, [...COOKIE, ...unsigned]);
    expect(Object.keys(headers ?? {}).filter((name) => /waf/.test(name))).toEqual([]);
  });

  test('refuses a client that goes round nginx, whatever it brings', async () => {
    const asNginx = ['X-WAF-JWT', STOLEN, 'X-Forwarded-For', PROXY, 'X-Real-IP', PROXY, 'Forwarded', `for=${PROXY}`];
    expect(await get(direct, asNginx)).toMatchObject({ status: 401, code: 'peer_untrusted' });
    expect(await get(direct, asNginx, '127.0.0.3')).toMatchObject({ status: 401, code: 'peer_untrusted' });
    expect(await get(direct, asNginx, PROXY)).toMatchObject({ status: 200 });
  });

  test('refuses aliases that an nginx with underscores_in_headers passes on', async () => {
    const alias = [WAF_HEADER.replaceAll('-', '_'), STOLEN];
    expect(await get(lax, alias)).toMatchObject({ status: 400, code: 'request_malformed' });
    expect(await get(lax, [...COOKIE, ...alias])).toMatchObject({ status: 400, code: 'request_malformed' });
    expect((await get(lax, COOKIE)).principal?.subject).toBe('ann');
  });
}

async function untilItAnswers(port: number): Promise<void> {
  for (let attempts = 0; attempts < 200; attempts += 1) {
    try {
      await get(port);
      return;
    } catch {
      await new Promise((again) => setTimeout(again, 20));
    }
  }
  throw new Error('nginx does not answer');
}

if (isInstalled) {
  describe('a real nginx in front', journey);
} else {
  say('nginx is not installed: the nginx journey did not run');
  test('the journey with a real nginx runs wherever it must', () => {
    expect(process.env.SALLYPORT_TEST_NGINX).not.toBe('required');
  });
}
