import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { fromBody, requirePrincipal, requireScopes } from '../../lib/index.js';
import { afterThisTest } from '../helpers/after-this-test.js';
import { getFrom } from '../helpers/requests.js';
import { app, type Middleware } from '../helpers/servers.js';
import { shared } from '../helpers/shared-secret.js';

const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

beforeEach(() => {
  warn.mockClear();
});

/** Warnings so far that speak of a place. */
const warningsOf = (place: string): readonly string[] =>
  warn.mock.calls.map(([message]) => String(message)).filter((message) => message.startsWith(`${place}: `));

describe('outside production a warning of the process says once', () => {
  test('that tokens never end', () => {
    for (const _time of [1, 2]) shared({ requiredClaims: [] });
    expect(warningsOf('sharedSecretJwt.requiredClaims')).toEqual([expect.stringMatching(/never end; .*maxAge/)]);
    shared({ requiredClaims: [], maxLifetime: 60 });
    expect(warningsOf('sharedSecretJwt.requiredClaims')).toHaveLength(1);
  });

  test('that a CORS preflight was refused', async () => {
    const preflight = { Origin: 'https://spa.example.com', 'Access-Control-Request-Method': 'GET' };
    for (const _time of [1, 2]) {
      const { status } = await request(app(shared({ name: 'spa' })))
        .options('/')
        .set(preflight);
      expect(status).toBe(401);
    }
    expect(warningsOf('spa.skipPreflight')).toEqual([expect.stringMatching(/cors\(\) before.*skipPreflight: true/)]);
    await request(app(shared({ name: 'other' }))).options('/');
    expect(warningsOf('other.skipPreflight')).toEqual([]);
  });

  test('that the body parser is mounted after the method, or not at all', async () => {
    const late = express();
    late.use(shared({ tokenFrom: fromBody('token') }) as never, express.json());
    for (const _time of [1, 2]) expect((await request(late).post('/').send({ token: 'x' })).status).toBe(401);
    expect(warningsOf("fromBody('token')")).toEqual([expect.stringMatching(/express\.json\(\).*before the method/)]);
    await getFrom(app(shared({ tokenFrom: fromBody('none') })), {});
    expect(warningsOf("fromBody('none')")).toEqual([]);
  });
});

test('production is not told', async () => {
  const before = process.env.NODE_ENV;
  afterThisTest(async () => void Object.assign(process.env, { NODE_ENV: before }));
  process.env.NODE_ENV = 'production';
  shared({ name: 'quiet', requiredClaims: [] });
  await request(app(shared({ name: 'quiet' })))
    .options('/')
    .set({ Origin: 'https://a.example', 'Access-Control-Request-Method': 'GET' });
  expect(warningsOf('quiet.skipPreflight')).toEqual([]);
});

test.each<[string, Middleware]>([
  ['requirePrincipal', requirePrincipal()],
  ['requireScopes', requireScopes('read')],
])('%s alone on a route names a realm in its challenge', async (_name, guard) => {
  const { status, headers } = await getFrom(app(guard), {});
  expect([status, headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer realm="api"/)]);
});
