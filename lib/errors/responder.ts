import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type AuthError, InvalidTokenError } from './auth-error.js';
import type { Scheme } from './challenge.js';

/**
 * Last argument of a Connect middleware: continues with the next one, or with an error. It is written as a method, so
 * that callbacks for a narrower type of errors fit, such as Fastify's `done`.
 */
export type NextFunction = { next(error?: unknown): void }['next'];

/**
 * How a refusal is answered: `'next'` hands the error to `next(error)`, a function answers itself. By default the
 * answer is `application/problem+json`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9457 | RFC 9457}
 */
export type Respond = 'next' | ((error: AuthError, req: IncomingMessage, res: ServerResponse) => unknown);

/** How a method, and the guards behind it, answer a request that they refuse. */
export interface RefusalStyle {
  readonly realm: string | undefined;
  readonly respond: Respond | undefined;
  readonly exposeReason: boolean;
  /** Schemes that a challenge asks for; Bearer where it is left out. */
  readonly schemes?: readonly Scheme[];
  /** Reports a refusal to the listeners of the method, including refusals by guards behind it. */
  readonly report?: (error: AuthError, req: IncomingMessage) => void;
}

/** Returns the code that the client sees. Every bad token has the code `invalid_token` unless `exposeReason` is on. */
export function toldCode(error: AuthError, exposeReason: boolean): string {
  return InvalidTokenError.is(error) && !exposeReason ? 'invalid_token' : error.code;
}

/**
 * Returns the members of the problem document. This is the only place that decides what a client learns of a refusal.
 */
function problemOf(error: AuthError, exposeReason: boolean): Record<string, unknown> {
  const code = toldCode(error, exposeReason);
  const told = { type: 'about:blank', title: STATUS_CODES[error.status], status: error.status, code };
  return exposeReason && error.detail !== undefined ? { ...told, detail: error.explain() } : told;
}

/** Sends a refusal with the given body, and with the status and headers that every form of the answer has. */
export function sendRefusal(error: AuthError, res: ServerResponse, { type, body }: { type: string; body: string }) {
  res.statusCode = error.status;
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.setHeader('Cache-Control', 'no-store');
  res.end(body);
}

/** Sends a refusal as `application/problem+json` (RFC 9457). */
export function sendProblem(error: AuthError, res: ServerResponse, exposeReason: boolean): void {
  const body = JSON.stringify(problemOf(error, exposeReason));
  sendRefusal(error, res, { type: 'application/problem+json', body });
}

/**
 * Answers a refused request as its {@link RefusalStyle} says. `next` is called where `respond` is `'next'`, where an
 * answer was already begun, or where the application's `respond` throws.
 */
export function refuse(
  error: AuthError,
  style: RefusalStyle,
  req: IncomingMessage,
  res: ServerResponse,
  next: NextFunction,
): void {
  error.realm ??= style.realm;
  error.schemes ??= style.schemes;
  if (style.respond === 'next' || res.headersSent) {
    next(error);
    return;
  }
  if (style.respond === undefined) {
    sendProblem(error, res, style.exposeReason);
    return;
  }
  // `next(undefined)` would let the request pass and `next('router')` would skip guards, so only a thrown object is
  // handed on.
  const broken = (thrown: unknown) => next(typeof thrown === 'object' && thrown !== null ? thrown : error);
  try {
    Promise.resolve(style.respond(error, req, res)).catch(broken);
  } catch (thrown) {
    broken(thrown);
  }
}
