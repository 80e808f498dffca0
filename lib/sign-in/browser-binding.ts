import { randomBytes } from 'node:crypto';
import { resolveSessionCookie, type SessionCookieOptions } from '../methods/local-token/session-cookie.js';
import { checkOptionNames } from '../options/check-options.js';
import type { AuthRequest } from '../tokens/request.js';

/** The cookie that ties a sign-in to the browser in which it began. Always `HttpOnly` and `SameSite=Lax`. */
export type BindingCookieOptions = Pick<SessionCookieOptions, 'name' | 'secure' | 'path'>;

/** Knows browsers by a cookie. */
export interface BrowserBinding {
  /** The browser of a request; a new one where it has no cookie of ours yet. */
  recognise(req: AuthRequest): Promise<string>;
  /** A `Set-Cookie` value. */
  remember(browser: string, seconds: number): string;
  /** Whether a request comes from this browser; `undefined`: from one that shows no cookie of ours. */
  isSame(req: AuthRequest, browser: unknown): Promise<boolean | undefined>;
}

// Strict would keep the cookie away from the way back, which comes from another site.
const SAME_SITE = 'lax';
const ID = /^[\w-]{43}$/;

/** @throws ConfigurationError */
export function browserBinding(option: string, given: BindingCookieOptions = {}): BrowserBinding {
  checkOptionNames(option, given, ['name', 'secure', 'path']);
  const cookie = resolveSessionCookie(option, { name: '__Host-sign-in', ...given, sameSite: SAME_SITE });
  /** Two different cookies of one name: a sibling domain has planted one of them, and nobody knows which. */
  const browserOf = async (req: AuthRequest): Promise<string | undefined> => {
    const [shown, ...others] = new Set(await cookie.source.read(req));
    return shown !== undefined && others.length === 0 && ID.test(shown) ? shown : undefined;
  };
  return {
    // The same in all tabs, so that two of them can sign in at once.
    recognise: async (req) => (await browserOf(req)) ?? randomBytes(32).toString('base64url'),
    remember: (browser, seconds) => cookie.set(browser, seconds),
    async isSame(req, browser) {
      const shown = await browserOf(req);
      return shown === undefined ? undefined : shown === browser;
    },
  };
}
