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

/** How one request is refused, decided by the method that looked at it first. */
export interface RefusalStyle {
  readonly realm: string | undefined;
  readonly respond: Respond | undefined;
  readonly exposeReason: boolean;
  /** What a challenge asks for. */
  readonly schemes?: readonly Scheme[];
}

/** What auth methods left on a request: the style of the last one, and the styles of those that let it pass. */
interface Passage {
  readonly style: RefusalStyle;
  readonly passed: readonly RefusalStyle[];
}

/** What a method leaves where no other one was before it, made once for all requests. */
export function onlyPassage(style: RefusalStyle): Passage {
  return { style, passed: [style] };
}

const passages = new WeakMap<IncomingMessage, Passage>();

/** Whether the very method that this style belongs to has let a request pass. */
export function hasPassed(req: IncomingMessage, style: RefusalStyle): boolean {
  return passages.get(req)?.passed.includes(style) === true;
}

/** Remembers how a request is refused that passed a method, so that guards further on answer as that method would. */
export function notePassed(req: IncomingMessage, only: Passage): void {
  const before = passages.get(req);
  passages.set(req, before === undefined ? only : { style: only.style, passed: [...before.passed, ...only.passed] });
}

/** The same for one that a method refused, in case an error handler sends it on. */
export function noteRefused(req: IncomingMessage, style: RefusalStyle): void {
  passages.set(req, { style, passed: passages.get(req)?.passed ?? [] });
}

/** How this request is refused; problem+json where no method has looked at it. */
export function refusalStyleOf(req: IncomingMessage): RefusalStyle {
  return passages.get(req)?.style ?? { realm: undefined, respond: undefined, exposeReason: false };
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
