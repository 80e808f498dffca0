import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { type AuthError, asAuthError, UnauthorizedError } from '../errors/auth-error.js';
import type { Scheme } from '../errors/challenge.js';
import { hasPassed, type NextFunction, notePassed, noteRefused, onlyPassage, refuse } from '../errors/responder.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Principal } from '../principal/principal.js';
import { findPrincipal, setPrincipal } from '../principal/request-principal.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { Invalidation } from '../users/user-store.js';
import type { AuthMethod } from './auth-method.js';
import type { Announce } from './authenticator.js';
import { clearIdentityHeaders } from './identity-headers.js';
import type { MethodSettings } from './method-settings.js';

/** A verified request: who it is, and where the credentials stood that are to leave. */
export interface Verdict {
  readonly principal: Principal;
  readonly strip: readonly TokenSource[];
  readonly announce?: Announce | undefined;
}

/** What stands behind a settings: one authenticator, or several composed. */
export interface Judge {
  readonly sources: readonly TokenSource[];
  /** Headers that the methods write for the application; nothing that a client sends under these names stays. */
  readonly ownHeaders?: readonly string[];
  /** Whether a request passes unjudged, whatever it carries. */
  passes?(req: AuthRequest): boolean;
  /** `undefined`: no credential of this kind. @throws AuthError */
  decide(req: AuthRequest): Awaitable<Verdict | undefined>;
  invalidate(change: Invalidation): void;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** A CORS preflight (Fetch standard, section 4.8), as opposed to any OPTIONS request. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

function enter(req: IncomingMessage, principal: Principal, announce: Announce | undefined): void {
  setPrincipal(req, principal);
  announce?.(req, principal);
}

/** Tells listeners of a principal: nothing personal. */
export function tellAccepted(listeners: readonly OnEvent[], { method, type, credential }: Principal): void {
  if (listeners.length === 0) return;
  const id = credential.id === undefined ? {} : { credentialId: credential.id };
  emit(listeners, { type: 'accepted', method, principalType: type, ...id });
}

/** A settings, and what is taken behind it. */
interface Entrance extends MethodSettings {
  readonly schemes: readonly Scheme[];
  /** The sources whose tokens may show in the URL. */
  readonly urlSources: readonly TokenSource[];
}

/** Bearer first, because clients that know one scheme only look at what comes first. */
function schemesOf({ sources }: Judge): readonly Scheme[] {
  const taken = new Set(sources.map(({ scheme = 'Bearer' }) => scheme));
  return taken.has('Basic') ? (['Bearer', 'Basic'] as const).filter((scheme) => taken.has(scheme)) : ['Bearer'];
}

function entranceTo(settings: MethodSettings, behind: Judge): Entrance {
  const urlSources = behind.sources.filter(({ inUrl }) => inUrl !== undefined);
  return { ...settings, schemes: schemesOf(behind), urlSources };
}

function refusal(settings: Entrance, thrown: unknown): AuthError {
  const error = asAuthError(thrown);
  error.realm ??= settings.realm;
  error.schemes ??= settings.schemes;
  error.method ??= settings.name;
  emit(settings.listeners, { type: 'refused', method: error.method, code: error.code, status: error.status, error });
  return error;
}

/** Whether a bad credential counts as none, where that was asked for. An outage on our side never does. */
function isCovered({ anonymous }: MethodSettings, { status }: AuthError): boolean {
  return anonymous !== undefined && status <= anonymous.coversUpTo;
}

/** Takes a bad credential for none, where that was asked for, or throws. */
function cover(settings: Entrance, error: AuthError): undefined {
  if (!isCovered(settings, error)) throw refusal(settings, error);
  emit(settings.listeners, { type: 'anonymous', method: error.method ?? settings.name, code: error.code });
}

/** Who a request is, whatever the settings lets pass. @throws AuthError */
async function authenticate(settings: Entrance, behind: Judge, req: AuthRequest): Promise<Principal | undefined> {
  let verdict: Verdict | undefined;
  try {
    clearIdentityHeaders(req, behind);
    verdict = await behind.decide(req);
  } catch (thrown) {
    throw refusal(settings, thrown);
  }
  if (verdict !== undefined) tellAccepted(settings.listeners, verdict.principal);
  return verdict?.principal;
}

/** RFC 6750 section 5.3: the answer to a URL that carries a token must not be stored, nor the URL passed on. */
function keepUrlPrivate({ urlSources }: Entrance, req: AuthRequest, res: ServerResponse): void {
  if (!urlSources.some((source) => source.inUrl?.(req) === true) || res.headersSent) return;
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'no-referrer');
}

/** A request without a credential. An existing principal is never replaced by a lesser one. */
function admitNobody(settings: Entrance, req: AuthRequest): void {
  if (settings.anonymous !== undefined) {
    if (findPrincipal(req) === undefined) enter(req, settings.anonymous.principal, settings.anonymous.announce);
  } else if (settings.credentialsRequired) {
    throw refusal(settings, new UnauthorizedError('credentials_missing'));
  }
}

/** A request with a credential that is good. */
function admitVerified(settings: Entrance, req: AuthRequest, { principal, announce, strip }: Verdict): void {
  tellAccepted(settings.listeners, principal);
  enter(req, principal, announce);
  for (const source of strip) source.remove(req);
}

/** Lets a request in, at once where nothing has to be waited for, or throws. */
function admit(settings: Entrance, behind: Judge, req: AuthRequest, res: ServerResponse): Awaitable<void> {
  if ((settings.skipPreflight && isPreflight(req)) || behind.passes?.(req) === true) return;
  keepUrlPrivate(settings, req, res);
  const decided = settle(
    () => behind.decide(req),
    (verdict) => verdict,
    (thrown) => cover(settings, asAuthError(thrown)),
  );
  return after(decided, (verdict) => (verdict ? admitVerified(settings, req, verdict) : admitNobody(settings, req)));
}

/** The only place that touches `res`: carries a request in to the judge, and the verdict out. */
export function asMiddleware(front: MethodSettings, behind: Judge): AuthMethod {
  const settings = entranceTo(front, behind);
  const { realm, respond, exposeReason, schemes } = settings;
  const style = { realm, respond, exposeReason, schemes };
  const only = onlyPassage(style);

  function authMethodMiddleware(req: IncomingMessage, res: ServerResponse, next: NextFunction): void {
    if (hasPassed(req, style)) {
      // Mounted twice: the request has been judged by this very method.
      next();
      return;
    }
    clearIdentityHeaders(req, behind);
    const answer = settle(
      () => admit(settings, behind, req, res),
      () => {
        notePassed(req, only);
        return next;
      },
      (thrown: unknown) => {
        noteRefused(req, style);
        return () => refuse(asAuthError(thrown), style, req, res, next);
      },
    );
    // Out of every promise chain, so that what `next` throws is the application's, as if we were not there.
    if (answer instanceof Promise) answer.then(queueMicrotask);
    else answer();
  }

  return Object.defineProperties(authMethodMiddleware, {
    name: { value: settings.name },
    authenticate: {
      value: (req: IncomingMessage) => authenticate(settings, behind, req),
    },
    invalidate: { value: behind.invalidate },
    ready: { value: behind.ready },
    health: { value: behind.health },
    close: { value: behind.close },
  }) as typeof authMethodMiddleware & AuthMethod;
}
