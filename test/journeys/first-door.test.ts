import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { consumerJwt, memoryConsumers } from '../../lib/index.js';
import { SERVERS } from '../helpers/every-server.js';
import { HOWTO, howtoToken, hs256 } from '../helpers/tokens.js';

const consumers = memoryConsumers([
  { username: HOWTO.username, credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] },
]);

describe.each(SERVERS)('under %s', (_name, server) => {
  test('no token is a 401 with a challenge that names no error', async () => {
    const response = await request(server(consumerJwt({ consumers }))).get('/');
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api"');
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.body).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'credentials_missing',
    });
  });

  test('the how-to token becomes the consumer jsmith', async () => {
    const response = await request(server(consumerJwt({ consumers })))
      .get('/')
      .set('Authorization', `Bearer ${howtoToken()}`);
    expect(response.status).toBe(200);
    expect(response.body.principal).toMatchObject({ type: 'consumer', username: 'jsmith', method: 'consumerJwt' });
  });

  test('a forged token is a 401 that does not say why', async () => {
    const forged = hs256({ iss: HOWTO.key, exp: 9_999_999_999 }, { secret: 'x'.repeat(32) });
    const response = await request(server(consumerJwt({ consumers })))
      .get('/')
      .set('Authorization', `Bearer ${forged}`);
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api", error="invalid_token"');
    expect(response.body.code).toBe('invalid_token');
  });
});
