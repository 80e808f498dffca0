import { describe, expect, test } from '@jest/globals';
import {
  consumerJwt,
  firstOf,
  fromBearer,
  fromCookie,
  fromHeader,
  fromQuery,
  jwtAuth,
  localToken,
} from '../../lib/index.js';
import { howtoConsumers } from '../helpers/consumers.js';
import { given } from '../helpers/loose.js';
import { accessToken, door } from '../helpers/oidc-door.js';
import { rawRequest, showLeftovers } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { howtoToken } from '../helpers/tokens.js';

const ordered = (options: object = {}) =>
  door({ tokenFrom: firstOf(fromBearer(), fromCookie('__session'), fromHeader('x-token')), ...options });

const header = (subject: string) => ['Authorization', `Bearer ${accessToken({ sub: subject })}`];
const cookie = (subject: string) => ['Cookie', `__session=${accessToken({ sub: subject })}`];
const bad = ['Cookie', '__session=not-a-token'];

async function subject(method: ReturnType<typeof door>, ...headers: string[]): Promise<string | number> {
  const { status, text } = await rawRequest(app(method), { headers });
  return status === 200 ? JSON.parse(text).principal.subject : status;
}

describe('firstOf', () => {
  test('lets the first place that holds a token decide', async () => {
    expect(await subject(ordered(), ...header('alice'), ...cookie('bob'))).toBe('alice');
    expect(await subject(ordered(), ...cookie('bob'))).toBe('bob');
    expect(await subject(ordered(), ...header('alice'))).toBe('alice');
    expect(await subject(ordered(), 'X-Token', accessToken({ sub: 'carol' }))).toBe('carol');
    expect(await subject(ordered())).toBe(401);
  });

  test('takes no notice of what stands in the others, and never falls back to them', async () => {
    expect(await subject(ordered(), ...header('alice'), ...bad)).toBe('alice');
    expect(await subject(ordered(), 'Authorization', 'Bearer not-a-token', ...cookie('bob'))).toBe(401);
    expect(await subject(ordered(), 'Authorization', 'Bearer', ...cookie('bob'))).toBe(400);
    expect(await subject(ordered(), ...header('alice'), ...header('bob'), ...cookie('bob'))).toBe(400);
  });

  test('is asked for: two different tokens are ambiguous without it', async () => {
    const method = door({ tokenFrom: [fromBearer(), fromCookie('__session')] });
    expect(await subject(method, ...header('alice'), ...cookie('bob'))).toBe(400);
  });

  test('takes a later header of its own off the request all the same', async () => {
    const headers = [...header('alice'), 'X-Token', accessToken({ sub: 'carol' })];
    const { text } = await rawRequest(app(ordered(), showLeftovers), { headers });
    expect(JSON.parse(text).headers).not.toHaveProperty('x-token');
    expect(text).not.toContain('X-Token');
  });

  test('takes functions, and holds them to the same order', async () => {
    const method = door({
      tokenFrom: firstOf(
        async () => undefined,
        fromBearer(),
        () => accessToken({ sub: 'carol' }),
      ),
    });
    expect(await subject(method, ...header('alice'))).toBe('alice');
    expect(await subject(method)).toBe('carol');
  });

  test('puts the cookie of local tokens last', async () => {
    const keys = [{ kid: '1', algorithm: 'HS256', secret: 'x'.repeat(32) }] as const;
    const tokenFrom = firstOf(fromBearer(), fromQuery('t'));
    const local = localToken({ issuer: 'app', keys, cookie: true, tokenFrom });
    const { token } = await local.issue({ type: 'user', id: 'u1' });
    const headers = ['Authorization', `Bearer ${token}`, 'Cookie', '__Host-session=another'];
    expect((await rawRequest(app(local), { headers })).status).toBe(200);
  });

  test('holds for its own method only in jwtAuth', async () => {
    const consumer = consumerJwt({ consumers: howtoConsumers(), tokenFrom: fromCookie('__session') });
    const both = jwtAuth({ methods: [ordered(), consumer] });
    const good = ['Cookie', `__session=${howtoToken()}`];
    expect((await rawRequest(app(both), { headers: [...header('alice'), ...good] })).status).toBe(200);
    expect((await rawRequest(app(both), { headers: [...header('alice'), ...bad] })).status).toBe(401);
  });

  test('reads the places that it names, so that a second method of the issuer there is refused', () => {
    const second = door({ tokenFrom: fromCookie('__session') });
    expect(() => jwtAuth({ methods: [ordered(), second] })).toThrow(/could never be asked/);
  });

  test('passes a request on that meets the method a second time', async () => {
    const method = ordered();
    const headers = [...header('alice'), ...cookie('bob')];
    expect((await rawRequest(app(method, method), { headers })).status).toBe(200);
  });

  test('refuses an empty list, one place twice, another firstOf, and company', () => {
    expect(() => firstOf()).toThrow(/at least one/);
    expect(() => firstOf(fromBearer(), fromBearer())).toThrow(/twice/);
    expect(() => firstOf(fromCookie('a'), fromCookie('a'))).toThrow(/twice/);
    const nested = given<ReturnType<typeof fromBearer>>(firstOf(fromBearer()));
    expect(() => firstOf(nested, fromCookie('a'))).toThrow(/another firstOf/);
    expect(() => door({ tokenFrom: [nested, fromCookie('a')] })).toThrow(/firstOf\(\) among other places/);
    expect(() => door({ tokenFrom: firstOf(given({ place: 'x' })) })).toThrow(/tokenFrom/);
  });
});

describe('a list in a query', () => {
  const method = door({ tokenFrom: fromQuery('access_token') });

  test.each(['access_token[]', 'access_token%5B%5D', 'access_token[0]', 'access_token[a]'])(
    '%s is no token, with one element or more',
    async (name) => {
      const path = `/?${name}=${accessToken()}`;
      expect((await rawRequest(app(method), { path })).status).toBe(400);
      expect((await rawRequest(app(method), { path: `${path}&access_token=${accessToken()}` })).status).toBe(400);
    },
  );
});
