import { STATUS_CODES } from 'node:http';
import type { Consumer } from '../../consumers/consumer.js';
import type { ManagedConsumerStore } from '../../consumers/consumer-store.js';
import { type AuthError, InvalidTokenError } from '../../errors/auth-error.js';
import { formatChallenge } from '../../errors/challenge.js';
import type { Respond } from '../../errors/responder.js';
import type { AuthMethod } from '../../pipeline/auth-method.js';
import { type Announce, type Authenticator, registerAuthenticator } from '../../pipeline/authenticator.js';
import type { MethodSettings } from '../../pipeline/method-settings.js';
import { asMiddleware } from '../../pipeline/middleware.js';
import { acceptToken, asSingleMethod } from '../../pipeline/single-method.js';
import { findToken } from '../../tokens/find-token.js';
import { PresentedToken } from '../../tokens/presented-token.js';
import type { MigrationOptions } from '../migration.js';
import { answerAsKong } from './kong-refusal.js';
import { passesIn, resolveKongSettings } from './kong-settings.js';
import { pairAuthenticators, tokenAuthenticator } from './oidc-authenticators.js';
import type { OidcPluginConfig } from './oidc-plugin-config.js';
import { announceAsKong, authorize, headersOf } from './oidc-principal.js';

/** Kong's words and challenges; an outage on our side is a 503 where Kong says 401. */
function oidcRespond({ unauthorizedMessage, forbiddenMessage }: OidcPluginConfig): Respond {
  const messageOf = ({ status }: AuthError) =>
    status === 401 ? unauthorizedMessage : status === 403 ? forbiddenMessage : STATUS_CODES[status];
  return (error, _req, res) => {
    const params = { error: InvalidTokenError.is(error) ? 'invalid_token' : undefined };
    const challenge =
      error.status === 401 ? { 'WWW-Authenticate': formatChallenge({ scheme: 'Bearer', params }) } : error.headers;
    answerAsKong(res, error.status, challenge, { message: messageOf(error) });
  };
}

/** One `openid-connect` plugin of a Kong configuration, ready to become a method. */
export interface KongOidc extends MigrationOptions {
  readonly name: string;
  readonly config: OidcPluginConfig;
  readonly consumers: ManagedConsumerStore;
  /** Who everybody else is; present in OR mode only. */
  readonly anonymous: Consumer | undefined;
}

/** Passes on what was verified, as {@link tokenAuthenticator} does it, for the header that carries it further. */
function passingOn(tokens: Authenticator): Authenticator {
  return {
    ...tokens,
    verify: async (presented, req) => ({ ...(await tokens.verify(presented, req)), token: presented.token }),
  };
}

/** Several credentials, one method: each is verified by whoever reads the place where it stands. */
function together(tokens: Authenticator, pairs: readonly Authenticator[], readsTokens: boolean): Authenticator {
  const all = readsTokens ? [tokens, ...pairs] : pairs;
  const ownerOf = ({ sources: found }: PresentedToken) =>
    all.find(({ sources }) => sources.some((source) => found.includes(source))) ?? tokens;
  return {
    ...tokens,
    sources: all.flatMap(({ sources }) => sources),
    names: (presented) => ownerOf(presented) !== tokens || tokens.names(presented),
    verify: (presented, req) => ownerOf(presented).verify(presented, req),
    ready: async () => void (await Promise.all([tokens, ...pairs].map((method) => method.ready()))),
    close: async () => void (await Promise.all([tokens, ...pairs].map((method) => method.close()))),
  };
}

function announcing(config: OidcPluginConfig): Announce {
  return (req, authenticated) => announceAsKong(req, authenticated, config);
}

function oidcAuthenticator({ config, consumers }: KongOidc, settings: MethodSettings): Authenticator {
  const { bearer, introspection } = config.methods;
  const tokens = tokenAuthenticator(config, settings);
  const pairs = pairAuthenticators(config, asSingleMethod(settings, tokens));
  const inner = together(passingOn(tokens), pairs, bearer || introspection !== undefined);
  return {
    ...inner,
    ownHeaders: headersOf(config),
    announce: announcing(config),
    verify: async (presented, req) => authorize(await inner.verify(presented, req), config, consumers),
  };
}

/** A method that behaves as Kong's `openid-connect` plugin does, as far as no session of a browser is meant. */
export function kongOidc(plugin: KongOidc): AuthMethod {
  const { name, config, anonymous, onEvent } = plugin;
  // Kong's authorization is part of authentication: who may not come in by name comes in as nobody.
  const modes = { anonymous, coversUpTo: 403, ...(onEvent === undefined ? {} : { onEvent }) } as const;
  const settings = resolveKongSettings({ name, respond: oidcRespond(config), announce: announcing(config), ...modes });
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
  registerAuthenticator(method, authenticator);
  return method;
}
