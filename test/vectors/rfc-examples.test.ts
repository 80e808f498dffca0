import { describe, expect, jest, test } from '@jest/globals';
import { memoryConsumers } from '../../lib/index.js';
import { frontDoor, refusedAs, WELCOME } from '../helpers/front-door.js';
import { consumerAccepts, issuerAccepts } from '../helpers/jws-verifier.js';

const CLAIMS = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';

const HS256 = {
  key: {
    kty: 'oct',
    kid: 'joe',
    alg: 'HS256',
    k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  },
  token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
};

const ES256 = {
  key: {
    kty: 'EC',
    kid: 'joe',
    alg: 'ES256',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
  token: `eyJhbGciOiJFUzI1NiJ9.${CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
};

const ED25519 = {
  key: { kty: 'OKP', kid: 'joe', alg: 'EdDSA', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  token:
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
};

/** The example tokens expired in 2011; only the clock is moved, timers go on. */
async function at<T>(seconds: number, run: () => Promise<T>): Promise<T> {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(seconds * 1000);
  try {
    return await run();
  } finally {
    clock.mockRestore();
  }
}

const EXPIRY = 1_300_819_380;

describe.each([
  ['RFC 7515 appendix A.1 (HS256)', { secret: HS256.key.k, secretEncoding: 'base64' }, HS256.token],
  ['RFC 7515 appendix A.3 (ES256)', { algorithm: 'ES256', publicKey: ES256.key }, ES256.token],
] as const)('the token of %s', (_name, credential, token) => {
  const consumers = memoryConsumers([{ username: 'joe', credentials: [{ key: 'joe', ...credential }] }]);
  const present = frontDoor({ consumers, clockTolerance: 0 });

  test('is welcome one second before it expires', async () => {
    expect(await at(EXPIRY - 1, () => present(token))).toEqual(WELCOME);
  });

  test('is expired at the second that it names, and today', async () => {
    expect(await at(EXPIRY, () => present(token))).toEqual(refusedAs('token_expired'));
    expect(await present(token)).toEqual(refusedAs('token_expired'));
  });
});

test('refuses the unsecured token of RFC 7515 appendix A.5', async () => {
  const present = frontDoor();
  expect(await present(`eyJhbGciOiJub25lIn0.${CLAIMS}.`)).toEqual(refusedAs('token_malformed'));
});

describe.each([
  ['RFC 7515 appendix A.3 (ES256)', ES256],
  ['RFC 8037 appendix A.4 (Ed25519)', ED25519],
])('the signature of %s', (_name, { key, token }) => {
  test('is good for its key, as a consumer’s credential and as an issuer’s key', async () => {
    expect(await consumerAccepts([key], token)).toBe(true);
    expect(issuerAccepts([key], token)).toBe(true);
  });

  test('is refused once a character of the payload differs', async () => {
    const changed = token.replace(/\..(?=[^.])/, '.Z');
    expect(changed).not.toBe(token);
    expect(await consumerAccepts([key], changed)).toBe(false);
    expect(issuerAccepts([key], changed)).toBe(false);
  });
});

test('an empty payload is a payload for a signature, and never a JWT', async () => {
  // RFC 7515 section 7.1 lets the payload be empty; only JWT asks for claims.
  const key = { kty: 'oct', kid: 'k', alg: 'HS256', k: HS256.key.k };
  const token = 'eyJhbGciOiJIUzI1NiJ9..OseJwguM7Xc9AlxQtHOCBgo6qFRlXh5mw2ZmelT4y44';
  expect(await consumerAccepts([key], token)).toBe(true);
  expect(await frontDoor()(token)).toEqual(refusedAs('token_malformed'));
  expect(await consumerAccepts([key], token.replace('..', '.e30.'))).toBe(false);
});
