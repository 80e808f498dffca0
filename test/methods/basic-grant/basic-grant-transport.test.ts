import { createServer, request } from 'node:http';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import supertest from 'supertest';
import type { AuthError, BasicGrantOptions } from '../../../lib/index.js';
import { certificateAuthority } from '../../helpers/certificate-authority.js';
import { basic, grantMethod, refused, tokenServer } from '../../helpers/grants.js';
import { app, showPrincipal } from '../../helpers/servers.js';

const provider = await tokenServer();
const pair = basic('reports', 'secret');
const method = (options: Partial<BasicGrantOptions> = {}) => grantMethod(provider, options);
const open: Server[] = [];
afterAll(() => void open.map((server) => server.close()));
beforeEach(() => void provider.asked.splice(0));

async function listen(server: Server, ...place: [path: string] | [port: number, host: string]): Promise<number> {
  open.push(server);
  await new Promise<void>((done) => server.listen(...(place as [number, string]), done));
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? 0 : address.port;
}

/** What becomes of credentials on a socket. */
async function onSocket(socket: object, options: Partial<BasicGrantOptions> = {}): Promise<string> {
  const req = { headers: { authorization: pair }, socket } as never;
  const answer = method(options).authenticate(req);
  return answer.then(
    () => 'welcome',
    ({ status, code }: AuthError) => `${status} ${code}`,
  );
}

describe('credentials over plain HTTP', () => {
  test.each([
    '203.0.113.7',
    '10.0.0.1',
    '::ffff:203.0.113.7',
    'fe80::1%eth0',
    '2001:db8::1',
    '::',
    '128.0.0.1',
    '0.0.0.0',
  ])('from %s are refused, and not passed on', async (remoteAddress) => {
    expect(await onSocket({ remoteAddress })).toBe('400 transport_insecure');
    expect(provider.asked).toEqual([]);
  });

  test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])(
    'from this machine are taken: %s',
    async (remoteAddress) => {
      expect(await onSocket({ remoteAddress })).toBe('welcome');
    },
  );

  test('from elsewhere are taken where that is said aloud', async () => {
    expect(await onSocket({ remoteAddress: '203.0.113.7' }, { dangerouslyAllowPlainHttp: true })).toBe('welcome');
  });

  test('are refused however good or bad they are, also where a failure counts as nobody', async () => {
    const req = { headers: { authorization: 'Basic x' }, socket: { remoteAddress: '203.0.113.7' } } as never;
    await expect(method().authenticate(req)).rejects.toMatchObject({ code: 'transport_insecure' });
  });

  // A machine without a network has no other address than those of the loopback.
  const own = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.internal === false && address.family === 'IPv4')?.address;
  if (own === undefined) process.stderr.write('There is no network: the test over a real one did not run\n');
  else
    test('are refused over a real network', async () => {
      const port = await listen(createServer(app(method())), 0, '0.0.0.0');
      const answer = await supertest(`http://${own}:${port}`).get('/').set('Authorization', pair);
      expect([answer.status, answer.body.code]).toEqual([400, 'transport_insecure']);
      const local = await supertest(`http://127.0.0.1:${port}`).get('/').set('Authorization', pair);
      expect(local.status).toBe(200);
    });
});

describe('credentials that nobody could read on their way are taken:', () => {
  test('over TLS', async () => {
    expect(await onSocket({ remoteAddress: '203.0.113.7', encrypted: true })).toBe('welcome');
    const { ca, server } = certificateAuthority();
    const port = await listen(createTlsServer(server, app(method())), 0, '127.0.0.1');
    const status = await new Promise((resolve, reject) => {
      const asked = { host: 'localhost', family: 4, port, ca, headers: { authorization: pair } };
      tlsRequest(asked, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('over a Unix socket', async () => {
    const path = join(tmpdir(), `basic-grant-${process.pid}.sock`);
    await listen(createServer(app(method())), path);
    const status = await new Promise((resolve, reject) => {
      request({ createConnection: () => connect(path), headers: { authorization: pair } }, (answer) =>
        resolve(answer.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('where the application says so', async () => {
    const isSecure: BasicGrantOptions['isSecure'] = ({ headers }) => headers['x-tls'] === 'yes';
    const ask = (tls: string) =>
      supertest(app(method({ isSecure })))
        .get('/')
        .set({ Authorization: pair, 'x-tls': tls });
    expect((await ask('yes')).status).toBe(200);
    expect((await ask('no')).body.code).toBe('transport_insecure');
    // Only a plain yes is one.
    expect(await onSocket({ remoteAddress: '203.0.113.7' }, { isSecure: () => 'yes' as never })).toBe(
      '400 transport_insecure',
    );
  });
});

describe('behind a proxy that Express was told to believe', () => {
  const behind = (options: Partial<BasicGrantOptions> = {}, trust: unknown = 'loopback') => {
    const served = express().set('trust proxy', trust);
    return served.use(method(options)).use(showPrincipal);
  };
  const through = (listener: ReturnType<typeof behind>, proto: string, client = '203.0.113.7', authorization = pair) =>
    supertest(listener)
      .get('/')
      .set({ Authorization: authorization, 'X-Forwarded-Proto': proto, 'X-Forwarded-For': client });

  test('it counts how the client came to the proxy', async () => {
    expect((await through(behind(), 'https')).status).toBe(200);
    expect((await through(behind(), 'http')).body.code).toBe('transport_insecure');
  });

  test.each([
    ['X-Forwarded-For', '203.0.113.9'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Host', 'api.example.com'],
    ['Forwarded', 'for=203.0.113.9;proto=http'],
    ['Via', '1.1 proxy'],
    ['X-Real-IP', '203.0.113.9'],
    ['X_Forwarded_For', '203.0.113.9'],
  ])('a request with %s: %s is not of this machine where no proxy is believed', async (name, value) => {
    const asked = supertest(behind({}, false))
      .get('/')
      .set({ Authorization: pair, [name]: value });
    const { status, body } = await asked;
    expect([status, body.code]).toEqual([400, 'transport_insecure']);
    expect(provider.asked).toEqual([]);
  });

  test('what a header says of another machine counts for nothing', async () => {
    const claimed = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1' };
    const req = { headers: { authorization: pair, ...claimed }, socket: { remoteAddress: '203.0.113.7' } };
    await expect(method().authenticate(req as never)).rejects.toMatchObject({ code: 'transport_insecure' });
    const everyone = { ...req, ip: '127.0.0.1', ips: ['127.0.0.1'] };
    await expect(method().authenticate(everyone as never)).rejects.toMatchObject({ code: 'transport_insecure' });
  });

  test('a client on this machine is local through the proxy as well, and one that claims to be is not', async () => {
    expect((await through(behind(), 'http', '127.0.0.1')).status).toBe(200);
    expect((await through(behind({}, true), 'http', '127.0.0.1, 203.0.113.9')).body.code).toBe('transport_insecure');
  });

  test('attempts are those of the client, so that nobody is kept out for what others do', async () => {
    provider.answer = ({ authorization }) => (authorization === pair ? { body: {} } : refused('invalid_client', 401));
    const listener = behind({ attemptLimit: { perMinute: 1 } });
    const guess = (client: string, secret: string) => through(listener, 'https', client, basic('reports', secret));
    expect((await guess('203.0.113.7', 'a')).status).toBe(401);
    expect((await guess('203.0.113.7', 'b')).status).toBe(429);
    expect((await guess('203.0.113.8', 'c')).status).toBe(401);
  });
});
