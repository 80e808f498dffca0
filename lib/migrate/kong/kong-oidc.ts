import type { Consumer } from '../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { discoveryKeys } from '../../keys/discovery-keys.js';
import { asMiddleware } from '../../middlewares/as-middleware.js';
import type { AuthMethod } from '../../middlewares/auth-method.js';
import {
  type Announce,
  type Authenticator,
  PresentedToken,
  registerAuthenticator,
} from '../../middlewares/authenticator.js';
import type { Door } from '../../middlewares/door-options.js';
import { issuerAuthenticator } from '../../middlewares/issuer-authenticator.js';
import { resolveIssuer } from '../../middlewares/issuer-record.js';
import { singleIssuer } from '../../middlewares/issuer-resolver.js';
import { verdictOf } from '../../middlewares/single-method.js';
import { resolveTokenPolicy } from '../../middlewares/token-options.js';
import { DEFAULT_CLAIMS } from '../../principal/token-identity.js';
import { findToken } from '../../tokens/find-token.js';
import type { AuthRequest } from '../../tokens/request.js';
import type { TokenSource } from '../../tokens/token-source.js';
import { assertTokenKind } from '../../verification/token-kind.js';
import type { MigrationOptions } from '../migration.js';
import { passesIn, resolveKongDoor } from './kong-door.js';
import { bearerSources } from './oidc-places.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';
import { announceAsKong, authorize, headersOf } from './oidc-principal.js';
import { oidcRespond } from './oidc-respond.js';

/** One `openid-connect` plugin of a Kong configuration, ready to become a method. */
export interface KongOidc extends MigrationOptions {
  readonly name: string;
  readonly config: OidcPluginConfig;
  readonly consumers: ManagedConsumerStore;
  /** Who everybody else is; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
}

/** A header into which the verified token is written is not emptied afterwards. */
function keptWhereWritten(source: TokenSource, { accessTokenHeader }: OidcPluginConfig): TokenSource {
  return source.place === `header ${accessTokenHeader?.header}` ? { ...source, remove: () => undefined } : source;
}

function bearerAuthenticator({ config }: KongOidc, door: Door): Authenticator {
  const { issuer, jwksEndpoint, issuersAllowed, leeway, hideCredentials } = config;
  const places =
    jwksEndpoint === undefined
      ? { keys: discoveryKeys({ issuer, aliases: issuersAllowed ?? [] }) }
      : { jwksUri: jwksEndpoint };
  const record = resolveIssuer('fromKong', { issuer, audience: null, ...places }, door.listeners);
  const policy = resolveTokenPolicy(
    'fromKong',
    {
      tokenFrom: bearerSources(config).map((source) => keptWhereWritten(source, config)),
      clockTolerance: leeway,
      stripCredential: hideCredentials,
    },
    DEFAULT_CLAIMS,
  );
  return issuerAuthenticator({
    door,
    ...policy,
    book: singleIssuer({ ...record, issuers: new Set(issuersAllowed ?? [issuer]) }),
    assertKind: ({ header, claims }, { profile }) => assertTokenKind(header, claims, profile),
  });
}

/** The verified tokens of requests that are under way, for the headers that carry them on. */
const verifiedTokens = new WeakMap<AuthRequest, string>();

function announcing(config: OidcPluginConfig): Announce {
  return (req, principal) => announceAsKong(req, principal, { config, token: verifiedTokens.get(req) });
}

function oidcAuthenticator(plugin: KongOidc, door: Door): Authenticator {
  const { config, consumers } = plugin;
  const inner = bearerAuthenticator(plugin, door);
  return {
    ...inner,
    ownHeaders: headersOf(config),
    announce: announcing(config),
    async verify(presented, req) {
      const principal = await inner.verify(presented, req);
      verifiedTokens.set(req, presented.token);
      return authorize(principal, config, consumers);
    },
  };
}

/** A method that behaves as the bearer part of Kong's `openid-connect` plugin does. */
export function kongOidc(plugin: KongOidc): AuthMethod {
  const { name, config, anonymous, onEvent } = plugin;
  // Kong's authorization is part of authentication: who may not come in by name comes in as nobody.
  const modes = { anonymous, coversUpTo: 403, ...(onEvent === undefined ? {} : { onEvent }) } as const;
  const door = resolveKongDoor({ name, respond: oidcRespond(config), announce: announcing(config), ...modes });
  const authenticator = oidcAuthenticator(plugin, door);
  const method = asMiddleware(door, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    passes: passesIn(config, anonymous),
    async decide(req) {
      const found = await findToken(authenticator.sources, req);
      return found && verdictOf(authenticator, new PresentedToken(found), req);
    },
    invalidate: () => undefined,
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  registerAuthenticator(method, authenticator);
  return method;
}
