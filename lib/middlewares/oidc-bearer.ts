import type { JWTPayload } from 'jose';
import { InvalidTokenError } from '../errors/auth-error.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { assertFunction, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { DEFAULT_CLAIMS, tokenPrincipal } from '../principal/token-identity.js';
import { tieIdentity } from '../users/user-identity.js';
import { assertAudience, isForAudience } from '../verification/audience.js';
import { assertClaims } from '../verification/claim-rules.js';
import { effectiveTimes, type TimeLeeways } from '../verification/effective-times.js';
import { assertTokenChecks } from '../verification/token-checks.js';
import { assertTokenKind } from '../verification/token-kind.js';
import { assertAlgorithm, verifyWithSource } from '../verification/verify-with-source.js';
import type { AuthMethod } from './auth-method.js';
import type { Authenticator, PresentedToken } from './authenticator.js';
import { type Door, resolveDoor } from './door-options.js';
import { ISSUER_OPTION_NAMES, type IssuerOptions, type IssuerRecord, resolveIssuer } from './issuer-record.js';
import { type IssuerBook, type IssuersResolver, ResolvedIssuers, singleIssuer } from './issuer-resolver.js';
import { asSingleMethod } from './single-method.js';
import { resolveTokenPolicy, TOKEN_OPTION_NAMES, type TokenOptions, type TokenPolicy } from './token-options.js';

/** Options of {@link oidcBearer}. */
export interface OidcBearerOptions extends TokenOptions, Partial<IssuerOptions> {
  /** Many tenants: says what is known of an issuer. Goes in place of `issuer` and everything about its keys. */
  issuers?: IssuersResolver;
  /**
   * Seconds after `iat` or `nbf` at which a token without `exp` ends (Consul), 0 to 86400. Given, or with
   * `notBeforeLeeway`, no time claim is required by itself. Default: `exp` is required.
   */
  expirationLeeway?: number;
  /** Seconds before `exp` at which a token without `nbf` and `iat` begins (Consul), 0 to 86400. Either defaults to 150 when the other is given. */
  notBeforeLeeway?: number;
}

const CONSUL_LEEWAY = 150;
const MAX_LEEWAY = 86_400;

interface OidcBearerConfig extends TokenPolicy {
  readonly door: Door;
  readonly book: IssuerBook;
}

function resolveLeeways({ expirationLeeway, notBeforeLeeway }: OidcBearerOptions): TimeLeeways | undefined {
  for (const [name, value] of Object.entries({ expirationLeeway, notBeforeLeeway })) {
    if (value !== undefined) assertSeconds(`oidcBearer.${name}`, value, { min: 0, max: MAX_LEEWAY });
  }
  if (expirationLeeway === undefined && notBeforeLeeway === undefined) return undefined;
  return { expiration: expirationLeeway ?? CONSUL_LEEWAY, notBefore: notBeforeLeeway ?? CONSUL_LEEWAY };
}

function resolveBook(options: OidcBearerOptions, { listeners }: Door): IssuerBook {
  const { issuers, issuer } = options;
  if (issuers === undefined) {
    if (issuer === undefined)
      throw new ConfigurationError('oidcBearer.issuer', 'is required, or issuers for many tenants');
    // What is still missing of the issuer's options is what resolveIssuer refuses.
    return singleIssuer(resolveIssuer('oidcBearer', options as IssuerOptions, listeners));
  }
  assertFunction('oidcBearer.issuers', issuers);
  const contradicting = ISSUER_OPTION_NAMES.find((name) => options[name] !== undefined);
  if (contradicting !== undefined) {
    throw new ConfigurationError(
      `oidcBearer.${contradicting}`,
      'is what issuers() answers for each tenant; leave one of the two out',
    );
  }
  return new ResolvedIssuers('oidcBearer', issuers, listeners);
}

function resolveOidcBearer(options: OidcBearerOptions): OidcBearerConfig {
  const known = [...TOKEN_OPTION_NAMES, ...ISSUER_OPTION_NAMES, 'issuers', 'expirationLeeway', 'notBeforeLeeway'];
  checkOptionNames('oidcBearer', options, known);
  const door = resolveDoor('oidcBearer', options);
  const leeways = resolveLeeways(options);
  const mayLackTimes = leeways !== undefined && options.requiredClaims === undefined;
  const policy = resolveTokenPolicy(
    'oidcBearer',
    mayLackTimes ? { ...options, requiredClaims: [] } : options,
    DEFAULT_CLAIMS,
  );
  return { door, ...policy, rules: { ...policy.rules, leeways }, book: resolveBook(options, door) };
}

/** Read only to choose a configured record; nothing is verified yet. */
function issuerNamedBy({ claims }: { claims: JWTPayload }): string {
  const issuer: unknown = claims.iss;
  if (issuer === undefined) throw new InvalidTokenError('claim_missing');
  if (typeof issuer !== 'string') throw new InvalidTokenError('claim_invalid');
  return issuer;
}

/** Everything that an issuer's record decides about a token. */
async function assertIssuedBy(record: IssuerRecord, presented: PresentedToken, policy: TokenPolicy): Promise<void> {
  const jws = presented.read();
  assertAlgorithm(jws.header, record.algorithms);
  assertClaims(jws.claims, policy.rules);
  assertAudience(jws.claims, record.audiences);
  await verifyWithSource(jws, record.keys);
  if (!record.isConsistent(jws.claims)) throw new InvalidTokenError('issuer_unknown');
  assertTokenKind(jws.header, jws.claims, record.profile);
}

function oidcAuthenticator(config: OidcBearerConfig): Authenticator {
  const { door, book, checks, identify } = config;
  const recordOf = (presented: PresentedToken) => book.find(issuerNamedBy(presented.read()));
  return {
    name: door.name,
    sources: config.sources,
    stripCredential: config.stripCredential,
    listeners: door.listeners,
    ...(book.territory === undefined ? {} : { territory: book.territory }),
    names: async (presented) => (await recordOf(presented)) !== undefined,
    async addresses(presented) {
      const { audiences } = (await recordOf(presented)) ?? {};
      return audiences === undefined || isForAudience(presented.read().claims, audiences);
    },
    async verify(presented, req) {
      const issuer = issuerNamedBy(presented.read());
      const record = await book.find(issuer);
      if (record === undefined) throw new InvalidTokenError('issuer_unknown');
      await assertIssuedBy(record, presented, config);
      const { header, claims } = presented.read();
      const { mapped, roles } = identify(claims);
      await assertTokenChecks(checks, { token: presented.token, header, claims, req });
      const { exp: expiresAt } = effectiveTimes(claims, config.rules.leeways);
      const principal = tokenPrincipal({ method: door.name, issuer, claims, mapped, roles, expiresAt });
      if (principal.type === 'user') tieIdentity(principal, { issuer, ...mapped });
      return principal;
    },
    ready: async () => void (await Promise.all(book.records().map(({ keys }) => keys.ready()))),
    health: () => book.records().map(({ keys }) => keys.health()),
    close: async () => book.close(),
  };
}

/**
 * Access tokens of an identity provider, as Conduktor, Kong's `openid-connect` and Consul's `jwt` take them.
 *
 * Keys come from the issuer's discovery document unless `jwksUri`, `publicKeys` or `keys` says otherwise; nothing
 * is fetched before the first token or `ready()`, and keys outlive an outage of the provider by `maxStale`.
 *
 * ```ts
 * app.use(oidcBearer({ issuer: 'https://login.example.com', audience: 'https://api.example.com' }));
 * ```
 *
 * @throws ConfigurationError at creation, for an option that is missing, unknown, contradictory or dangerous.
 */
export function oidcBearer(options: OidcBearerOptions): AuthMethod {
  const config = resolveOidcBearer(options);
  return asSingleMethod(config.door, oidcAuthenticator(config));
}
