import type { Consumer, ConsumerCredential } from '../../consumers/consumer.js';
import type { ConsumerStore } from '../../consumers/consumer-store.js';
import { assertLive } from '../../consumers/credential-key.js';
import {
  type FoundCredential,
  findConsumerCredential,
  isDeepFrozen,
  usableCredentialKey,
} from '../../consumers/find-consumer-credential.js';
import { InvalidTokenError } from '../../errors/auth-error.js';
import { nearMiss } from '../../errors/near-miss.js';
import { invalidClaim, missingClaim, wrongAlgorithm } from '../../errors/token-refusals.js';
import { isSameKey, type VerificationKey } from '../../keys/verification-key.js';
import { assertImplements, assertNonEmptyString } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import type { Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import { type MethodSettings, resolveMethodSettings } from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { TOKEN_OPTION_NAMES, type TokenOptions } from '../../pipeline/token-options.js';
import { type Identified, resolveTokenPolicy, type TokenPolicy } from '../../pipeline/token-policy.js';
import type { Authenticated } from '../../principal/authenticated.js';
import { mappedBytes } from '../../principal/claim-mapping.js';
import type { TokenContent } from '../../tokens/compact-token.js';
import type { PresentedToken } from '../../tokens/presented-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import { assertClaims, assertTimely } from '../../verification/claim-rules.js';
import { assertTokenChecks } from '../../verification/token-checks.js';
import { assertConsumerKind } from '../../verification/token-kind.js';
import { VerifiedTokenCache } from '../../verification/verified-token-cache.js';
import { assertSignature } from '../../verification/verify-with-source.js';
import { consumerPrincipal } from './consumer-principal.js';

/**
 * Returns the credential key that a token names: by the claim in the payload, else by the member of the JOSE header (as
 * in Kong, where `kid` is found that way). It only chooses a record; nothing is verified yet.
 * @throws {InvalidTokenError} `claim_missing`, or `claim_invalid` when it is not a non-empty text.
 */
function keyNamedBy({ claims, header }: Pick<TokenContent, 'claims' | 'header'>, keyClaim: string): string {
  const key: unknown = Object.hasOwn(claims, keyClaim)
    ? claims[keyClaim]
    : Object.hasOwn(header, keyClaim)
      ? header[keyClaim]
      : undefined;
  if (key === undefined) throw missingClaim(keyClaim, { hint: 'It names the credential that signed the token.' });
  if (typeof key !== 'string' || key === '') throw invalidClaim(keyClaim, 'is not a text, or empty');
  return key;
}

function unknownCredential(claim: string, hint: string | undefined): InvalidTokenError {
  const detail = { claim, problem: 'names no credential of the store', hint };
  return new InvalidTokenError('credential_unknown', { detail });
}

/** Options of {@link consumerJwt}. */
export interface ConsumerJwtOptions extends TokenOptions {
  /**
   * Store of the consumers and their credentials: `memoryConsumers()`, `postgresConsumers()`, or one of the
   * application.
   */
  consumers: ConsumerStore;
  /**
   * Name of the claim that names the credential; looked for in the payload, then in the JOSE header.
   * @default 'iss'
   */
  keyClaim?: string | undefined;
}

/** Resolved {@link ConsumerJwtOptions}. */
interface ConsumerJwtConfig extends TokenPolicy {
  readonly settings: MethodSettings;
  readonly consumers: ConsumerStore;
  readonly keyClaim: string;
}

function resolveConsumerJwt(options: ConsumerJwtOptions): ConsumerJwtConfig {
  checkOptionNames(
    'consumerJwt',
    options,
    namesOf<ConsumerJwtOptions>()({ consumers: true, keyClaim: true }, TOKEN_OPTION_NAMES),
  );
  const { consumers, keyClaim = 'iss' } = options;
  assertImplements('consumerJwt.consumers', consumers, ['findCredential'], 'memoryConsumers([…])');
  assertNonEmptyString('consumerJwt.keyClaim', keyClaim);
  return {
    settings: resolveMethodSettings('consumerJwt', options),
    // The consumer writes its claims itself, so none is mapped by default.
    ...resolveTokenPolicy('consumerJwt', options),
    consumers,
    keyClaim,
  };
}

/** Facts that follow from a verified token and the consumer's record, as they are cached. */
interface VerifiedToken extends TokenContent {
  readonly key: VerificationKey;
  readonly identified: Identified;
  readonly credential: ConsumerCredential;
  readonly authenticated: Authenticated;
  readonly record: Consumer;
}

/** Checks claims and signature. Of a cached token that this key matched before, only the times are checked again. */
function assertGenuine(
  presented: PresentedToken,
  key: VerificationKey,
  known: VerifiedToken | undefined,
  { rules }: ConsumerJwtConfig,
): void {
  if (known !== undefined && isSameKey(known.key, key)) {
    assertTimely(known.claims, rules);
    return;
  }
  const token = presented.read();
  assertClaims(token.claims, rules);
  assertSignature(token, key);
  assertConsumerKind(token.header, token.claims);
}

/** Reuses the principal where the store handed out the same frozen record as last time. */
function rememberedPrincipal(
  known: VerifiedToken | undefined,
  { record, credential }: FoundCredential,
): Authenticated | undefined {
  const isSame = known !== undefined && known.record === record && known.credential === credential;
  return isSame && isDeepFrozen(record) && Object.isFrozen(credential) ? known.authenticated : undefined;
}

/**
 * Verifies a token of the method. What follows from the token alone is cached; what can change is checked every time.
 */
async function verifyPresented(
  config: ConsumerJwtConfig,
  cache: VerifiedTokenCache<VerifiedToken> | undefined,
  presented: PresentedToken,
  req: AuthRequest,
): Promise<Authenticated> {
  const known = cache?.get(presented);
  const { header, claims } = known ?? presented.read();
  const found = await findConsumerCredential(config.consumers, keyNamedBy({ header, claims }, config.keyClaim));
  if (found === undefined) throw unknownCredential(config.keyClaim, nearMiss(claims.iss, presented.otherIssuers ?? []));
  assertLive('the credential', found.credential);
  const key = usableCredentialKey(found.credential);
  if (header.alg !== key.algorithm) throw wrongAlgorithm(header.alg, [key.algorithm]);
  assertGenuine(presented, key, known, config);
  const identified = known?.identified ?? config.identify(presented.read());
  const checked = assertTokenChecks(config.checks, { token: presented.token, header, claims, req });
  // Skip the `await` (one microtask) when there are no checks.
  if (checked !== undefined) await checked;
  const remembered = rememberedPrincipal(known, found);
  if (remembered !== undefined) return remembered;
  const authenticated = consumerPrincipal(config.settings.name, identified, claims, found, config.subjects);
  const { credential, record } = found;
  const heldBytes = known?.heldBytes ?? presented.read().heldBytes + mappedBytes(identified.mapped);
  cache?.set(presented, { header, claims, heldBytes, key, identified, credential, record, authenticated });
  return authenticated;
}

function consumerAuthenticator(config: ConsumerJwtConfig): Authenticator {
  const { settings, consumers, keyClaim } = config;
  const cache = config.cache && new VerifiedTokenCache<VerifiedToken>(config.cache);
  return {
    name: settings.name,
    sources: config.sources,
    stripCredential: config.stripCredential,
    listeners: settings.listeners,
    scope: { asked: 'last' },
    async claims(presented) {
      const found = await findConsumerCredential(consumers, keyNamedBy(presented.content, keyClaim));
      return found === undefined ? 'no' : 'maybe';
    },
    known: cache,
    verify: (presented, req) => verifyPresented(config, cache, presented, req),
    ready: async () => undefined,
    health: () => [],
    close: async () => cache?.clear(),
  };
}

/**
 * Creates an auth method for tokens that an API client signs with its own credential, as Kong's `jwt` plugin does.
 *
 * The token names a credential by its key; the credential fixes algorithm and key; its consumer becomes `req.principal`
 * with the groups and roles of the consumer's record.
 *
 * ```ts
 * app.use(consumerJwt({ consumers: memoryConsumers([{ username: 'jsmith', credentials: [{ key, secret }] }]) }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function consumerJwt(options: ConsumerJwtOptions): AuthMethod {
  const config = resolveConsumerJwt(options);
  return asSingleMethod(config.settings, consumerAuthenticator(config));
}
