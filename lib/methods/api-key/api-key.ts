import { readApiKey } from '../../consumers/api-key-format.js';
import type { ApiKeyStore } from '../../consumers/api-key-store.js';
import { findLiveApiKey } from '../../consumers/find-api-key.js';
import { storeFault } from '../../errors/application-code.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertBoolean, assertImplements, assertNonEmptyString, assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf, namesWithout } from '../../options/option-names.js';
import type { Authenticator, AuthMethod } from '../../pipeline/auth-method.js';
import {
  METHOD_OPTION_NAMES,
  type MethodOptions,
  type MethodSettings,
  resolveMethodSettings,
} from '../../pipeline/method-settings.js';
import { asSingleMethod } from '../../pipeline/single-method.js';
import { apiKeyRights } from '../../principal/api-key-rights.js';
import { createPrincipal } from '../../principal/principal.js';
import { compileScopes, type ScopeOptions, type WithImplied } from '../../principal/scope-hierarchy.js';
import { resolveTokenSources } from '../../tokens/find-token.js';
import { fromHeader } from '../../tokens/from-header.js';
import type { TokenFrom, TokenSource } from '../../tokens/token-source.js';

/** Options of {@link apiKey}. An API key belongs to a program, so there are no `users`. */
export interface ApiKeyOptions extends Omit<MethodOptions, 'users'> {
  /** Store of API keys: `memoryApiKeys()`, `postgresApiKeys()`, or one of the application. */
  keys: ApiKeyStore;
  /**
   * Name of the header that carries the key.
   * @default 'x-api-key'
   */
  header?: string | undefined;
  /**
   * Token source of the key, in place of `header`. `fromBearer()` may be shared with methods that read JWTs.
   * @default fromHeader(header)
   */
  tokenFrom?: TokenFrom | undefined;
  /**
   * Scope hierarchy: which scopes contain others, as `{ implies: { admin: ['write', 'read'] } }`.
   * @default undefined, no scope contains another
   */
  scopes?: ScopeOptions | undefined;
  /**
   * Whether the key is removed from the request before the next handler. A header of its own always is.
   * @default false
   */
  stripCredential?: boolean | undefined;
}

const OPTION_NAMES = namesOf<ApiKeyOptions>()(
  { keys: true, header: true, tokenFrom: true, scopes: true, stripCredential: true },
  namesWithout(METHOD_OPTION_NAMES, 'users'),
);

/** Resolved {@link ApiKeyOptions}. */
interface ApiKeyConfig {
  readonly settings: MethodSettings;
  readonly keys: ApiKeyStore;
  readonly sources: readonly TokenSource[];
  readonly stripCredential: boolean;
  readonly withImplied: WithImplied;
}

function resolveApiKey(options: ApiKeyOptions): ApiKeyConfig {
  checkOptionNames('apiKey', options, OPTION_NAMES);
  assertNotUndefined('apiKey', options, ['header']);
  const { keys, header = 'x-api-key', tokenFrom, stripCredential = false } = options;
  assertImplements('apiKey.keys', keys, ['findApiKey'], 'memoryApiKeys([…])');
  if (options.header !== undefined && tokenFrom !== undefined) {
    throw new ConfigurationError('apiKey.header', 'contradicts tokenFrom; leave one of the two out');
  }
  assertNonEmptyString('apiKey.header', header);
  assertBoolean('apiKey.stripCredential', stripCredential);
  return {
    settings: resolveMethodSettings('apiKey', options),
    keys,
    sources: resolveTokenSources('apiKey.tokenFrom', tokenFrom ?? fromHeader(header)),
    stripCredential,
    withImplied: compileScopes('apiKey.scopes', options.scopes),
  };
}

/** Whether a token has the form of the store's keys. A store without `recognises` uses the form of this package. */
function recognises(keys: ApiKeyStore, token: string): boolean {
  try {
    return keys.recognises?.(token) ?? readApiKey(token) !== undefined;
  } catch (thrown) {
    throw storeFault('keys.recognises', keys, thrown);
  }
}

function apiKeyAuthenticator({ settings, keys, sources, stripCredential, withImplied }: ApiKeyConfig): Authenticator {
  return {
    name: settings.name,
    sources,
    stripCredential,
    listeners: settings.listeners,
    scope: { asked: 'first' },
    claims: ({ token }) => (recognises(keys, token) ? 'mine' : 'no'),
    async verify({ token }) {
      const rights = apiKeyRights(await findLiveApiKey(keys, token));
      const scopes = withImplied(rights.scopes);
      const principal = createPrincipal({ ...rights, scopes, method: settings.name });
      return { principal, identity: undefined };
    },
    ready: async () => undefined,
    health: () => [],
    close: async () => undefined,
  };
}

/**
 * Creates an auth method for API keys, which a client sends in a header of their own.
 *
 * The key's record becomes `req.principal`: type `api-key`, its owner as `username`, its scopes, groups and roles. An
 * unknown, mistyped, expired or revoked key is a 401, and the client cannot tell which.
 *
 * There is no limit on failures: a generated key has 256 random bits, which no rate of guesses finds, and a wrong one
 * costs at most one look-up in the store. A limit per peer would refuse the good keys behind the same address instead.
 *
 * ```ts
 * app.use(apiKey({ keys: postgresApiKeys({ client: pool }) }));
 * ```
 *
 * @throws {ConfigurationError} when an option is missing, unknown, contradictory or wrong.
 */
export function apiKey(options: ApiKeyOptions): AuthMethod {
  const config = resolveApiKey(options);
  return asSingleMethod(config.settings, apiKeyAuthenticator(config));
}
