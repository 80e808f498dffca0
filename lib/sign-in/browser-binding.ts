import { randomBytes } from 'node:crypto';
import { resolveSessionCookie, type SessionCookieOptions } from '../methods/local-token/session-cookie.js';
import { checkOptionNames } from '../options/check-options.js';
import { namesOf } from '../options/option-names.js';
import { takenHeaders } from '../pipeline/request-record.js';
import type { AuthRequest } from '../tokens/request.js';

/** Options of the cookie that binds a sign-in to its browser. The cookie is always `HttpOnly` and `SameSite=Lax`. */
export type BindingCookieOptions = Pick<SessionCookieOptions, 'name' | 'secure' | 'path'>;

/** Identifies browsers by a cookie with a random id. */
export interface BrowserBinding {
  /** Reads the id of the browser, or generates one for a browser without the cookie. */
  browserId(req: AuthRequest): Promise<string>;
  /** Writes the `Set-Cookie` value for an id. */
  setCookie(browser: string, seconds: number): string;
  /** Whether a request comes from the browser with this id; `undefined` for a request without the cookie. */
  isSame(req: AuthRequest, browser: unknown): Promise<boolean | undefined>;
}

// With Strict, the browser would not send the cookie when it comes back, because a redirect of another site brings it.
const SAME_SITE = 'lax';
const ID = /^[\w-]{43}$/;

/**
 * Creates a {@link BrowserBinding}.
 * @throws {ConfigurationError} when an option is unknown or of the wrong kind.
 */
export function browserBinding(option: string, given: BindingCookieOptions = {}): BrowserBinding {
  checkOptionNames(option, given, namesOf<BindingCookieOptions>()({ name: true, secure: true, path: true }));
  const cookie = resolveSessionCookie(option, { name: '__Host-sign-in', ...given, sameSite: SAME_SITE });
  // Two cookies of one name with different values count as none: a sibling domain may have set one of them.
  const browserOf = async (req: AuthRequest): Promise<string | undefined> => {
    const [shown, ...others] = new Set(await cookie.source.read(req, takenHeaders(req)));
    return shown !== undefined && others.length === 0 && ID.test(shown) ? shown : undefined;
  };
  return {
    // One id for all tabs of a browser, so that two of them can sign in at the same time.
    browserId: async (req) => (await browserOf(req)) ?? randomBytes(32).toString('base64url'),
    setCookie: (browser, seconds) => cookie.set(browser, seconds),
    async isSame(req, browser) {
      const shown = await browserOf(req);
      return shown === undefined ? undefined : shown === browser;
    },
  };
}
