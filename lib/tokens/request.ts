import type { IncomingMessage } from 'node:http';

/**
 * Request as the middlewares read it. Express, Connect and plain `node:http` requests fit; `cookies`, `signedCookies`
 * and `body` exist where the application mounted a parser for them.
 */
export type AuthRequest = IncomingMessage & {
  /** URL as the client sent it, where routers changed `url`. */
  originalUrl?: string;
  /** Parsed query, where a framework sets it. */
  query?: unknown;
  /** Cookies of cookie-parser, where it is mounted. */
  cookies?: unknown;
  /** Signed cookies of cookie-parser, where it is mounted. */
  signedCookies?: unknown;
  /** Parsed body, where a parser is mounted. */
  body?: unknown;
};
