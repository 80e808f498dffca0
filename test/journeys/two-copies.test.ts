import { afterAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import * as ours from '../../lib/index.js';
import { builtLib } from '../helpers/built-lib.js';
import { howtoConsumers } from '../helpers/front-door.js';
import { accessToken, staticOptions } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { HOWTO, howtoToken } from '../helpers/tokens.js';

const built = builtLib();
afterAll(() => built.remove());
const theirs = (await import(`${built.url}index.js`)) as typeof ours;

const show = async (method: ours.AuthMethod, token: string) => {
  const { status, body } = await request(app(method)).get('/').set('Authorization', bearer(token));
  return { status, ...body };
};

test('the two copies are two', () => {
  expect(theirs.oidcBearer).not.toBe(ours.oidcBearer);
  expect(theirs.InvalidTokenError).not.toBe(ours.InvalidTokenError);
});

describe.each([
  ['their methods in our jwtAuth', ours.jwtAuth, theirs],
  ['our methods in their jwtAuth', theirs.jwtAuth, ours],
])('%s', (_title, jwtAuth, copy) => {
  const seenUsers: ours.UserIdentity[] = [];
  const entry = jwtAuth({
    methods: [
      copy.oidcBearer(staticOptions()),
      copy.consumerJwt({
        consumers: copy.memoryConsumers([
          { username: HOWTO.username, credentials: [{ key: HOWTO.key, secret: HOWTO.secret }] },
        ]),
      }),
      copy.defineMethod({
        name: 'session',
        tokenFrom: copy.fromHeader('x-session'),
        verify: (token) => (token === 's1' ? { type: 'user', identity: { subject: 'ann' } } : undefined),
      }),
    ],
    users(identity) {
      seenUsers.push(identity);
      return { id: `user of ${identity.subject}` };
    },
    exposeReason: true,
  });

  test('let good tokens in, with their users', async () => {
    expect(await show(entry, accessToken())).toMatchObject({
      status: 200,
      principal: { method: 'oidcBearer', user: { id: 'user of alice' } },
    });
    expect(await show(entry, howtoToken())).toMatchObject({ status: 200, principal: { username: 'jsmith' } });
    const { body } = await request(app(entry)).get('/').set('X-Session', 's1');
    expect(body).toMatchObject({ principal: { id: 'user of ann', subject: 'ann' }, headers: expect.anything() });
    expect(body.headers).not.toHaveProperty('x-session');
    expect(seenUsers.map(({ subject }) => subject)).toEqual(['alice', 'ann']);
  });

  test('refuse bad ones as what they are, and not as an outage', async () => {
    expect(await show(entry, accessToken({ aud: 'https://other.example.com' }))).toMatchObject({
      status: 401,
      code: 'audience_mismatch',
    });
    expect(await show(entry, howtoToken({ exp: 1 }))).toMatchObject({ status: 401, code: 'token_expired' });
    expect(await show(entry, 'nothing')).toMatchObject({ status: 401, code: 'token_malformed' });
  });

  test('and bound ones, and what one copy throws in the other', async () => {
    const bound = jwtAuth({ methods: [copy.oidcBearer(staticOptions()).bind(null)] });
    expect((await show(bound, accessToken())).status).toBe(200);
    const validators = () => {
      throw new copy.ForbiddenError('insufficient_claim');
    };
    const one = ours.oidcBearer(staticOptions({ validators }));
    expect(await show(one, accessToken())).toMatchObject({ status: 403, code: 'insufficient_claim' });
  });
});

test('a method of another version says so, and what is no method says what is expected', () => {
  const method = ours.consumerJwt({ consumers: howtoConsumers() });
  const later = Object.assign(() => undefined, { [Symbol.for('sallyport.method')]: { version: 2 } });
  const compose = (one: unknown) => () => ours.jwtAuth({ methods: [method, one as ours.AuthMethod] });
  expect(compose(later)).toThrow(/jwtAuth\.methods\[1\].*another version of sallyport/);
  for (const none of [() => undefined, {}, undefined, null, 'oidcBearer', ours.jwtAuth({ methods: [method] })])
    expect(compose(none)).toThrow(/jwtAuth\.methods\[1\].*another auth method factory returns/);
});
