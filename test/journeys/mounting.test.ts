import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import connect from 'connect';
import express, { type NextFunction, type Request, type Response } from 'express';
import express4 from 'express4';
import request from 'supertest';
import {
  AuthError,
  type ConsumerStore,
  consumerJwt,
  fromHeader,
  type Principal,
  principalOf,
} from '../../lib/index.js';
import { consumersOf, howtoConsumers, PARTNER, tokenOf } from '../helpers/consumers.js';
import { SERVERS } from '../helpers/every-server.js';
import { bearer, listening } from '../helpers/requests.js';
import { app, type Middleware, showPrincipal } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const method = () => consumerJwt({ consumers: howtoConsumers() });
const get = (door: Parameters<typeof request>[0], path = '/') =>
  request(door).get(path).set('Authorization', bearer(howtoToken()));

/** Counts how often what stands behind it is reached. */
function counting(middleware: Middleware): { middleware: Middleware; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const wrapped: Middleware = (req, res, next) =>
    middleware(req, res, (...args: unknown[]) => {
      calls.push(args);
      next(...(args as [unknown?]));
    });
  return { middleware: wrapped, calls };
}

describe.each(SERVERS)('under %s', (_name, server) => {
  test('next is called once and with nothing, when mounted once, twice, or as two methods', async () => {
    const one = method();
    const mounts = [one, one, method(), consumerJwt({ consumers: howtoConsumers(), credentialsRequired: false })];
    const counted = mounts.map(counting);
    const response = await get(server(...counted.map(({ middleware }) => middleware)));
    expect(response.status).toBe(200);
    expect(counted.map(({ calls }) => calls)).toEqual([[[]], [[]], [[]], [[]]]);
  });

  test('next is not called when the middleware has answered', async () => {
    const { middleware, calls } = counting(method());
    expect((await request(server(middleware)).get('/')).status).toBe(401);
    expect(calls).toEqual([]);
  });

  test('a principal is never replaced by a lesser one', async () => {
    const guest = consumerJwt({
      consumers: consumersOf(PARTNER),
      tokenFrom: () => undefined,
      anonymous: { username: 'guest' },
    });
    const none = consumerJwt({
      consumers: consumersOf(PARTNER),
      tokenFrom: () => undefined,
      credentialsRequired: false,
    });
    const { body } = await get(server(method(), guest, none));
    expect(body.principal).toMatchObject({ type: 'consumer', username: 'jsmith' });
  });

  test('an anonymous principal gives way to a real one', async () => {
    const guest = consumerJwt({
      consumers: consumersOf(PARTNER),
      tokenFrom: () => undefined,
      anonymous: { username: 'guest' },
    });
    expect((await get(server(guest, method()))).body.principal).toMatchObject({ type: 'consumer' });
  });

  test('a second method that asks for its own credential still gets one or refuses', async () => {
    const own = consumerJwt({ consumers: howtoConsumers(), tokenFrom: (req) => req.headers['x-own'] as string });
    expect((await get(server(method(), own))).status).toBe(401);
  });

  test('writes req.principal, and neither req.auth nor req.user', async () => {
    const seen: unknown[] = [];
    const look: Middleware = (req, _res, next) => {
      const { principal, auth, user } = req as unknown as Record<'principal' | 'auth' | 'user', unknown>;
      seen.push(principal === principalOf(req), auth, user);
      next();
    };
    await get(server(method(), look));
    expect(seen).toEqual([true, undefined, undefined]);
  });
});

const EXPRESSES = [
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
] as const;

describe.each(EXPRESSES)('on %s', (_name, make) => {
  test('protects the application, a router under a path, or one route', async () => {
    const server = make();
    const router = make.Router();
    router.use(method());
    router.get('/inside', (req, res) => void res.json(req.principal?.username));
    server.get('/open', (_req, res) => void res.send('open'));
    server.use('/api', router);
    server.get('/route', method(), (req, res) => void res.json(req.principal?.username));
    expect((await request(server).get('/open')).text).toBe('open');
    for (const path of ['/api/inside', '/route']) {
      expect((await request(server).get(path)).status).toBe(401);
      expect((await get(server, path)).body).toBe('jsmith');
    }
    expect((await request(server).get('/api/nowhere')).status).toBe(401);
  });

  test('an error of a later handler goes to the error handler, and next is not called again', async () => {
    for (const thrower of [
      () => {
        throw new Error('of the handler');
      },
      (_req: Request, _res: Response, next: NextFunction) => next(new Error('of the handler')),
    ]) {
      const { middleware, calls } = counting(method());
      const server = make().use(middleware as express.RequestHandler);
      server.get('/', thrower);
      server.use(
        (error: Error, _req: Request, res: Response, _next: NextFunction) => void res.status(418).send(error.message),
      );
      const response = await get(server);
      expect([response.status, response.text]).toEqual([418, 'of the handler']);
      expect(calls).toHaveLength(1);
    }
  });

  test('respond: "next" gives the error handler an AuthError with status and headers', async () => {
    const server = make().use(consumerJwt({ consumers: howtoConsumers(), respond: 'next', realm: 'things' }));
    const seen: unknown[] = [];
    server.use((error: AuthError, _req: Request, res: Response, _next: NextFunction) => {
      seen.push(error instanceof AuthError, error.code, error.status, error.statusCode, error.method);
      res.status(error.status).set(error.headers).end();
    });
    const response = await request(server).get('/').set('Authorization', 'Bearer bad');
    expect(response.headers['www-authenticate']).toBe('Bearer realm="things", error="invalid_token"');
    expect(seen).toEqual([true, 'token_malformed', 401, 401, 'consumerJwt']);
  });
});

test('on Express 5, a rejected async handler goes to the error handler', async () => {
  const server = express().use(method());
  server.get('/', async () => Promise.reject(new Error('async')));
  server.use(
    (error: Error, _req: Request, res: Response, _next: NextFunction) => void res.status(418).send(error.message),
  );
  expect((await get(server)).text).toBe('async');
});

const DEFAULT_HANDLERS: [string, () => { use(middleware: Middleware): unknown }][] = [
  ['Express 5', () => express()],
  ['Express 4', () => (express4 as unknown as typeof express)()],
  ['Connect', () => connect() as unknown as { use(middleware: Middleware): unknown }],
];

test.each(DEFAULT_HANDLERS)(
  'the default error handler of %s answers with status and challenge',
  async (_name, make) => {
    const server = make();
    server.use(consumerJwt({ consumers: howtoConsumers(), respond: 'next' }));
    server.use(showPrincipal);
    const door = server as unknown as Parameters<typeof request>[0];
    const missing = await request(door).get('/');
    expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"']);
    const down: ConsumerStore = { findCredential: async () => Promise.reject(new Error('down')) };
    const outage = make();
    outage.use(consumerJwt({ consumers: down, respond: 'next' }));
    const response = await get(outage as unknown as Parameters<typeof request>[0]);
    expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
  },
);

describe('a respond function', () => {
  test.each<[string, () => unknown, string]>([
    [
      'that throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['that rejects', async () => Promise.reject(new Error('broken')), 'broken'],
    [
      'that throws nothing',
      () => {
        throw undefined;
      },
      'The request carries no credential.',
    ],
    ['that rejects with nothing', () => Promise.reject(), 'The request carries no credential.'],
    [
      'that throws a word that Express obeys',
      () => {
        throw 'router';
      },
      'The request carries no credential.',
    ],
    ['that throws null', async () => Promise.reject(null), 'The request carries no credential.'],
  ])('%s lets nobody in', async (_title, respond, message) => {
    const reached = jest.fn();
    const server = express().use(consumerJwt({ consumers: howtoConsumers(), respond }));
    server.use((_req, res) => {
      reached();
      res.end();
    });
    server.use(
      (error: Error, _req: Request, res: Response, _next: NextFunction) => void res.status(418).send(error.message),
    );
    const response = await request(server).get('/');
    expect([response.status, response.text]).toEqual([418, message]);
    expect(reached).not.toHaveBeenCalled();
  });
});

/** A store that answers when the test says so. */
function slowStore() {
  let answer: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let asked: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const consumers = howtoConsumers();
  const store: ConsumerStore = {
    async findCredential(key) {
      asked();
      await waiting;
      return consumers.findCredential(key);
    },
  };
  return { store, answer, reached };
}

describe('while a store takes its time', () => {
  test('a client that goes away harms nobody, and next is called once', async () => {
    const { store, answer, reached } = slowStore();
    const { middleware, calls } = counting(consumerJwt({ consumers: store }));
    const { server, port } = await listening(app(middleware));
    const socket = connectSocket(port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer(howtoToken())}\r\n\r\n`);
    await reached;
    socket.destroy();
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toHaveLength(1);
    await new Promise((resolve) => server.close(resolve));
  });

  test('an answer that somebody else has sent meanwhile is not sent twice', async () => {
    const { store, answer, reached } = slowStore();
    const impatient: Middleware = (_req, res, next) => {
      void reached.then(() => {
        res.statusCode = 504;
        res.end('too slow');
        answer();
      });
      next();
    };
    const errors: unknown[] = [];
    const server = express().use(impatient as express.RequestHandler, consumerJwt({ consumers: store }));
    server.use((error: unknown, _req: Request, _res: Response, _next: NextFunction) => void errors.push(error));
    const response = await request(server)
      .get('/')
      .set('Authorization', bearer(tokenOf(PARTNER)));
    expect([response.status, response.text]).toEqual([504, 'too slow']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([expect.objectContaining({ code: 'credential_unknown' })]);
  });
});

describe('authenticate(req)', () => {
  async function upgrade(headers: string, authenticate: (req: IncomingMessage) => Promise<Principal | undefined>) {
    const outcome = new Promise<unknown>((resolve) => {
      const server = createServer((_req: IncomingMessage, res: ServerResponse) => res.end());
      server.on('upgrade', (req, socket) => {
        authenticate(req)
          .then(resolve, resolve)
          .finally(() => {
            socket.destroy();
            server.close();
          });
      });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        const socket = connectSocket(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(`GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`);
      });
    });
    return outcome;
  }

  test('serves a WebSocket upgrade, where there is no response', async () => {
    const { authenticate } = method();
    expect(await upgrade(`Authorization: ${bearer(howtoToken())}\r\n`, authenticate)).toMatchObject({
      username: 'jsmith',
    });
    expect(await upgrade('', authenticate)).toBeUndefined();
    expect(await upgrade('Authorization: Bearer bad\r\n', authenticate)).toMatchObject({
      code: 'token_malformed',
      status: 401,
    });
  });

  test('takes the headers that it reads off the request, found good, bad or not at all', async () => {
    const { authenticate } = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromHeader('x-partner-jwt') });
    const left = (header: string) =>
      upgrade(`${header}\r\nX-Other: stays\r\n`, async (req) => {
        const found = await authenticate(req).catch(() => undefined);
        expect([...Object.keys(req.headers), ...req.rawHeaders].join().toLowerCase()).not.toContain('jwt');
        expect(req.headers['x-other']).toBe('stays');
        return found;
      });
    expect(await left(`X-Partner-JWT: ${howtoToken()}`)).toMatchObject({ username: 'jsmith' });
    expect(await left('X-Partner-JWT: bad')).toBeUndefined();
    expect(await left(`X_Partner_JWT: ${howtoToken()}`)).toBeUndefined();
  });

  test('may be asked again', async () => {
    const { authenticate } = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromHeader('x-partner-jwt') });
    const twice = async (req: IncomingMessage) => (await authenticate(req)) && authenticate(req);
    expect(await upgrade(`X-Partner-JWT: ${howtoToken()}\r\n`, twice)).toMatchObject({ username: 'jsmith' });
  });

  test('never answers with the anonymous principal', async () => {
    const { authenticate } = consumerJwt({
      consumers: howtoConsumers(),
      anonymous: { username: 'guest', coverFailures: true },
    });
    expect(await upgrade('', authenticate)).toBeUndefined();
    expect(await upgrade('Authorization: Bearer bad\r\n', authenticate)).toBeInstanceOf(AuthError);
  });
});

test('the middleware carries its method’s name, for stack traces', () => {
  expect([method().name, consumerJwt({ consumers: howtoConsumers(), name: 'partners' }).name]).toEqual([
    'consumerJwt',
    'partners',
  ]);
});
