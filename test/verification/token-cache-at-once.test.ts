import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import {
  type AuthMethod,
  type AuthRequest,
  consumerJwt,
  jwtAuth,
  type KeySource,
  type NextFunction,
  oidcBearer,
  staticKeys,
} from '../../lib/index.js';
import { testIssuer } from '../../lib/testing/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { fakeClock } from '../helpers/fake-clock.js';
import { AUDIENCE, accessClaims, accessToken, door, ISSUER, jwkOf, PROVIDER_PEM } from '../helpers/oidc-door.js';
import { answer, countingClaims, welcomeTwice } from '../helpers/remembering.js';
import { listening } from '../helpers/requests.js';
import type { Middleware } from '../helpers/servers.js';
import { signed } from '../helpers/signing.js';
import { inSeconds } from '../helpers/tokens.js';

// A token that is known has nothing to wait for.

/** A server that notes, for each request, whether it was handed on before the middleware came back. */
function noting(method: Middleware): { server: RequestListener; handedOnAtOnce: boolean[] } {
  const handedOnAtOnce: boolean[] = [];
  const server = createServer((req, res) => {
    let isInside = true;
    method(req, res, () => {
      handedOnAtOnce.push(isInside);
      res.end();
    });
    isInside = false;
  });
  return { server: server as unknown as RequestListener, handedOnAtOnce };
}

const get = (server: RequestListener, token: string) => request(server).get('/').auth(token, { type: 'bearer' });

const together = () =>
  jwtAuth({
    methods: [
      oidcBearer({ name: 'other', issuer: 'https://id.example.org', audience: AUDIENCE, publicKeys: PROVIDER_PEM }),
      door(),
      consumerJwt({ consumers: howtoConsumers() }),
    ],
  });

describe.each([
  ['oidcBearer', () => door()],
  ['jwtAuth with three methods in one place', together],
])('%s', (_name, make: () => AuthMethod) => {
  test('hands a request on in the turn in which it came, once its token is known', async () => {
    const { server, handedOnAtOnce } = noting(make());
    const token = accessToken();
    for (let time = 0; time < 4; time += 1) await get(server, token).expect(200);
    expect(handedOnAtOnce.slice(2)).toEqual([true, true]);
  });

  test('hands on nothing where a token that it knew has ended', async () => {
    const advance = fakeClock();
    const method = make();
    const { server, handedOnAtOnce } = noting(method);
    const token = accessToken({ exp: inSeconds(300) });
    await welcomeTwice(method, token);
    // Past the clock tolerance as well.
    advance(361);
    await get(server, token).expect(401);
    expect(handedOnAtOnce).toEqual([]);
  });

  test('leaves what the handlers behind it throw to the application, known token or not', async () => {
    const thrown = new Error('the application failed');
    const caught: unknown[] = [];
    const app = express();
    app.use(make());
    app.use(() => {
      throw thrown;
    });
    app.use((error: unknown, _req: unknown, res: { sendStatus(status: number): void }, _next: NextFunction) => {
      caught.push(error);
      res.sendStatus(500);
    });
    const token = accessToken();
    for (let time = 0; time < 4; time += 1) await get(app as RequestListener, token).expect(500);
    expect(caught).toEqual([thrown, thrown, thrown, thrown]);
  });
});

describe('keys', () => {
  const keys = staticKeys({ publicKeys: PROVIDER_PEM });
  let asked = 0;
  const find: KeySource['find'] = (header) => {
    asked += 1;
    return keys.find(header);
  };
  const { source, ready, health, close } = keys;
  const doorWith = (holds: KeySource['holds']) =>
    oidcBearer({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: { source, find, ready, health, close, ...(holds === undefined ? {} : { holds }) },
    });

  test.each([
    ['does not say', undefined, 1],
    ['cannot say', () => false, 1],
    ['says so', () => true, 0],
  ])('serve a known token when their source %s that it still has its key', async (_title, holds, questions) => {
    const method = doorWith(holds);
    const token = accessToken();
    await welcomeTwice(method, token);
    asked = 0;
    expect(await answer(method, token)).toBe('welcome');
    expect(asked).toBe(questions);
  });

  test('without an id serve known tokens in the turn in which they come, whatever key they name', async () => {
    const { server, handedOnAtOnce } = noting(door());
    const token = accessToken({}, { header: { kid: 'a' } });
    for (let time = 0; time < 3; time += 1) await get(server, token).expect(200);
    expect(handedOnAtOnce).toEqual([false, false, true]);
  });

  test('that an application withdraws in front of `staticKeys` stop verifying known tokens', async () => {
    let isWithdrawn = false;
    const method = oidcBearer({
      issuer: ISSUER,
      audience: AUDIENCE,
      keys: { ...keys, find: async (header) => (isWithdrawn ? [] : keys.find(header)) },
    });
    const token = accessToken();
    await welcomeTwice(method, token);
    isWithdrawn = true;
    expect(await answer(method, token)).not.toBe('welcome');
  });

  test('of a source that fails when it is asked are an outage, not a refusal', async () => {
    const method = doorWith(() => {
      throw new Error('no connection');
    });
    const token = accessToken();
    await welcomeTwice(method, token);
    expect(await answer(method, token)).toBe('keys_unavailable');
  });

  test('that an issuer withdraws take the tokens with them that were remembered', async () => {
    const issuer = await testIssuer();
    const method = oidcBearer({ issuer: issuer.url, audience: issuer.audience, cooldown: 0 });
    const old = await issuer.mint();
    await welcomeTwice(method, old);
    await issuer.rotate({ keepOld: false });
    // A key id that nobody has heard of makes it look again.
    expect(await answer(method, await issuer.mint())).toBe('welcome');
    expect(await answer(method, old)).toBe('key_not_found');
    await method.close();
    await issuer.close();
  });

  test.each([
    ['publishes under another id', { kid: 'renamed' }],
    ['publishes for another algorithm', { alg: 'PS256' }],
  ])('that an issuer %s no longer verify what was remembered', async (_title, change) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = jwkOf(publicKey, { kid: 'known', alg: 'RS256' });
    let published: object[] = [jwk];
    const { server, port } = await listening((_req, res) => {
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify({ keys: published }));
    });
    const method = oidcBearer({ issuer: ISSUER, audience: AUDIENCE, jwksUri: `http://127.0.0.1:${port}`, cooldown: 0 });
    const token = signed('RS256', privateKey, accessClaims(), { kid: 'known' });
    await welcomeTwice(method, token);
    published = [{ ...jwk, ...change }];
    // A key id that nobody has heard of makes it look again.
    expect(await answer(method, signed('RS256', privateKey, accessClaims(), { kid: 'unheard' }))).toBe('key_not_found');
    expect(await answer(method, token)).toBe('key_not_found');
    await method.close();
    server.close();
  });

  test('that an issuer leaves beside new ones leave everything remembered, at once', async () => {
    const issuer = await testIssuer();
    const { claims, workedOut } = countingClaims();
    const method = oidcBearer({ issuer: issuer.url, audience: issuer.audience, cooldown: 0, claims });
    const { server, handedOnAtOnce } = noting(method);
    const old = await issuer.mint();
    await welcomeTwice(method, old);
    await issuer.rotate();
    await answer(method, await issuer.mint());
    expect(await workedOut(async () => void (await get(server, old).expect(200)))).toBe(0);
    expect(handedOnAtOnce).toEqual([true]);
    await method.close();
    await issuer.close();
  });
});

test('an API request without a token is answered at once, too', () => {
  const method = door({ credentialsRequired: false });
  let handedOn = 0;
  method({ headers: {}, rawHeaders: [] } as unknown as AuthRequest, {} as never, () => {
    handedOn += 1;
  });
  expect(handedOn).toBe(1);
});
