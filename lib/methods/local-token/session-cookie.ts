import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ForbiddenError, InvalidTokenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertBoolean, assertNonEmptyString, assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import { firstOf, isFirstOf } from '../../tokens/first-of.js';
import { fromCookie } from '../../tokens/from-cookie.js';
import { fromBearer } from '../../tokens/from-header.js';
import type { TokenFrom, TokenSource } from '../../tokens/token-source.js';

/**
 * Options of the cookie that holds a token in the browser. It is always `HttpOnly`; `__Host-` names need `secure` and
 * the path `/`.
 */
export interface SessionCookieOptions {
  /**
   * Name of the cookie.
   * @default '__Host-session'
   */
  name?: string | undefined;
  /**
   * Attribute `SameSite`: when browsers send the cookie with requests from other sites.
   * @default 'lax'
   */
  sameSite?: 'strict' | 'lax' | 'none' | undefined;
  /**
   * Whether browsers send the cookie over TLS only. `false`, for plain HTTP in development, needs a name without the
   * prefixes `__Host-` and `__Secure-`.
   * @default true
   */
  secure?: boolean | undefined;
  /**
   * Path below which browsers send the cookie.
   * @default '/'
   */
  path?: string | undefined;
  /**
   * Secret that signs the cookie in the form of cookie-parser, which must be mounted before with the same secret.
   * @default undefined, the cookie is not signed
   */
  signedWith?: string | undefined;
}

/** Resolved {@link SessionCookieOptions}. */
export interface SessionCookie {
  /** Token source that reads the cookie. */
  readonly source: TokenSource;
  /**
   * Returns the `Set-Cookie` value that stores a token for `maxAge` seconds.
   * @throws {InvalidTokenError} `token_too_large` when browsers would silently drop the cookie.
   */
  set(token: string, maxAge: number): string;
  /** Returns the `Set-Cookie` value that deletes the cookie. */
  clear(): string;
}

// Syntax `cookie-name` of RFC 6265 section 4.1.1.
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const COOKIE_PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/;
/** Largest cookie in bytes, with its attributes, that every browser stores (RFC 6265 section 6.1). */
const MAX_COOKIE = 4096;
const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** Signs a value in the format of cookie-signature, which cookie-parser reads. */
function signed(value: string, secret: string): string {
  const mac = createHmac('sha256', secret).update(value).digest('base64').replace(/=+$/, '');
  return encodeURIComponent(`s:${value}.${mac}`);
}

interface Attributes {
  readonly name: string;
  readonly path: string;
  readonly secure: boolean;
  readonly sameSite: keyof typeof SAME_SITE;
}

function assertAttributes(option: string, { name, path, secure, sameSite }: Attributes): void {
  if (!COOKIE_NAME.test(name)) throw new ConfigurationError(`${option}.name`, 'expects a cookie name');
  if (!COOKIE_PATH.test(path)) throw new ConfigurationError(`${option}.path`, 'expects a path that begins with /');
  assertBoolean(`${option}.secure`, secure);
  if (!Object.hasOwn(SAME_SITE, sameSite))
    throw new ConfigurationError(`${option}.sameSite`, 'expects "strict", "lax" or "none"');
  // Browsers compare the prefixes in any case (RFC 6265bis section 4.1.3), and drop cookies that do not meet them.
  if (/^__host-/i.test(name) && !(secure && path === '/'))
    throw new ConfigurationError(`${option}.name`, '__Host- asks for secure and the path /');
  if (/^__secure-/i.test(name) && !secure) throw new ConfigurationError(`${option}.name`, '__Secure- asks for secure');
  if (sameSite === 'none' && !secure) throw new ConfigurationError(`${option}.sameSite`, '"none" asks for secure');
}

/**
 * Resolves {@link SessionCookieOptions}.
 * @throws {ConfigurationError} when an option is unknown or wrong, or contradicts the prefix of the name.
 */
export function resolveSessionCookie(option: string, given: true | SessionCookieOptions): SessionCookie {
  const options = given === true ? {} : given;
  checkOptionNames(
    option,
    options,
    namesOf<SessionCookieOptions>()({ name: true, sameSite: true, secure: true, path: true, signedWith: true }),
  );
  assertNotUndefined(option, options, ['signedWith']);
  const { name = '__Host-session', sameSite = 'lax', secure = true, path = '/', signedWith } = options;
  assertAttributes(option, { name, path, secure, sameSite });
  if (signedWith !== undefined) assertNonEmptyString(`${option}.signedWith`, signedWith);
  const attributes = `Path=${path}; HttpOnly; SameSite=${SAME_SITE[sameSite]}${secure ? '; Secure' : ''}`;
  return {
    source: fromCookie(name, { signed: signedWith !== undefined }),
    set(token, maxAge) {
      const value = signedWith === undefined ? token : signed(token, signedWith);
      const cookie = `${name}=${value}; Max-Age=${Math.max(0, Math.floor(maxAge))}; ${attributes}`;
      if (cookie.length > MAX_COOKIE) throw new InvalidTokenError('token_too_large');
      return cookie;
    },
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** Whether the browser sent the token by itself: it stands in the cookie only. */
export function isAmbient(sources: readonly TokenSource[], cookie: SessionCookie | undefined): boolean {
  return sources.length > 0 && sources.every(({ place }) => place === cookie?.source.place);
}

/**
 * Refuses an unsafe request, or one that opens a WebSocket, if another site made the browser send it, because browsers
 * attach cookies to such requests. Browsers name the site of a request in `Sec-Fetch-Site`, older ones in `Origin`; a
 * request with neither does not come from a browser.
 * @throws {ForbiddenError} `cross_site_request`.
 */
export function assertSameOrigin({ method = 'GET', headers }: IncomingMessage): void {
  if (SAFE_METHODS.includes(method) && headers.upgrade === undefined) return;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  const { origin } = headers;
  // HTTP/2 has a pseudo-header in its place (RFC 9113 section 8.3.1).
  const host = headers.host ?? headers[':authority'];
  if (site === undefined && (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host))) return;
  throw new ForbiddenError('cross_site_request');
}

/** Adds the cookie to the places of a token: one more, or the last one of an ordered list. */
export function besideCookie(tokenFrom: TokenFrom = fromBearer(), cookie: SessionCookie | undefined): TokenFrom {
  if (cookie === undefined) return tokenFrom;
  return isFirstOf(tokenFrom) ? firstOf(...tokenFrom.firstOf, cookie.source) : [tokenFrom, cookie.source].flat();
}
