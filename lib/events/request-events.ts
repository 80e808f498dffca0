import type { IncomingMessage } from 'node:http';
import { debuglog } from 'node:util';
import type { AuthError } from '../errors/auth-error.js';
import { received } from '../errors/error-detail.js';
import { emit, type OnEvent, type RequestFacts } from './auth-event.js';

/** `NODE_DEBUG=sallyport` writes one line per refusal to stderr. */
const debug = debuglog('sallyport');

/** An id that something in front gave to the request: a framework's or logger's own, or a proxy's. */
function idOf(req: IncomingMessage & { readonly id?: unknown }): string | undefined {
  const { id = req.headers['x-request-id'] } = req;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? received(id) : undefined;
}

/** Paths are bounded like everything that a client writes. */
const pathOf = ({ originalUrl, url = '' }: IncomingMessage & { readonly originalUrl?: string }): string =>
  received((originalUrl ?? url).replace(/[?#].*$/s, ''));

/** Which request it is. */
function factsOf(req: IncomingMessage): RequestFacts {
  const id = idOf(req);
  return { ...(id === undefined ? {} : { id }), method: req.method ?? '', path: pathOf(req) };
}

/** What listeners are told of a principal: nothing personal. */
interface AcceptedPrincipal {
  readonly method: string;
  readonly type: string;
  readonly credential: { readonly id?: string };
}

/** Tells listeners of a request whose credential is good. */
export function tellAccepted(
  listeners: readonly OnEvent[],
  { method, type, credential }: AcceptedPrincipal,
  req: IncomingMessage,
): void {
  if (listeners.length === 0) return;
  const id = credential.id === undefined ? {} : { credentialId: credential.id };
  emit(listeners, { type: 'accepted', method, principalType: type, ...id, request: factsOf(req) }, req);
}

/** Tells listeners of a bad credential that was taken for none. */
export function tellAnonymous(listeners: readonly OnEvent[], method: string, error: AuthError, req: IncomingMessage) {
  if (listeners.length === 0) return;
  emit(listeners, { type: 'anonymous', method, code: error.code, request: factsOf(req) }, req);
}

/** Tells listeners of a refusal. */
export function tellRefused(listeners: readonly OnEvent[], method: string, error: AuthError, req: IncomingMessage) {
  if (listeners.length === 0) return;
  const { code, status, reason, detail } = error;
  const said = { code, status, reason, ...(detail === undefined ? {} : { detail }) };
  emit(listeners, { type: 'refused', method, ...said, error, request: factsOf(req) }, req);
}

/** Writes the line of a refusal to stderr, where `NODE_DEBUG` asks for it. */
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

/** Tells listeners, and whoever debugs, of a refusal: of a method, of a guard behind it, or of a router. */
export function reportRefusal(
  { name, listeners }: { readonly name: string; readonly listeners: readonly OnEvent[] },
  error: AuthError,
  req: IncomingMessage,
): void {
  const method = error.method ?? name;
  tellRefused(listeners, method, error, req);
  debugRefusal(method, error, req);
}
