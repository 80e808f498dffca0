import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import * as lib from '../../lib/index.js';
import { accessToken, door } from '../helpers/oidc-door.js';
import { bearer } from '../helpers/requests.js';
import { app } from '../helpers/servers.js';
import { inSeconds } from '../helpers/tokens.js';

const {
  AttemptLimitError,
  AuthError,
  ForbiddenError,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  RegistrationLimitError,
  ServiceUnavailableError,
  UnauthorizedError,
} = lib;

/** The classes of a second copy of the package, as two versions in one node_modules have them. */
const copyName = '../../lib/errors/auth-error.js?another-copy';
const copy = (await import(copyName)) as typeof lib;

describe('AuthError.is', () => {
  test('knows the errors of another copy of the package, which instanceof does not', () => {
    const foreign = new copy.InvalidTokenError('token_expired');
    expect(foreign).not.toBeInstanceOf(AuthError);
    expect([AuthError, UnauthorizedError, InvalidTokenError].map((kind) => kind.is(foreign))).toEqual([
      true,
      true,
      true,
    ]);
    expect([ForbiddenError, ServiceUnavailableError, InvalidRequestError].some((kind) => kind.is(foreign))).toBe(false);
    expect(copy.InvalidTokenError.is(new InvalidTokenError('token_expired'))).toBe(true);
  });

  test.each([
    ['UnauthorizedError', new UnauthorizedError('credentials_missing'), ['AuthError', 'UnauthorizedError']],
    [
      'InsufficientScopeError',
      new InsufficientScopeError(['a']),
      ['AuthError', 'ForbiddenError', 'InsufficientScopeError'],
    ],
    ['RegistrationLimitError', new RegistrationLimitError(1), ['AuthError', 'RegistrationLimitError']],
    ['AttemptLimitError', new AttemptLimitError(1), ['AuthError', 'AttemptLimitError']],
  ])('tells a %s from the others', (_name, error, kinds) => {
    const classes = {
      AuthError,
      UnauthorizedError,
      InvalidTokenError,
      InvalidRequestError,
      ForbiddenError,
      InsufficientScopeError,
      ServiceUnavailableError,
      RegistrationLimitError,
      AttemptLimitError,
    };
    expect(Object.entries(classes).flatMap(([name, kind]) => (kind.is(error) ? [name] : []))).toEqual(kinds);
  });

  test('knows a class that the application derived by itself alone', () => {
    class OwnError extends ForbiddenError {}
    expect([OwnError.is(new OwnError()), AuthError.is(new OwnError()), OwnError.is(new ForbiddenError())]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([null, undefined, 'AuthError', 42, {}, new Error('no'), { name: 'AuthError', code: 'token_expired' }])(
    'says no to %p',
    (value) => {
      expect(AuthError.is(value)).toBe(false);
    },
  );

  test('an error of another copy that a validator throws is answered as one of ours', async () => {
    const validators = () => Promise.reject(new copy.ForbiddenError('insufficient_claim'));
    const { status, body } = await request(app(door({ validators })))
      .get('/')
      .set('Authorization', bearer(accessToken()));
    expect([status, body.code]).toEqual([403, 'insufficient_claim']);
  });
});

describe('an error that an application makes', () => {
  test.each([
    [UnauthorizedError, 401, 'credentials_missing'],
    [InvalidRequestError, 400, 'request_malformed'],
    [InvalidTokenError, 401, 'claim_invalid'],
    [InsufficientScopeError, 403, 'insufficient_scope'],
    [ForbiddenError, 403, 'insufficient_claim'],
    [ServiceUnavailableError, 503, 'internal_error'],
  ])('has a code and a status without a word: %p', (Kind, status, code) => {
    const error = new Kind();
    expect([error.status, error.statusCode, error.code]).toEqual([status, status, code]);
    expect(error.headers).toBeDefined();
  });

  test('with a code that does not exist is told which there are', () => {
    expect(() => new AuthError('token_epxired' as never)).toThrow(/token_epxired.*token_expired/);
  });
});

describe('the message', () => {
  const refusalOf = async (options: Parameters<typeof door>[0], token: string) => {
    let refused: InstanceType<typeof AuthError> | undefined;
    const respond = (error: InstanceType<typeof AuthError>, _req: unknown, res: { end(): void }) => {
      refused = error;
      res.end();
    };
    await request(app(door({ ...options, respond })))
      .get('/')
      .set('Authorization', bearer(token));
    if (refused === undefined) throw new Error('nothing was refused');
    return refused;
  };
  const bad: [code: string, token: string][] = [
    ['token_malformed', 'x'],
    ['token_expired', accessToken({ exp: inSeconds(-300) })],
    ['audience_mismatch', accessToken({ aud: 'other' })],
    ['issuer_unknown', accessToken({ iss: 'other' })],
  ];

  test('is the same for every bad token, because frameworks print it; the reason is not', async () => {
    const errors = [];
    for (const [code, token] of bad) {
      const error = await refusalOf({}, token);
      expect(error.code).toBe(code);
      errors.push(error);
    }
    expect(new Set(errors.map(({ message }) => message))).toEqual(new Set(['The token is not valid.']));
    expect(new Set(errors.map(({ reason }) => reason)).size).toBe(bad.length);
  });
});

describe('as JSON', () => {
  test('an error carries its reason, its detail and the messages of its causes', () => {
    const cause = new Error('no users', { cause: new TypeError('no connection', { cause: 'ECONNREFUSED' }) });
    const error = new ServiceUnavailableError('store_unavailable', { cause });
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'ServiceUnavailableError',
        code: 'store_unavailable',
        status: 503,
        message: 'A store does not answer.',
        reason: 'A store does not answer.',
        cause: {
          name: 'Error',
          message: 'no users',
          cause: { name: 'TypeError', message: 'no connection', cause: { name: 'a string', message: 'ECONNREFUSED' } },
        },
      },
    });
  });

  test('no credential that a cause quotes is in it, and a circle of causes comes to an end', () => {
    const token = accessToken();
    const cause: Error & { cause?: unknown } = new Error(`bad token ${token} in ${bearer('opaque-0123456789')}`);
    cause.cause = cause;
    const text = JSON.stringify(new ServiceUnavailableError('check_failed', { cause }));
    for (const secret of [...token.split('.'), 'opaque-0123456789']) expect(text).not.toContain(secret);
    expect(text).toContain('bad token');
  });

  test.each([{ secret: 'hush' }, 42, null, Symbol('s')])(
    'of a cause that is no error only its kind is told: %p',
    (cause) => {
      const text = JSON.stringify(new ServiceUnavailableError('check_failed', { cause }));
      expect(text).not.toMatch(/hush|42/);
    },
  );
});
