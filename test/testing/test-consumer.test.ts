import { describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import request from 'supertest';
import { ConfigurationError, consumerJwt } from '../../lib/index.js';
import { type TestConsumerOptions, testConsumer } from '../../lib/testing/index.js';
import { app } from '../helpers/servers.js';

async function answerTo(consumer: ReturnType<typeof testConsumer>, token: string) {
  return request(app(consumerJwt({ consumers: consumer.consumers })))
    .get('/')
    .set('Authorization', `Bearer ${token}`);
}

describe('a test consumer', () => {
  test('is let in by consumerJwt with its own token', async () => {
    const consumer = testConsumer();
    const { status, body } = await answerTo(consumer, await consumer.token({ plan: 'gold' }));
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({ type: 'consumer', username: 'test-consumer', claims: { plan: 'gold' } });
  });

  test('is who it is told to be', async () => {
    const options: TestConsumerOptions = { username: 'jsmith', groups: ['partners'], key: 'k', algorithm: 'HS512' };
    const consumer = testConsumer(options);
    const token = await consumer.token();
    expect(decodeProtectedHeader(token).alg).toBe('HS512');
    const { body } = await answerTo(consumer, token);
    expect(body.principal).toMatchObject({ username: 'jsmith', groups: ['partners'], claims: { iss: 'k' } });
  });

  test('is refused with a token that it made wrong', async () => {
    const consumer = testConsumer();
    const expired = await answerTo(consumer, await consumer.token({}, { lifetime: -120 }));
    const strange = await answerTo(consumer, await testConsumer().token());
    expect([expired.status, strange.status]).toEqual([401, 401]);
  });

  test('shares neither key nor secret with another', () => {
    const [one, other] = [testConsumer(), testConsumer()];
    expect(one.key).not.toBe(other.key);
    expect(one.secret).not.toBe(other.secret);
  });

  test('is refused at once with a secret that the store would refuse', () => {
    expect(() => testConsumer({ secret: 'short' })).toThrow(ConfigurationError);
  });
});
