import type { IncomingMessage } from 'node:http';

/**
 * Request as the middlewares read it. Express, Connect and plain `node:http` requests fit; `cookies`, `signedCookies`
 * and `body` exist where the application mounted a parser for them.
 */
export type AuthRequest = IncomingMessage & {
  originalUrl?: string;
  query?: unknown;
  cookies?: unknown;
  signedCookies?: unknown;
  body?: unknown;
};
