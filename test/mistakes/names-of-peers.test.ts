import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, type JwtAuthOptions, jwtAuth, oidcBearer, sharedSecretJwt } from '../../lib/index.js';
import { SECRET } from '../helpers/shared-secret.js';

/** Option names of express-jwt, passport-jwt, express-oauth2-jwt-bearer, jwks-rsa, fast-jwt, koa-jwt and Keycloak's adapter. */
const NAMES =
  `requestProperty resultProperty userProperty subject complete passReqToCallback session httpTimeout timeout
  timeoutDuration cacheMaxAge cacheMaxEntries rateLimit jwksRequestsPerMinute requestHeaders requestAgent fetcher jwks
  domain scope roles verify required path pem getToken jwtFromRequest secretOrKey secretOrKeyProvider isRevokedCallback
  onExpired ignoreExpiration ignoreNotBefore clockTimestamp nonce jsonWebTokenOptions authRequired issuerBaseURL
  tokenSigningAlg strict maxTokenAge cooldownDuration handleSigningKeyError key cacheTTL errorCacheTTL cacheKeyBuilder
  allowedIss allowedAud allowedSub allowedJti checkTyp passthrough tokenKey debug auth-server-url ssl-required bearer-only
  realm-public-key verify-token-audience resource public-client confidential-port userPoolId failureRedirect unless
  customJwtCheck graceSeconds permissions credentials cors`.split(/\s+/);

const make = (name: string) => () => oidcBearer({ issuer: 'https://login.example.com', audience: 'api', [name]: 'x' });

describe('a name of another library is answered with the name here, or with a sentence', () => {
  test.each(NAMES)('%s', (name) => {
    expect(make(name)).toThrow(ConfigurationError);
    expect(make(name)).not.toThrow('known options');
    expect(make(name)).toThrow(`oidcBearer.${name}: `);
  });
});

test('names of one secret lead to sharedSecretJwt, and in it to its own', () => {
  for (const name of ['secretOrKey', 'jwtSecret', 'secret']) {
    expect(() => jwtAuth({ [name]: SECRET } as unknown as JwtAuthOptions)).toThrow(/sharedSecretJwt\(\{ secret \}\)/);
  }
  expect(() => sharedSecretJwt({ jwtSecret: SECRET } as never)).toThrow('did you mean "secret"?');
});
