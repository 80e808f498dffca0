import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { jwtAuth } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { INVALID, kongConfig, kongMethod } from '../helpers/kong.js';
import { HOWTO, hs256 } from '../helpers/tokens.js';

/** The how-to's token: it says who signed it and nothing else. */
const token = hs256({ iss: HOWTO.key });

describe.each(SERVERS)('under %s', (_name, server) => {
  test('the how-to gets 401 without its token and 200 with it', async () => {
    const running = server(await kongMethod());
    const without = await request(running).get('/');
    expect({ status: without.status, text: without.text }).toEqual({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(without.headers['www-authenticate']).toBe('Bearer');

    const { status, body } = await request(running).get('/').set('Authorization', `Bearer ${token}`);
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({
      type: 'consumer',
      method: 'jwt',
      username: 'jsmith',
      claims: { iss: HOWTO.key },
      credential: { kind: 'jwt' },
    });
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'jsmith', 'x-credential-identifier': HOWTO.key });
  });

  test('a token in the URL is as good, a forged one is not', async () => {
    const running = server(await kongMethod());
    expect((await request(running).get(`/?jwt=${token}`)).status).toBe(200);
    const forged = await request(running).get(`/?jwt=${hs256({ iss: HOWTO.key }, { secret: 'x'.repeat(32) })}`);
    expect({ status: forged.status, text: forged.text }).toEqual({
      status: 401,
      text: '{"message":"Invalid signature"}',
    });
    expect(forged.headers['www-authenticate']).toBe(INVALID);
  });

  test('mounted twice it judges once, and keeps the headers', async () => {
    const method = await kongMethod();
    const { body } = await request(server(method, method)).get('/').set('Authorization', `Bearer ${token}`);
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'jsmith' });
  });

  test('inside jwtAuth it is a method like the others', async () => {
    const { status, body } = await request(server(jwtAuth({ methods: [await kongMethod()] })))
      .get('/')
      .set('Authorization', `Bearer ${token}`);
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({ method: 'jwt', username: 'jsmith' });
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'jsmith', 'x-credential-identifier': HOWTO.key });
  });
});

test('a method can be asked without a response', async () => {
  const { methods } = await fromKong(kongConfig());
  const [method] = methods;
  const ask = (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    // Only these two are read of a request.
    return method?.authenticate({
      url: '/',
      headers,
      rawHeaders: Object.entries(headers).flat(),
    } as unknown as IncomingMessage);
  };
  expect(await ask(`Bearer ${token}`)).toMatchObject({ type: 'consumer', username: 'jsmith' });
  expect(await ask()).toBeUndefined();
  await expect(ask('Bearer x')).rejects.toMatchObject({ code: 'token_malformed', status: 401 });
  await method?.ready();
  expect(method?.health()).toEqual([]);
  await method?.close();
});
