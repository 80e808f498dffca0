import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { AuthEvent } from '../../lib/index.js';
import { fromKong } from '../../lib/migrate/index.js';
import { type TestIssuer, testIssuer } from '../../lib/testing/index.js';
import { app } from '../helpers/servers.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await testIssuer();
});
afterAll(() => issuer.close());

const GUEST = { username: 'guest', acls: [{ group: 'public' }] };

async function door(config: object = {}) {
  const events: AuthEvent[] = [];
  const bearer = { issuer: issuer.url, auth_methods: ['bearer'], anonymous: 'guest', ...config };
  const { methods } = await fromKong(
    { consumers: [GUEST], plugins: [{ name: 'openid-connect', config: bearer }] },
    { onEvent: (event) => events.push(event) },
  );
  return { server: app(...methods), events };
}

describe('fromKong, openid-connect: anonymous', () => {
  test('who brings no token is the anonymous consumer, and the headers say so', async () => {
    const { server, events } = await door();
    const { status, body } = await request(server).get('/').set('X-Consumer-Username', 'root');
    expect(status).toBe(200);
    expect(body.principal).toMatchObject({ type: 'anonymous', username: 'guest', groups: ['public'] });
    expect(body.headers).toMatchObject({ 'x-consumer-username': 'guest', 'x-anonymous-consumer': 'true' });
    expect(events).toEqual([]);
  });

  test.each([
    ['a forged token', {}, (token: string) => `${token.slice(0, -8)}AAAAAAAA`, 'signature_invalid'],
    ['a token without the scope', { scopes_required: ['admin'] }, (token: string) => token, 'insufficient_scope'],
    ['a token of no consumer', { consumer_claim: ['sub'] }, (token: string) => token, 'insufficient_claim'],
  ])('%s makes anonymous, and the listener hears why', async (_title, config, spoil, code) => {
    const { server, events } = await door(config);
    const { status, body } = await request(server)
      .get('/')
      .set('Authorization', `Bearer ${spoil(await issuer.mint())}`);
    expect([status, body.principal.type]).toEqual([200, 'anonymous']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'anonymous', code }));
  });

  test('a good token is not anonymous', async () => {
    const { server, events } = await door();
    const { body } = await request(server)
      .get('/')
      .set('Authorization', `Bearer ${await issuer.mint()}`);
    expect(body.principal.type).toBe('user');
    expect(body.headers['x-anonymous-consumer']).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ type: 'accepted', principalType: 'user' }));
  });

  test('an outage makes nobody anonymous', async () => {
    const { server } = await door({ issuer: 'http://127.0.0.1:1' });
    const token = await issuer.mint({ iss: 'http://127.0.0.1:1' });
    expect((await request(server).get('/').set('Authorization', `Bearer ${token}`)).status).toBe(503);
  });

  test('a consumer that does not exist is refused, where Kong would answer 500 to everybody', async () => {
    await expect(door({ anonymous: 'nobody' })).rejects.toThrow(
      "anonymous consumer nobody is configured but doesn't exist",
    );
  });
});
