import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import type { expressjwt } from 'express-jwt';
import { AuthError, requireScopes, sharedSecretJwt } from '../../lib/index.js';
import { movesAsItsPageSays, tidyTables } from '../helpers/moving.js';
import { jsonOf, rawRequest } from '../helpers/requests.js';
import { loginToken, SECRET, shared } from '../helpers/shared-secret.js';
import { inSeconds } from '../helpers/tokens.js';
import { EXPRESS_JWT_REQUESTS } from './express-jwt-requests.js';

const PAGE = 'docs/from-express-jwt.md';

/** Every option of express-jwt: the compiler misses none. */
const OPTIONS: Readonly<Record<keyof Parameters<typeof expressjwt>[0], true>> = {
  secret: true,
  algorithms: true,
  getToken: true,
  credentialsRequired: true,
  requestProperty: true,
  isRevoked: true,
  onExpired: true,
  issuer: true,
  audience: true,
  subject: true,
  jwtid: true,
  nonce: true,
  clockTolerance: true,
  clockTimestamp: true,
  maxAge: true,
  ignoreExpiration: true,
  ignoreNotBefore: true,
  complete: true,
  allowInvalidAsymmetricKeyTypes: true,
};

describe('an application that leaves express-jwt', () => {
  movesAsItsPageSays({
    page: PAGE,
    library: 'express-jwt',
    env: { JWT_SECRET: SECRET },
    rows: EXPRESS_JWT_REQUESTS,
    options: Object.keys(OPTIONS),
  });
});

const bearer = (token: string) => ['Authorization', `Bearer ${token}`];

/** Refusals as an error handler sees them, as the page lists them. */
const ERRORS = [
  ['no token where one is required', [], 'UnauthorizedError', 'credentials_missing', 401],
  ['an expired token', bearer(loginToken({ exp: inSeconds(-90) })), 'InvalidTokenError', 'token_expired', 401],
  ['two tokens', [...bearer(loginToken()), ...bearer('x')], 'InvalidRequestError', 'credentials_ambiguous', 400],
  ['a user who is not registered', bearer(loginToken({ sub: '0' })), 'ForbiddenError', 'user_not_registered', 403],
  ['a scope is missing', bearer(loginToken()), 'InsufficientScopeError', 'insufficient_scope', 403],
  [
    'the store of the users is down',
    bearer(loginToken({ sub: '1' })),
    'ServiceUnavailableError',
    'provisioning_unavailable',
    503,
  ],
] as const;

function users({ subject }: { subject: string }) {
  if (subject === '1') throw new Error('the store is down');
  return subject === '0' ? null : { id: subject };
}

const showError: ErrorRequestHandler = (err, _req, res, _next) => {
  const { name, code, status, statusCode } = err;
  res.json({ isAuthError: AuthError.is(err), name, code, status, statusCode });
};

describe('the error handler of such an application', () => {
  const app = express();
  app.use(shared({ users, respond: 'next' }), requireScopes('read'), showError);

  test.each(ERRORS)('%s: AuthError.is knows it, and its name, code and status are listed', async (...row) => {
    const [, headers, name, code, status] = row;
    const shown = jsonOf(await rawRequest(app, { headers }));
    expect(shown).toEqual({ isAuthError: true, name, code, status, statusCode: status });
  });

  test('the page lists names, codes and statuses as they are', () => {
    const rows = ERRORS.map(([what, , name, code, status]) => `| ${what} | \`${name}\` | \`${code}\` | ${status} |`);
    expect(tidyTables(readFileSync(PAGE, 'utf8'))).toContain(tidyTables(rows.join('\n')));
  });
});

describe('what the page offers instead', () => {
  const statusOf = async (options: object, token: string) => {
    const app = express().use(sharedSecretJwt({ secret: SECRET, ...options }), (_req, res) => res.end());
    return (await rawRequest(app, { headers: bearer(token) })).status;
  };

  test('requiredClaims: [] takes a token without exp', async () => {
    expect(await statusOf({ requiredClaims: [] }, loginToken({ exp: undefined }))).toBe(200);
  });

  test('clockTolerance: 0 refuses a token from its last second on', async () => {
    expect(await statusOf({ clockTolerance: 0 }, loginToken({ exp: inSeconds(-1) }))).toBe(401);
  });
});
