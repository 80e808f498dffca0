import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type AuthError, InvalidTokenError } from './auth-error.js';
import type { Scheme } from './challenge.js';

/** The last argument of a Connect middleware. */
export type NextFunction = (error?: unknown) => void;

/**
 * How a refusal is answered: `'next'` hands the error to `next(error)`, a function answers itself.
 * Left out, the answer is RFC 9457 `application/problem+json`.
 */
export type Respond = 'next' | ((error: AuthError, req: IncomingMessage, res: ServerResponse) => unknown);

/** How a method answers the requests that it refuses. */
export interface RefusalStyle {
  readonly realm: string | undefined;
  readonly respond: Respond | undefined;
  readonly exposeReason: boolean;
  /** What a challenge asks for. */
  readonly schemes?: readonly Scheme[];
  /** Tells the listeners of the method, also of what guards behind it refuse. */
  readonly report?: (error: AuthError, req: IncomingMessage) => void;
}

/** What a client is told: every bad token looks the same unless `exposeReason` is on. */
export function toldCode(error: AuthError, exposeReason: boolean): string {
  return InvalidTokenError.is(error) && !exposeReason ? 'invalid_token' : error.code;
}

/** The one place that words a refusal. */
function problemOf(error: AuthError, exposeReason: boolean): Record<string, unknown> {
  const code = toldCode(error, exposeReason);
  const told = { type: 'about:blank', title: STATUS_CODES[error.status], status: error.status, code };
  return exposeReason && error.detail !== undefined ? { ...told, detail: error.explain() } : told;
}

/** Answers with a body in some form, and with what belongs to the refusal whatever its form. */
export function sendRefusal(error: AuthError, res: ServerResponse, { type, body }: { type: string; body: string }) {
  res.statusCode = error.status;
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.setHeader('Cache-Control', 'no-store');
  res.end(body);
}

/** RFC 9457. */
export function sendProblem(error: AuthError, res: ServerResponse, exposeReason: boolean): void {
  const body = JSON.stringify(problemOf(error, exposeReason));
  sendRefusal(error, res, { type: 'application/problem+json', body });
}

/** Answers a refused request in its style. Calls `next` only where the style or a broken responder asks for it. */
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
  // `next(undefined)` lets a request pass and `next('router')` skips guards, so only an object goes on as it is.
  const broken = (thrown: unknown) => next(typeof thrown === 'object' && thrown !== null ? thrown : error);
  try {
    Promise.resolve(style.respond(error, req, res)).catch(broken);
  } catch (thrown) {
    broken(thrown);
  }
}
