import { invalidClaim, missingClaim, unknownIssuer } from '../../errors/token-refusals.js';
import type { Authenticator, AuthMethod, Claim } from '../../pipeline/auth-method.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import type { Authenticated } from '../../principal/authenticated.js';
import { mappedBytes } from '../../principal/claim-mapping.js';
import { identified } from '../../principal/token-identity.js';
import type { TokenContent } from '../../tokens/compact-token.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { assertAudience, assertClaims, assertTimely, isForAudience } from '../../verification/claim-rules.js';
import { assertTokenChecks } from '../../verification/token-checks.js';
import { assertTokenKind } from '../../verification/token-kind.js';
import { VerifiedTokenCache } from '../../verification/verified-token-cache.js';
import { assertAlgorithm, verifyWithSource } from '../../verification/verify-with-source.js';
import {
  resolveSharedSecretJwt,
  type SharedSecretConfig,
  type SharedSecretJwtOptions,
} from './shared-secret-options.js';

/**
 * Facts that follow from a verified token, as they are cached. The secrets never change, so only the clock can end
 * them.
 */
interface VerifiedToken extends TokenContent {
  readonly authenticated: Authenticated;
}

type TokenCache = VerifiedTokenCache<VerifiedToken>;

/**
 * Returns the issuer of the person in a token: the one that the token names, otherwise the name of the method.
 * @throws {InvalidTokenError} `claim_missing`, `claim_invalid` or `issuer_unknown` when issuers are configured and the
 * token names none of them, or names what another method calls its people.
 */
function issuerOf({ claims }: TokenContent, { issuers, settings, reserved }: SharedSecretConfig): string {
  const issuer: unknown = claims.iss;
  if (issuer !== undefined && typeof issuer !== 'string') throw invalidClaim('iss', 'is not a text');
  if (issuer !== undefined && reserved.has(issuer)) throw unknownIssuer(issuer, issuers ?? []);
  if (issuers === undefined) return issuer === undefined || issuer === '' ? settings.name : issuer;
  if (issuer === undefined) throw missingClaim('iss', { expected: [...issuers].join(' or ') });
  if (!issuers.has(issuer)) throw unknownIssuer(issuer, [...issuers]);
  return issuer;
}

const ACCESS_TOKENS = { profile: 'any', accepts: 'access-token' } as const;

/** Verifies everything that follows from a token and the configuration alone. */
async function verifyToken(config: SharedSecretConfig, presented: PresentedToken): Promise<VerifiedToken> {
  const token = presented.read();
  const { header, claims } = token;
  const issuer = issuerOf(token, config);
  assertAlgorithm(header, config.algorithms);
  assertClaims(claims, config.rules);
  assertAudience(claims, config.audiences);
  await verifyWithSource(token, config.keys);
  assertTokenKind({ header, claims }, ACCESS_TOKENS);
  const { settings, subjects, ids } = config;
  const { mapped, roles } = config.identify(token);
  const facts = { method: settings.name, issuer, claims, mapped, roles, expiresAt: claims.exp, subjects };
  const heldBytes = token.heldBytes + mappedBytes(mapped);
  return { header, claims, heldBytes, authenticated: identified({ ...facts, sharesIds: ids.areShared }) };
}

/**
 * Verifies a token of the method. What follows from the token alone is cached; what can change is checked every time.
 */
async function verifyPresented(
  config: SharedSecretConfig,
  cache: TokenCache | undefined,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<Authenticated> {
  const known = cache?.get(presented);
  if (known !== undefined) assertTimely(known.claims, config.rules);
  const token = known ?? (await verifyToken(config, presented));
  const { header, claims, authenticated } = token;
  const checked = assertTokenChecks(config.checks, { token: presented.token, header, claims, req });
  if (checked !== undefined) await checked;
  cache?.set(presented, token);
  return authenticated;
}

/** Tells whether a token belongs to the method, by its header and its issuer. */
function claimOf({ header, claims }: TokenContent, { algorithms, issuers, audiences }: SharedSecretConfig): Claim {
  const fits = algorithms.some((algorithm) => algorithm === header.alg);
  if (issuers === undefined) return fits ? 'maybe' : 'no';
  if (typeof claims.iss !== 'string' || !issuers.has(claims.iss)) return 'no';
  return fits && (audiences === undefined || isForAudience(claims, audiences)) ? 'mine' : 'maybe';
}

function sharedSecretAuthenticator(config: SharedSecretConfig): Authenticator {
  const { settings, algorithms, issuers, audiences, keys } = config;
  const cache = config.cache && new VerifiedTokenCache<VerifiedToken>(config.cache);
  return {
    name: settings.name,
    sources: config.sources,
    stripCredential: config.stripCredential,
    listeners: settings.listeners,
    scope: issuers === undefined ? { asked: 'rest', algorithms } : { issuers, audiences, algorithms },
    claims: ({ content }) => claimOf(content, config),
    // Without configured issuers, the holder of the secret can write any address for any issuer.
    vouching: issuers ?? 'many',
    givenName: issuers === undefined ? settings.name : undefined,
    reserve(name) {
      config.reserved.add(name);
      cache?.clear();
    },
    amongIssuers() {
      config.ids.areShared = true;
      cache?.clear();
    },
    known: cache,
    verify: (presented, req) => verifyPresented(config, cache, presented, req),
    ready: () => keys.ready(),
    health: () => [keys.health()],
    close: async () => cache?.clear(),
  };
}

/**
 * Creates an auth method for tokens that the application's own login service signs with one secret, as express-jwt and
 * passport-jwt are mostly used.
 *
 * The token's `sub` is the person. In `jwtAuth`, a token of an issuer that another method names, or of a consumer's
 * key, goes to that method; all remaining tokens go to this one.
 *
 * ```ts
 * app.use(sharedSecretJwt({ secret: process.env.JWT_SECRET }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or dangerous.
 */
export function sharedSecretJwt(options: SharedSecretJwtOptions): AuthMethod {
  const config = resolveSharedSecretJwt(options);
  return asSingleMethod(config.settings, sharedSecretAuthenticator(config));
}
