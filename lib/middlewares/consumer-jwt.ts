import type { JWTPayload } from 'jose';
import type { Consumer, ConsumerCredential } from '../consumers/consumer.js';
import type { ConsumerStore } from '../consumers/consumer-store.js';
import { isLive } from '../consumers/credential-key.js';
import { findConsumerCredential, usableCredentialKey } from '../consumers/find-consumer-credential.js';
import { keyNamedBy } from '../consumers/key-claim.js';
import { InvalidTokenError } from '../errors/auth-error.js';
import { assertImplements, assertNonEmptyString } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { createPrincipal, type Principal } from '../principal/principal.js';
import { tieIdentity } from '../users/user-identity.js';
import { assertClaims } from '../verification/claim-rules.js';
import { assertTokenChecks } from '../verification/token-checks.js';
import { assertSignature } from '../verification/verify-signature.js';
import type { AuthMethod } from './auth-method.js';
import type { Authenticator } from './authenticator.js';
import { type Door, resolveDoor } from './door-options.js';
import { asSingleMethod } from './single-method.js';
import {
  type Identified,
  resolveTokenPolicy,
  TOKEN_OPTION_NAMES,
  type TokenOptions,
  type TokenPolicy,
} from './token-options.js';

/** Options of {@link consumerJwt}. */
export interface ConsumerJwtOptions extends TokenOptions {
  /** Who may sign: `memoryConsumers()`, or a store of your own. */
  consumers: ConsumerStore;
  /** The claim that names the credential; looked for in the payload, then in the JOSE header. Default `iss`. */
  keyClaim?: string;
}

interface ConsumerJwtConfig extends TokenPolicy {
  readonly door: Door;
  readonly consumers: ConsumerStore;
  readonly keyClaim: string;
}

function resolveConsumerJwt(options: ConsumerJwtOptions): ConsumerJwtConfig {
  checkOptionNames('consumerJwt', options, [...TOKEN_OPTION_NAMES, 'consumers', 'keyClaim']);
  const { consumers, keyClaim = 'iss' } = options;
  assertImplements('consumerJwt.consumers', consumers, ['findCredential']);
  assertNonEmptyString('consumerJwt.keyClaim', keyClaim);
  return {
    door: resolveDoor('consumerJwt', options),
    // Every claim is what the consumer wrote, so none counts unless the application maps it: no defaults.
    ...resolveTokenPolicy('consumerJwt', options),
    consumers,
    keyClaim,
  };
}

/** The earlier of the token's and the credential's end. */
function expiryOf({ exp }: JWTPayload, { expiresAt }: ConsumerCredential): Date | undefined {
  const ends = [exp === undefined ? undefined : exp * 1000, expiresAt?.getTime()].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}

function consumerPrincipal(
  method: string,
  { mapped, roles }: Identified,
  claims: JWTPayload,
  found: { credential: ConsumerCredential; consumer: Consumer },
): Principal {
  const { consumer, credential } = found;
  const expiresAt = expiryOf(claims, credential);
  return createPrincipal({
    type: 'consumer',
    id: consumer.id,
    method,
    ...(consumer.username === undefined ? {} : { username: consumer.username }),
    ...mapped,
    groups: [...new Set([...consumer.groups, ...(mapped.groups ?? [])])],
    roles: [...new Set([...consumer.roles, ...roles])],
    claims,
    credential: {
      kind: 'jwt',
      ...(credential.id === undefined ? {} : { id: credential.id }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
    consumer,
  });
}

function consumerAuthenticator(config: ConsumerJwtConfig): Authenticator {
  const { door, consumers, keyClaim, rules, checks, identify } = config;
  return {
    name: door.name,
    sources: config.sources,
    stripCredential: config.stripCredential,
    listeners: door.listeners,
    names: () => false,
    async knows(presented) {
      return (await findConsumerCredential(consumers, keyNamedBy(presented.read(), keyClaim))) !== undefined;
    },
    async verify(presented, req) {
      const jws = presented.read();
      const found = await findConsumerCredential(consumers, keyNamedBy(jws, keyClaim));
      if (found === undefined) throw new InvalidTokenError('credential_unknown');
      if (!isLive(found.credential)) throw new InvalidTokenError('credential_disabled');
      const key = usableCredentialKey(found.credential);
      if (jws.header.alg !== key.algorithm) throw new InvalidTokenError('algorithm_not_allowed');
      assertClaims(jws.claims, rules);
      assertSignature(jws, key);
      const identified = identify(jws.claims);
      await assertTokenChecks(checks, { token: presented.token, header: jws.header, claims: jws.claims, req });
      const principal = consumerPrincipal(door.name, identified, jws.claims, found);
      // A consumer vouches for people in a name space of its own, and for no e-mail.
      const { emailVerified: _claimed, ...mapped } = identified.mapped;
      tieIdentity(principal, { issuer: `consumer:${found.consumer.id}`, ...mapped, emailVerified: false });
      return principal;
    },
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/**
 * Tokens that an API client signed with its own credential, as Kong's `jwt` plugin takes them.
 *
 * The token names a credential by its key; the credential fixes algorithm and key; its consumer becomes
 * `req.principal` with the groups and roles of the consumer's record.
 *
 * ```ts
 * app.use(consumerJwt({ consumers: memoryConsumers([{ username: 'jsmith', credentials: [{ key, secret }] }]) }));
 * ```
 *
 * @throws ConfigurationError at creation, for a missing, unknown or contradictory option.
 */
export function consumerJwt(options: ConsumerJwtOptions): AuthMethod {
  const config = resolveConsumerJwt(options);
  return asSingleMethod(config.door, consumerAuthenticator(config));
}
