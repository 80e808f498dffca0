import type { IncomingMessage } from 'node:http';

/**
 * What the middlewares read of a request. Express, Connect and plain `node:http` requests all fit;
 * `cookies`, `signedCookies` and `body` are there when the application mounted a parser for them.
 */
export type AuthRequest = IncomingMessage & {
  originalUrl?: string;
  query?: unknown;
  cookies?: unknown;
  signedCookies?: unknown;
  body?: unknown;
};
