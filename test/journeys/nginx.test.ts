import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithNginx, type Nginx, startNginx } from '../helpers/nginx.js';
import { accessToken, STRANGER_KEY } from '../helpers/oidc-door.js';
import { app } from '../helpers/servers.js';
import { WAF_HEADER, wafDoor } from '../helpers/waf.js';

/** What speaks to the application: nginx from one address of this machine, everybody else from others. */
const PROXY = '127.0.0.2';

/** Where nginx listens, where it also listens and lets underscores pass, and the port of the application. */
interface Places {
  readonly strict: string;
  readonly lax: string;
  readonly application: number;
}

/** A WAF with a session of its own: whoever has its cookie is Ann, and everybody else is nobody. */
function configuration({ strict, lax, application }: Places): string {
  return `
      map $cookie_waf $waf_token { default ""; "session-of-ann" "${accessToken({ sub: 'ann' })}"; }
      server {
        listen unix:${strict};
        location / {
          proxy_pass http://127.0.0.1:${application};
          proxy_bind ${PROXY};
          proxy_set_header X-WAF-JWT $waf_token;
          proxy_set_header X-WAF-User "";
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }
      server {
        listen unix:${lax};
        underscores_in_headers on;
        location / {
          proxy_pass http://127.0.0.1:${application};
          proxy_bind ${PROXY};
          proxy_set_header X-WAF-JWT $waf_token;
        }
      }`;
}

interface Seen {
  readonly status: number;
  readonly code?: string;
  readonly principal?: { subject: string } | null;
  readonly headers?: Record<string, string>;
}

async function get(place: string | number, headers: readonly string[] = [], from = '127.0.0.1'): Promise<Seen> {
  const lines = ['Host', 'app.example.com', 'Connection', 'close', ...headers];
  const target =
    typeof place === 'string' ? { socketPath: place } : { port: place, host: '127.0.0.1', localAddress: from };
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    request({ ...target, headers: lines }, (response) => {
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
  const method = wafDoor({ trustedPeers: [PROXY], siblings: ['x-waf-*'] });
  const application: Server = createServer(app(method));
  let nginx: Nginx;
  let [strict, lax] = ['', ''];
  let direct = 0;

  beforeAll(async () => {
    await new Promise<void>((done) => application.listen(0, '127.0.0.1', done));
    direct = (application.address() as AddressInfo).port;
    nginx = await startNginx((home) => {
      [strict, lax] = [join(home, 'strict.sock'), join(home, 'lax.sock')];
      return configuration({ strict, lax, application: direct });
    }, 'strict.sock');
  });

  afterAll(async () => {
    await nginx.stop();
    application.closeAllConnections();
    await new Promise((done) => application.close(done));
  });

  test('lets in whom the WAF knows, and the application sees no header of the WAF', async () => {
    const { status, principal, headers } = await get(strict, COOKIE);
    expect([status, principal?.subject]).toEqual([200, 'ann']);
    expect(Object.keys(headers ?? {}).filter((name) => name.includes('waf'))).toEqual([]);
  });

  test('refuses whom the WAF does not know', async () => {
    expect(await get(strict)).toMatchObject({ status: 401, code: 'credentials_missing' });
    expect(await get(strict, ['Cookie', 'waf=guessed'])).toMatchObject({ status: 401, code: 'credentials_missing' });
  });

  test.each([
    ['in the header', ['X-WAF-JWT', STOLEN]],
    ['in the header twice', ['X-WAF-JWT', STOLEN, 'x-waf-jwt', FORGED]],
    ['with Bearer', ['X-WAF-JWT', `Bearer ${STOLEN}`]],
    ['under an alias', ['X_WAF_JWT', STOLEN]],
    ['under half an alias', ['X-Waf_Jwt', STOLEN]],
  ])('overrules clients that bring a token of their own %s', async (_title, headers) => {
    expect((await get(strict, [...COOKIE, ...headers])).principal?.subject).toBe('ann');
    expect(await get(strict, headers)).toMatchObject({ status: 401, code: 'credentials_missing' });
  });

  test('takes unsigned headers of the WAF from nobody', async () => {
    const unsigned = ['X-WAF-User', 'admin', 'X-WAF-Groups', 'admins', 'X_WAF_Groups', 'admins'];
    const { headers } = await get(strict, [...COOKIE, ...unsigned]);
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

describeWithNginx('a real nginx in front', journey);
