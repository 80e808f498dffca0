import { ConfigurationError } from '../errors/configuration-error.js';
import type { RefusalStyle, Respond } from '../errors/responder.js';
import type { OnEvent } from '../events/auth-event.js';
import { configuredUrl } from '../keys/remote-url.js';
import type { LocalTokenMethod } from '../methods/local-token/local-token-method.js';
import type { SessionCookie } from '../methods/local-token/session-cookie.js';
import {
  assertBoolean,
  assertFunction,
  assertImplements,
  assertNotUndefined,
  assertSeconds,
} from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { type Authenticator, type AuthMethod, authenticatorOf } from '../pipeline/auth-method.js';
import { type BindingCookieOptions, type BrowserBinding, browserBinding } from './browser-binding.js';
import { type Forward, type LoginServiceOptions, resolveLoginService } from './login-service.js';
import { type ReturnUrls, resolveReturnUrls } from './return-urls.js';
import { type StateSeal, stateSeal } from './sealed-state.js';
import { signInStyle } from './sign-in-page.js';
import { memoryStates, type StateStore } from './state-store.js';

/** Options of `jwtIdp`. */
export interface JwtIdpOptions {
  /** URL at the WAF that `/login` redirects to and the WAF forwards to `/jwt/authorize`. Its own query is kept. */
  jwtEndpoint: string;
  /** Auth method that verifies the WAF's token and resolves the user: the result of `wafToken()` or a preset. */
  method: AuthMethod;
  /** Auth method that issues the session token: the result of `localToken()` with a `cookie`. */
  session: LocalTokenMethod;
  /** Secret of at least 32 bytes that encrypts the states. Processes that share sign-ins need the same one. */
  secret: string | Uint8Array;
  /** Return targets after a sign-in: http(s) URLs or paths, compared exactly. The first one is the default. */
  allowedReturnUrls: readonly string[];
  /**
   * URL of `/jwt/callback` for browsers. Needed when browsers see `/jwt/authorize` under another host or path than
   * `/login`.
   * @default `/jwt/callback` at the mount path of this router
   */
  callbackUrl?: string | undefined;
  /**
   * Store of used states, which makes sign-ins single-use. Several processes share one, such as `redisStates`.
   * @default a store in this process
   */
  states?: StateStore | undefined;
  /**
   * Seconds for which a WAF's token is accepted after its `iat`, 1 to 31536000 (3600 in ZITADEL), without any clock
   * tolerance. An older one is `token_expired`.
   * @default undefined (accepted until its `exp`)
   */
  maxAge?: number | undefined;
  /**
   * Cookie that binds a sign-in to its browser.
   * @default { name: '__Host-sign-in' }
   */
  cookie?: BindingCookieOptions | undefined;
  /**
   * Another login service, to which `/jwt/authorize` forwards the sign-ins that were begun there.
   * @default undefined
   */
  loginService?: LoginServiceOptions | undefined;
  /**
   * Answers refusals: a function, or `'next'` for the application's error handler.
   * @default an HTML page for browsers, problem+json for other clients
   */
  respond?: Respond | undefined;
  /**
   * Puts the precise code of an invalid token into the answer.
   * @default false
   */
  exposeReason?: boolean | undefined;
  /**
   * Called with every refused sign-in and its precise code.
   * @default undefined
   */
  onEvent?: OnEvent | undefined;
}

/** Resolved {@link JwtIdpOptions}. */
export interface JwtIdpConfig {
  readonly jwtEndpoint: string;
  readonly authenticator: Authenticator;
  readonly session: LocalTokenMethod;
  readonly sessionCookie: SessionCookie;
  /** Seals the state that `/login` sends to `/jwt/authorize`. */
  readonly begun: StateSeal;
  /** Seals the state that `/jwt/authorize` sends to `/jwt/callback`. */
  readonly identified: StateSeal;
  readonly returnUrls: ReturnUrls;
  readonly callbackUrl: string | undefined;
  readonly states: StateStore;
  readonly maxAge: number | undefined;
  readonly browser: BrowserBinding;
  /** Forwards a sign-in to the other login service, if one is configured. */
  readonly forward: Forward | undefined;
  readonly style: RefusalStyle;
  readonly listeners: readonly OnEvent[];
}

/** Name of the router in events and error messages. */
export const NAME = 'jwtIdp';
const NAMES = namesOf<JwtIdpOptions>()({
  jwtEndpoint: true,
  method: true,
  session: true,
  secret: true,
  allowedReturnUrls: true,
  callbackUrl: true,
  states: true,
  maxAge: true,
  cookie: true,
  loginService: true,
  respond: true,
  exposeReason: true,
  onEvent: true,
});
const YEAR = 31_536_000;

/** Resolves a URL to which the router appends a query, in a spelling that fits into a header. */
function resolveUrl(option: string, given: unknown): string {
  const { href, hash, searchParams } = configuredUrl(option, given);
  if (hash !== '') throw new ConfigurationError(option, 'expects a URL without a fragment');
  const taken = ['authRequestID', 'userAgentID'].find((name) => searchParams.has(name));
  if (taken !== undefined) throw new ConfigurationError(option, `has ${taken} in its query, which is ours to add`);
  return href;
}

function resolveSession(session: LocalTokenMethod): Pick<JwtIdpConfig, 'session' | 'sessionCookie'> {
  assertImplements(`${NAME}.session`, session, ['issue']);
  const { cookie: sessionCookie } = session;
  if (sessionCookie === undefined)
    throw new ConfigurationError(`${NAME}.session`, 'needs a cookie to keep the session in: localToken({ cookie })');
  return { session, sessionCookie };
}

function resolveStyle({ respond, exposeReason = false }: JwtIdpOptions): RefusalStyle {
  if (respond !== undefined && respond !== 'next') assertFunction(`${NAME}.respond`, respond);
  assertBoolean(`${NAME}.exposeReason`, exposeReason);
  return signInStyle(respond, exposeReason);
}

/**
 * Resolves {@link JwtIdpOptions}.
 * @throws {ConfigurationError} when an option is missing, unknown or of the wrong kind.
 */
export function resolveJwtIdp(options: JwtIdpOptions): JwtIdpConfig {
  checkOptionNames(NAME, options, NAMES);
  assertNotUndefined(NAME, options, ['jwtEndpoint', 'secret', 'allowedReturnUrls', 'callbackUrl']);
  const { callbackUrl, states = memoryStates(), maxAge, onEvent } = options;
  const authenticator = authenticatorOf(
    `${NAME}.method`,
    options.method,
    'expects what wafToken() or a preset returns',
  );
  const session = authenticatorOf(`${NAME}.session`, options.session, 'expects what localToken() returns');
  session.signsInThrough?.(authenticator.name, authenticator.users);
  assertImplements(`${NAME}.states`, states, ['claim']);
  if (maxAge !== undefined) assertSeconds(`${NAME}.maxAge`, maxAge, { min: 1, max: YEAR });
  if (onEvent !== undefined) assertFunction(`${NAME}.onEvent`, onEvent);
  const listeners = onEvent === undefined ? [] : [onEvent];
  return {
    jwtEndpoint: resolveUrl(`${NAME}.jwtEndpoint`, options.jwtEndpoint),
    authenticator,
    ...resolveSession(options.session),
    begun: stateSeal(`${NAME}.secret`, options.secret, 'begun'),
    identified: stateSeal(`${NAME}.secret`, options.secret, 'identified'),
    returnUrls: resolveReturnUrls(`${NAME}.allowedReturnUrls`, options.allowedReturnUrls),
    callbackUrl: callbackUrl === undefined ? undefined : resolveUrl(`${NAME}.callbackUrl`, callbackUrl),
    states,
    maxAge,
    browser: browserBinding(`${NAME}.cookie`, options.cookie),
    forward: options.loginService && resolveLoginService(`${NAME}.loginService`, options.loginService),
    style: resolveStyle(options),
    listeners,
  };
}
