import type { IncomingMessage } from 'node:http';
import { debuglog } from 'node:util';
import type { AuthError } from '../errors/auth-error.js';
import { received } from '../errors/error-detail.js';
import { emit, type OnEvent, type RequestFacts } from './auth-event.js';

/** Debug log: `NODE_DEBUG=sallyport` writes one line per refusal to stderr. */
const debug = debuglog('sallyport');

/** Returns the id of a request: `req.id` of a framework or logger, or the header `x-request-id` of a proxy. */
function idOf(req: IncomingMessage & { readonly id?: unknown }): string | undefined {
  const { id = req.headers['x-request-id'] } = req;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? received(id) : undefined;
}

/** Path of a request without its query, cut off after 200 characters like every received text. */
const pathOf = ({ originalUrl, url = '' }: IncomingMessage & { readonly originalUrl?: string }): string =>
  received((originalUrl ?? url).replace(/[?#].*$/s, ''));

/** Returns the facts that identify a request. */
function factsOf(req: IncomingMessage): RequestFacts {
  const id = idOf(req);
  return { ...(id === undefined ? {} : { id }), method: req.method ?? '', path: pathOf(req) };
}

/** Members of a principal that listeners receive; none of them is personal. */
interface AcceptedPrincipal {
  readonly method: string;
  readonly type: string;
  readonly credential: { readonly id?: string };
}

/** Reports a request whose credential was accepted. */
export function tellAccepted(
  listeners: readonly OnEvent[],
  { method, type, credential }: AcceptedPrincipal,
  req: IncomingMessage,
): void {
  if (listeners.length === 0) return;
  const id = credential.id === undefined ? {} : { credentialId: credential.id };
  emit(listeners, { type: 'accepted', method, principalType: type, ...id, request: factsOf(req) }, req);
}

/** Reports a bad credential that counted as absent, because credentials are optional. */
export function tellAnonymous(listeners: readonly OnEvent[], method: string, error: AuthError, req: IncomingMessage) {
  if (listeners.length === 0) return;
  emit(listeners, { type: 'anonymous', method, code: error.code, request: factsOf(req) }, req);
}

/** Reports a refusal to the listeners. */
export function tellRefused(listeners: readonly OnEvent[], method: string, error: AuthError, req: IncomingMessage) {
  if (listeners.length === 0) return;
  const { code, status, reason, detail } = error;
  const said = { code, status, reason, ...(detail === undefined ? {} : { detail }) };
  emit(listeners, { type: 'refused', method, ...said, error, request: factsOf(req) }, req);
}

/** Writes one line about a refusal to stderr, where `NODE_DEBUG` asks for it. */
function debugRefusal(method: string, error: AuthError, req: IncomingMessage): void {
  if (!debug.enabled) return;
  const { id, method: verb, path } = factsOf(req);
  const { cause } = error.toJSON();
  const because = cause === undefined ? '' : ` (${cause.name}: ${cause.message})`;
  debug(
    '%s',
    `${error.status} ${error.code} by ${method} for ${verb} ${path}${id === undefined ? '' : ` [${id}]`}: ${error.explain()}${because}`,
  );
}

/** Reports a refusal by a method, a guard behind it or a router to the listeners and to the debug log. */
export function reportRefusal(
  { name, listeners }: { readonly name: string; readonly listeners: readonly OnEvent[] },
  error: AuthError,
  req: IncomingMessage,
): void {
  const method = error.method ?? name;
  tellRefused(listeners, method, error, req);
  debugRefusal(method, error, req);
}
