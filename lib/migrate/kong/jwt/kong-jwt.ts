import type { JWTPayload } from 'jose';
import type { Consumer, ConsumerCredential } from '../../../consumers/consumer.js';
import type { ConsumerStore } from '../../../consumers/consumer-store.js';
import { DEFAULT_ALGORITHM, isLive } from '../../../consumers/credential-key.js';
import { findConsumerCredential } from '../../../consumers/find-consumer-credential.js';
import {
  type Announce,
  type Authenticator,
  type AuthMethod,
  withAuthenticator,
} from '../../../pipeline/auth-method.js';
import { asMiddleware } from '../../../pipeline/middleware.js';
import { acceptToken } from '../../../pipeline/single-method.js';
import type { Authenticated } from '../../../principal/authenticated.js';
import { createPrincipal } from '../../../principal/principal.js';
import { PresentedToken } from '../../../tokens/presented-token.js';
import type { MigrationOptions } from '../../migration.js';
import { assertAcl, type KongAcl } from '../acl-plugin.js';
import { CONSUMER_HEADERS, setConsumerHeaders } from '../consumers/consumer-headers.js';
import { assertKongSignature, kongCredentialKey } from '../consumers/kong-credential-key.js';
import { KongRefusal, kongRespond } from '../kong-refusal.js';
import { consumerFields, passesIn, resolveKongSettings } from '../kong-settings.js';
import { presentedValues, tokenPlaces } from '../token-places.js';
import type { JwtPluginConfig } from './jwt-plugin-config.js';
import { assertKongClaims } from './kong-claims.js';
import { keyNamedBy, readKongToken } from './kong-token.js';

/** Settings and stores of the method that stands for one `jwt` plugin. */
export interface KongJwt extends MigrationOptions {
  readonly name: string;
  readonly config: JwtPluginConfig;
  readonly consumers: ConsumerStore;
  /** Whether the store keeps secrets as texts that this plugin reads as base64. */
  readonly decodesSecrets: boolean;
  /** The consumer that requests without a good credential become; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
  /** The `acl` plugin that Kong runs afterwards. */
  readonly acl: KongAcl | undefined;
}

type Found = { readonly credential: ConsumerCredential; readonly consumer: Consumer };

/** The last moment that a `Date` can hold (ECMA-262 section 21.4.1.1), in seconds. */
const MAX_DATE = 8.64e12;

/** Returns when the credential ends. The token's own `exp` counts only where the plugin looks at it. */
function expiryOf({ exp }: JWTPayload, { expiresAt }: ConsumerCredential, { config }: KongJwt): Date | undefined {
  const tokenEnd = exp !== undefined && config.claimsToVerify.includes('exp') ? [Math.min(exp, MAX_DATE) * 1000] : [];
  const ends = expiresAt === undefined ? tokenEnd : [...tokenEnd, expiresAt.getTime()];
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}

function authenticatedBy(plugin: KongJwt, claims: JWTPayload, { credential, consumer }: Found): Authenticated {
  const expiresAt = expiryOf(claims, credential, plugin);
  const id = credential.id === undefined ? {} : { id: credential.id };
  const principal = createPrincipal({
    ...consumerFields(consumer),
    type: 'consumer',
    method: plugin.name,
    claims,
    credential: { kind: 'jwt', ...id, ...(expiresAt === undefined ? {} : { expiresAt }) },
    consumer,
  });
  // Kong shows the key, not the id.
  return { principal, identity: undefined, credentialKey: credential.key };
}

/**
 * Checks a token in Kong's order; the first check that fails is the answer.
 * @throws {KongRefusal} when Kong refuses the token.
 * @throws {ForbiddenError} when the ACL refuses the consumer.
 */
async function verifyAsKong(plugin: KongJwt, presented: PresentedToken): Promise<Authenticated> {
  const { config, consumers, decodesSecrets } = plugin;
  const jws = readKongToken(presented);
  const found = await findConsumerCredential(consumers, keyNamedBy(jws, config.keyClaimName));
  if (found === undefined || !isLive(found.credential)) {
    throw new KongRefusal('credential_unknown', `No credentials found for given '${config.keyClaimName}'`);
  }
  if (jws.header.alg !== (found.credential.algorithm ?? DEFAULT_ALGORITHM)) {
    throw new KongRefusal('algorithm_not_allowed', 'Invalid algorithm');
  }
  assertKongSignature(jws, kongCredentialKey(found.credential, decodesSecrets));
  assertKongClaims(jws.claims, config);
  assertAcl(plugin.acl, found.consumer);
  return authenticatedBy(plugin, jws.claims, found);
}

function announcing({ acl }: KongJwt): Announce {
  const showsGroups = acl !== undefined && !acl.hidesHeader;
  return (req, { principal, credentialKey }) => setConsumerHeaders(req, principal, { credentialKey, showsGroups });
}

function kongAuthenticator(plugin: KongJwt, sources: Authenticator['sources']): Authenticator {
  const { name, config, consumers, onEvent } = plugin;
  return {
    name,
    sources,
    stripCredential: false,
    ownHeaders: CONSUMER_HEADERS,
    announce: announcing(plugin),
    listeners: onEvent === undefined ? [] : [onEvent],
    scope: { asked: 'last' },
    async claims(presented) {
      const key = keyNamedBy(readKongToken(presented), config.keyClaimName);
      return (await findConsumerCredential(consumers, key)) === undefined ? 'no' : 'maybe';
    },
    verify: (presented) => verifyAsKong(plugin, presented),
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/** Makes a method that behaves as Kong's `jwt` plugin does, with Kong's answers and consumer headers. */
export function kongJwt(plugin: KongJwt): AuthMethod {
  const places = tokenPlaces(plugin.config);
  const authenticator = kongAuthenticator(
    plugin,
    places.map(({ source }) => source),
  );
  const { name, anonymous, onEvent, config } = plugin;
  const respond = kongRespond(config.realm);
  const told = onEvent === undefined ? {} : { onEvent };
  const settings = resolveKongSettings({
    name,
    realm: config.realm,
    respond,
    announce: announcing(plugin),
    anonymous,
    coversUpTo: 401,
    ...told,
  });
  const method = asMiddleware(settings, {
    // Kong adds nothing to an answer, also where the token stood in the URL.
    sources: [],
    ownHeaders: CONSUMER_HEADERS,
    passes: passesIn(config, anonymous),
    async accept(req, taken) {
      const [value, ...others] = presentedValues(places, req, taken);
      if (value === undefined) return undefined;
      if (others.length > 0) throw new KongRefusal('token_malformed', 'Multiple tokens provided');
      if (value === true) throw new KongRefusal('token_malformed', 'Unrecognizable token');
      return acceptToken(authenticator, new PresentedToken({ token: value, sources: [] }), req);
    },
    invalidate: () => undefined,
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  return withAuthenticator(method, authenticator);
}
