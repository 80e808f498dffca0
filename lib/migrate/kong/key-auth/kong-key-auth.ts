import type { Consumer } from '../../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../../consumers/consumer-store.js';
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
import { fromBody } from '../../../tokens/from-body.js';
import { fromHeader } from '../../../tokens/from-header.js';
import { fromQuery } from '../../../tokens/from-query.js';
import type { TakenHeaders } from '../../../tokens/headers.js';
import { PresentedToken } from '../../../tokens/presented-token.js';
import type { AuthRequest } from '../../../tokens/request.js';
import type { TokenSource } from '../../../tokens/token-source.js';
import type { MigrationOptions } from '../../migration.js';
import { assertAcl, type KongAcl } from '../acl-plugin.js';
import { CONSUMER_HEADERS, setConsumerHeaders } from '../consumers/consumer-headers.js';
import { hashOfKey, type KeyAuthKeys } from '../consumers/key-auth-credential.js';
import { KongRefusal, keyAuthRespond } from '../kong-refusal.js';
import { consumerFields, passesIn, resolveKongSettings } from '../kong-settings.js';
import type { KeyAuthConfig } from './key-auth-config.js';

/** Settings and stores of the method that stands for one `key-auth` plugin. */
export interface KongKeyAuth extends MigrationOptions {
  readonly name: string;
  readonly config: KeyAuthConfig;
  readonly keys: KeyAuthKeys;
  readonly consumers: ManagedConsumerStore;
  /** The consumer that requests without a good key become; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
  /** The `acl` plugin that Kong runs afterwards. */
  readonly acl: KongAcl | undefined;
}

/** Lists the places of keys in Kong's order: for each name the header, the query and the body. */
function keySources({ keyNames, inHeader, inQuery, inBody }: KeyAuthConfig): readonly TokenSource[] {
  return keyNames.flatMap((name) => [
    ...(inHeader ? [fromHeader(name)] : []),
    ...(inQuery ? [fromQuery(name)] : []),
    ...(inBody ? [fromBody(name)] : []),
  ]);
}

/**
 * Finds the first key that is presented.
 * @throws {KongRefusal} where one place holds several.
 */
async function findKey(
  sources: readonly TokenSource[],
  req: AuthRequest,
  taken: TakenHeaders | undefined,
): Promise<PresentedToken | undefined> {
  for (const source of sources) {
    const [token, ...others] = await source.read(req, taken);
    if (others.length > 0) throw new KongRefusal('token_malformed', 'Duplicate API key found');
    if (token !== undefined) return new PresentedToken({ token, sources: [source] });
  }
  return undefined;
}

/**
 * Finds the owner of a key.
 * @throws {KongRefusal} `Unauthorized`, ForbiddenError
 */
async function verifyKey(plugin: KongKeyAuth, { token }: PresentedToken): Promise<Authenticated> {
  const { name, keys, consumers, acl } = plugin;
  const key = keys.get(hashOfKey(token));
  const isLive = key !== undefined && (key.expiresAt === undefined || key.expiresAt.getTime() > Date.now());
  const consumer = isLive ? await consumers.getConsumer(key.owner) : undefined;
  if (key === undefined || consumer === undefined) throw new KongRefusal('credential_unknown', 'Unauthorized');
  assertAcl(acl, consumer);
  const { id, expiresAt } = key;
  const credential = {
    kind: 'api-key',
    id,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  const principal = createPrincipal({
    ...consumerFields(consumer),
    type: 'consumer',
    method: name,
    credential,
    consumer,
  });
  return { principal, identity: undefined, credentialKey: id };
}

function announcing({ acl }: KongKeyAuth): Announce {
  const showsGroups = acl !== undefined && !acl.hidesHeader;
  return (req, { principal, credentialKey }) => setConsumerHeaders(req, principal, { credentialKey, showsGroups });
}

function keyAuthAuthenticator(plugin: KongKeyAuth, sources: readonly TokenSource[]): Authenticator {
  const { name, config, onEvent } = plugin;
  return {
    name,
    sources,
    stripCredential: config.hideCredentials,
    ownHeaders: CONSUMER_HEADERS,
    announce: announcing(plugin),
    listeners: onEvent === undefined ? [] : [onEvent],
    scope: { asked: 'first', everything: 'mine' },
    claims: () => 'mine',
    verify: (presented) => verifyKey(plugin, presented),
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/** Makes a method that behaves as Kong's `key-auth` plugin does, with Kong's answers and consumer headers. */
export function kongKeyAuth(plugin: KongKeyAuth): AuthMethod {
  const { name, config, anonymous, onEvent } = plugin;
  const sources = keySources(config);
  const authenticator = keyAuthAuthenticator(plugin, sources);
  const settings = resolveKongSettings({
    ...(onEvent === undefined ? {} : { onEvent }),
    name,
    realm: config.realm,
    respond: keyAuthRespond(config.realm),
    announce: announcing(plugin),
    anonymous,
    coversUpTo: 401,
  });
  const method = asMiddleware(settings, {
    // A header that is read leaves the request, unless Kong leaves it there.
    sources: config.hideCredentials ? sources : [],
    ownHeaders: CONSUMER_HEADERS,
    passes: passesIn(config, anonymous),
    async accept(req, taken) {
      const presented = await findKey(sources, req, taken);
      return presented && acceptToken(authenticator, presented, req);
    },
    invalidate: () => undefined,
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  return withAuthenticator(method, authenticator);
}
