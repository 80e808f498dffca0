import { STATUS_CODES } from 'node:http';
import type { Consumer } from '../../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../../consumers/consumer-store.js';
import { type AuthError, InvalidTokenError } from '../../../errors/auth-error.js';
import { formatChallenge } from '../../../errors/challenge.js';
import type { Respond } from '../../../errors/responder.js';
import {
  type Announce,
  type Authenticator,
  type AuthMethod,
  withAuthenticator,
} from '../../../pipeline/auth-method.js';
import type { MethodSettings } from '../../../pipeline/method-settings.js';
import { asMiddleware } from '../../../pipeline/middleware.js';
import { acceptToken, asSingleMethod } from '../../../pipeline/single-method.js';
import { findToken } from '../../../tokens/find-token.js';
import { PresentedToken } from '../../../tokens/presented-token.js';
import type { MigrationOptions } from '../../migration.js';
import type { KongAcl } from '../acl-plugin.js';
import { ACL_MESSAGE, answerAsKong } from '../kong-refusal.js';
import { passesIn, resolveKongSettings } from '../kong-settings.js';
import { pairAuthenticators, tokenAuthenticator } from './oidc-authenticators.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';
import { announceAsKong, assertSessionCookie, authorize, headersOf } from './oidc-principal.js';

/** Makes a `respond` with Kong's messages and challenges. An outage on this side is 503 where Kong says 401. */
function oidcRespond({ unauthorizedMessage, forbiddenMessage, exposesErrorCode }: OidcPluginConfig): Respond {
  function messageOf({ status, code }: AuthError): string | undefined {
    if (code === 'insufficient_group') return ACL_MESSAGE;
    return status === 401 ? unauthorizedMessage : status === 403 ? forbiddenMessage : STATUS_CODES[status];
  }
  return (error, _req, res) => {
    const params = { error: exposesErrorCode && InvalidTokenError.is(error) ? 'invalid_token' : undefined };
    const challenge =
      error.status === 401 ? { 'WWW-Authenticate': formatChallenge({ scheme: 'Bearer', params }) } : error.headers;
    answerAsKong(res, error.status, challenge, { message: messageOf(error) });
  };
}

/** Settings and stores of the method that stands for one `openid-connect` plugin. */
export interface KongOidc extends MigrationOptions {
  readonly name: string;
  readonly config: OidcPluginConfig;
  readonly consumers: ManagedConsumerStore;
  /** The consumer that requests without a good credential become; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
  /** The `acl` plugin that Kong runs afterwards. */
  readonly acl: KongAcl | undefined;
}

/** Adds the token to what {@link tokenAuthenticator} verifies, for the header that carries it to the application. */
function passingOn(tokens: Authenticator): Authenticator {
  return {
    ...tokens,
    verify: async (presented, req) => ({ ...(await tokens.verify(presented, req)), token: presented.token }),
  };
}

/** Composes authenticators into one: a credential is verified by the one that reads the place where it stands. */
function together(tokens: Authenticator, pairs: readonly Authenticator[], readsTokens: boolean): Authenticator {
  const all = readsTokens ? [tokens, ...pairs] : pairs;
  const ownerOf = ({ sources: found }: PresentedToken) =>
    all.find(({ sources }) => sources.some((source) => found.includes(source))) ?? tokens;
  return {
    ...tokens,
    sources: all.flatMap(({ sources }) => sources),
    claims: (presented) => (ownerOf(presented) === tokens ? tokens.claims(presented) : 'mine'),
    verify: (presented, req) => ownerOf(presented).verify(presented, req),
    ready: async () => void (await Promise.all([tokens, ...pairs].map((method) => method.ready()))),
    close: async () => void (await Promise.all([tokens, ...pairs].map((method) => method.close()))),
  };
}

function announcing({ config, acl }: KongOidc): Announce {
  return (req, authenticated) => announceAsKong(req, authenticated, { config, acl });
}

function oidcAuthenticator(plugin: KongOidc, settings: MethodSettings): Authenticator {
  const { config } = plugin;
  const { bearer, introspection } = config.methods;
  const tokens = tokenAuthenticator(config, settings);
  const pairs = pairAuthenticators(config, asSingleMethod(settings, tokens));
  const inner = together(passingOn(tokens), pairs, bearer || introspection !== undefined);
  return {
    ...inner,
    ownHeaders: headersOf(config),
    announce: announcing(plugin),
    async verify(presented, req) {
      const authenticated = await inner.verify(presented, req);
      await assertSessionCookie(req, authenticated.principal, config.sessionCookie);
      return authorize(authenticated, plugin);
    },
  };
}

/** Makes a method that behaves as Kong's `openid-connect` plugin does, without its sessions of browsers. */
export function kongOidc(plugin: KongOidc): AuthMethod {
  const { name, config, anonymous, onEvent } = plugin;
  // Kong's authorization is part of authentication: a token that may not pass becomes the anonymous consumer.
  const modes = { anonymous, coversUpTo: 403, ...(onEvent === undefined ? {} : { onEvent }) } as const;
  const settings = resolveKongSettings({ name, respond: oidcRespond(config), announce: announcing(plugin), ...modes });
  const authenticator = oidcAuthenticator(plugin, settings);
  const method = asMiddleware(settings, {
    sources: authenticator.sources,
    ownHeaders: authenticator.ownHeaders ?? [],
    passes: passesIn(config, anonymous),
    async accept(req, taken) {
      const found = await findToken(authenticator.sources, req, taken);
      return found && acceptToken(authenticator, new PresentedToken(found), req);
    },
    invalidate: () => undefined,
    ready: authenticator.ready,
    health: authenticator.health,
    close: authenticator.close,
  });
  return withAuthenticator(method, authenticator);
}
