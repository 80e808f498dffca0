import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ForbiddenError, InvalidTokenError } from '../../errors/auth-error.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { assertBoolean, assertNonEmptyString, assertNotUndefined } from '../../options/assertions.js';
import { checkOptionNames } from '../../options/check-options.js';
import { namesOf } from '../../options/option-names.js';
import { fromCookie } from '../../tokens/from-cookie.js';
import type { TokenSource } from '../../tokens/token-source.js';

/** How a token is kept in a browser. Always `HttpOnly`; `__Host-` names are always `Secure`, with `Path=/`. */
export interface SessionCookieOptions {
  /**
   * Name of the cookie.
   * @default '__Host-session'
   */
  name?: string | undefined;
  /**
   * When browsers send the cookie from other sites.
   * @default 'lax'
   */
  sameSite?: 'strict' | 'lax' | 'none' | undefined;
  /**
   * Whether browsers send the cookie over TLS only; false for plain http in development, with a name of its own.
   * @default true
   */
  secure?: boolean | undefined;
  /**
   * Paths below which browsers send the cookie.
   * @default '/'
   */
  path?: string | undefined;
  /**
   * Signs the cookie as cookie-parser does; cookie-parser must be mounted before, with the same secret.
   * @default undefined, the cookie is not signed
   */
  signedWith?: string | undefined;
}

/** The same, resolved. */
export interface SessionCookie {
  readonly source: TokenSource;
  /** A `Set-Cookie` value. @throws InvalidTokenError `token_too_large` where browsers would silently drop it. */
  set(token: string, maxAge: number): string;
  clear(): string;
}

// RFC 6265 section 4.1.1: cookie-name = token
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const COOKIE_PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/;
/** What browsers keep of one cookie at least, its attributes included, and most of them at most (RFC 6265 section 6.1). */
const MAX_COOKIE = 4096;
const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** The format of cookie-signature, which cookie-parser reads. */
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
  // Browsers compare the prefixes in any case (RFC 6265bis section 4.1.3), and drop cookies that break their promise.
  if (/^__host-/i.test(name) && !(secure && path === '/'))
    throw new ConfigurationError(`${option}.name`, '__Host- asks for secure and the path /');
  if (/^__secure-/i.test(name) && !secure) throw new ConfigurationError(`${option}.name`, '__Secure- asks for secure');
  if (sameSite === 'none' && !secure) throw new ConfigurationError(`${option}.sameSite`, '"none" asks for secure');
}

/** @throws ConfigurationError */
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

/** Whether a token came along by itself: it stands in the cookie and nowhere else. */
export function isAmbient(sources: readonly TokenSource[], cookie: SessionCookie | undefined): boolean {
  return sources.length > 0 && sources.every(({ place }) => place === cookie?.source.place);
}

/**
 * Refuses an unsafe request, or one to open a WebSocket, that a browser sends for another site: cookies come along by
 * themselves. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; what says neither
 * is no browser.
 * @throws ForbiddenError `cross_site_request`
 */
export function assertSameOrigin({ method = 'GET', headers }: IncomingMessage): void {
  if (SAFE_METHODS.includes(method) && headers.upgrade === undefined) return;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  const { origin } = headers;
  // HTTP/2 has a pseudo-header instead (RFC 9113 section 8.3.1).
  const host = headers.host ?? headers[':authority'];
  if (site === undefined && (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host))) return;
  throw new ForbiddenError('cross_site_request');
}
