import { ConfigurationError } from '../errors/configuration-error.js';
import type { RefusalStyle, Respond } from '../errors/responder.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import { configuredUrl } from '../keys/remote-url.js';
import type { LocalTokenMethod } from '../methods/local-token/local-token-method.js';
import type { SessionCookie } from '../methods/local-token/session-cookie.js';
import { assertBoolean, assertFunction, assertImplements, assertSeconds } from '../options/assertions.js';
import { checkOptionNames } from '../options/check-options.js';
import type { AuthMethod } from '../pipeline/auth-method.js';
import { type Authenticator, authenticatorOf } from '../pipeline/authenticator.js';
import { type BindingCookieOptions, type BrowserBinding, browserBinding } from './browser-binding.js';
import { type Forward, type LoginServiceOptions, resolveLoginService } from './login-service.js';
import { type ReturnUrls, resolveReturnUrls } from './return-urls.js';
import { type StateSeal, stateSeal } from './sealed-state.js';
import { signInStyle } from './sign-in-page.js';
import { memoryStates, type StateStore } from './state-store.js';

/** Options of `jwtIdp`. */
export interface JwtIdpOptions {
  /** Where the WAF takes a browser over, on the way to `/jwt/authorize` here; its own query is kept. */
  jwtEndpoint: string;
  /** Reads what the WAF says, and finds or registers the user: what `wafToken()` or a preset returns. */
  method: AuthMethod;
  /** The session that a sign-in ends in: what `localToken()` with a `cookie` returns. */
  session: LocalTokenMethod;
  /** At least 32 bytes; processes that share sign-ins share it. */
  secret: string | Uint8Array;
  /** Where browsers may go afterwards: http(s) URLs or paths, compared exactly. The first is the default. */
  allowedReturnUrls: readonly string[];
  /**
   * The URL of `/jwt/callback` as browsers see it, where the WAF shows `/jwt/authorize` under another host or path
   * than `/login`. Default: beside `/jwt/authorize`.
   */
  callbackUrl?: string;
  /** Makes sign-ins single-use. Default: in this process; several share one (`redisStates` of `sallyport/redis`). */
  states?: StateStore;
  /** Seconds that a WAF's token is taken after its `iat`, 1 to 31536000 (ZITADEL: 3600). Default: until its `exp`. */
  maxAge?: number;
  /** The cookie that ties a sign-in to its browser. Default: `__Host-sign-in`. */
  cookie?: BindingCookieOptions;
  /** Whose sign-ins are forwarded, beside our own. Default: nobody's. */
  loginService?: LoginServiceOptions;
  /** `'next'` hands refusals to the application's error handler, a function answers them. Default: a page, or problem+json. */
  respond?: Respond;
  /** Puts the precise code of a bad token into the answer. Default false. */
  exposeReason?: boolean;
  /** Told of every sign-in that was refused, with the precise code. */
  onEvent?: OnEvent;
}

/** The same with nothing left open. */
export interface JwtIdpConfig {
  readonly jwtEndpoint: string;
  readonly authenticator: Authenticator;
  readonly session: LocalTokenMethod;
  readonly sessionCookie: SessionCookie;
  /** What `/login` gives the browser for `/jwt/authorize`. */
  readonly begun: StateSeal;
  /** What `/jwt/authorize` gives it for `/jwt/callback`. */
  readonly identified: StateSeal;
  readonly returnUrls: ReturnUrls;
  readonly callbackUrl: string | undefined;
  readonly states: StateStore;
  readonly maxAge: number | undefined;
  readonly browser: BrowserBinding;
  /** Asks another login service about a sign-in of its own; `undefined`: there is none. */
  readonly forward: Forward | undefined;
  readonly style: RefusalStyle;
  /** Hears of refusals. */
  readonly report: (event: Parameters<OnEvent>[0]) => void;
}

/** Names the router in events and options. */
export const NAME = 'jwtIdp';
const NAMES = [
  'jwtEndpoint',
  'method',
  'session',
  'secret',
  'allowedReturnUrls',
  'callbackUrl',
  'states',
  'maxAge',
  'cookie',
  'loginService',
  'respond',
  'exposeReason',
  'onEvent',
];
const YEAR = 31_536_000;

/** Written as it was given, as far as a header can carry it; we append a query. */
function resolvePlace(option: string, given: unknown): string {
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

/** @throws ConfigurationError */
export function resolveJwtIdp(options: JwtIdpOptions): JwtIdpConfig {
  checkOptionNames(NAME, options, NAMES);
  const { callbackUrl, states = memoryStates(), maxAge, onEvent } = options;
  const authenticator = authenticatorOf(options.method);
  if (authenticator === undefined)
    throw new ConfigurationError(`${NAME}.method`, 'expects what wafToken() or a preset returns');
  assertImplements(`${NAME}.states`, states, ['claim']);
  if (maxAge !== undefined) assertSeconds(`${NAME}.maxAge`, maxAge, { min: 1, max: YEAR });
  if (onEvent !== undefined) assertFunction(`${NAME}.onEvent`, onEvent);
  const listeners = onEvent === undefined ? [] : [onEvent];
  return {
    jwtEndpoint: resolvePlace(`${NAME}.jwtEndpoint`, options.jwtEndpoint),
    authenticator,
    ...resolveSession(options.session),
    begun: stateSeal(`${NAME}.secret`, options.secret, 'begun'),
    identified: stateSeal(`${NAME}.secret`, options.secret, 'identified'),
    returnUrls: resolveReturnUrls(`${NAME}.allowedReturnUrls`, options.allowedReturnUrls),
    callbackUrl: callbackUrl === undefined ? undefined : resolvePlace(`${NAME}.callbackUrl`, callbackUrl),
    states,
    maxAge,
    browser: browserBinding(`${NAME}.cookie`, options.cookie),
    forward: options.loginService && resolveLoginService(`${NAME}.loginService`, options.loginService),
    style: resolveStyle(options),
    report: (event) => emit(listeners, event),
  };
}
