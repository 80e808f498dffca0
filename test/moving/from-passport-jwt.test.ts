import { describe, expect, test } from '@jest/globals';
import express from 'express';
import type { StrategyOptions } from 'passport-jwt';
import { oidcBearer } from '../../lib/index.js';
import { movesAsItsPageSays } from '../helpers/moving.js';
import { rawRequest } from '../helpers/requests.js';
import { PASSPORT_JWT_REQUESTS, PUBLIC_KEY, providerToken } from './passport-jwt-requests.js';

type NamesOf<Options> = Options extends unknown ? keyof Options : never;

/** Every option of passport-jwt: the compiler misses none. */
const OPTIONS: Readonly<Record<NamesOf<StrategyOptions>, true>> = {
  secretOrKey: true,
  secretOrKeyProvider: true,
  jwtFromRequest: true,
  issuer: true,
  audience: true,
  algorithms: true,
  ignoreExpiration: true,
  passReqToCallback: true,
  jsonWebTokenOptions: true,
};

describe('an application that leaves passport-jwt', () => {
  movesAsItsPageSays({
    page: 'docs/from-passport-jwt.md',
    library: 'passport-jwt',
    env: { JWT_PUBLIC_KEY: PUBLIC_KEY },
    rows: PASSPORT_JWT_REQUESTS,
    options: Object.keys(OPTIONS),
  });
});

const RULES = {
  issuer: 'https://accounts.example.com',
  audience: 'https://api.example.com',
  publicKeys: PUBLIC_KEY,
} as const;

const send = (method: ReturnType<typeof oidcBearer>, token: string) => {
  const app = express().use(method, (req, res) => res.send(req.principal?.type));
  return rawRequest(app, { headers: ['Authorization', `Bearer ${token}`] });
};

describe('what the page says beside', () => {
  test('a refusal carries a challenge, and a body of problem+json', async () => {
    const { status, headers } = await send(oidcBearer(RULES), 'abc');
    expect({ status, type: headers['content-type'], challenge: headers['www-authenticate'] }).toEqual({
      status: 401,
      type: expect.stringContaining('application/problem+json'),
      challenge: expect.stringContaining('error="invalid_token"'),
    });
  });

  test("a token that names nobody passes as a program unless subjects is 'user'", async () => {
    const token = providerToken({ sub: undefined });
    const users = () => ({ id: '42' });
    expect(await send(oidcBearer({ ...RULES, users }), token)).toMatchObject({ status: 200, text: 'client' });
    expect(await send(oidcBearer({ ...RULES, users, subjects: 'user' }), token)).toMatchObject({ status: 401 });
  });

  test('the callback is asked once for two requests, and for each of them with cache: false', async () => {
    let asked = 0;
    const callback = () => ({ id: String(++asked) });
    const kept = oidcBearer({ ...RULES, users: callback });
    for (const id of ['1', '2']) await send(kept, providerToken({ jti: id }));
    expect(asked).toBe(1);
    const fresh = oidcBearer({ ...RULES, users: { callback, cache: false } });
    for (const id of ['3', '4']) await send(fresh, providerToken({ jti: id }));
    expect(asked).toBe(3);
  });

  test("accepts: 'any' takes an ID token, and requiredClaims: [] one without exp", async () => {
    expect((await send(oidcBearer({ ...RULES, accepts: 'any' }), providerToken({ nonce: 'n' }))).status).toBe(200);
    expect((await send(oidcBearer({ ...RULES, requiredClaims: [] }), providerToken({ exp: undefined }))).status).toBe(
      200,
    );
  });
});
