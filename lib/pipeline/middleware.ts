import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { type AuthError, asAuthError, UnauthorizedError } from '../errors/auth-error.js';
import type { Scheme } from '../errors/challenge.js';
import { type NextFunction, type RefusalStyle, refuse } from '../errors/responder.js';
import { emit, type OnEvent } from '../events/auth-event.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import { findPrincipal, setPrincipal } from '../principal/request-principal.js';
import type { TakenHeaders } from '../tokens/headers.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import { rememberProof } from '../users/link-identity.js';
import type { Invalidation } from '../users/user-store.js';
import type { AuthMethod } from './auth-method.js';
import type { Announce } from './authenticator.js';
import type { MethodSettings } from './method-settings.js';
import { clearIdentityHeaders, notePassed, recordOf } from './request-record.js';

/** A request whose credential is good: who it is, who announces that, and the places that the credential is to leave. */
export interface Accepted {
  readonly authenticated: Authenticated;
  readonly announce: Announce | undefined;
  readonly strip: readonly TokenSource[];
}

/** Finds out who requests are: one authenticator, or several composed. */
export interface RequestAuthenticator {
  readonly sources: readonly TokenSource[];
  /** Headers that the methods write for the application; nothing that a client sends under these names stays. */
  readonly ownHeaders?: readonly string[];
  /** Whether a request passes unauthenticated, whatever it carries. */
  passes?(req: AuthRequest): boolean;
  /** Resolves to `undefined` where a request has no credential of this kind. @throws AuthError */
  accept(req: AuthRequest, taken: TakenHeaders | undefined): Awaitable<Accepted | undefined>;
  invalidate(change: Invalidation): void;
  ready(): Promise<void>;
  health(): readonly KeySourceHealth[];
  close(): Promise<void>;
}

/** Tells listeners of a principal: nothing personal. */
export function tellAccepted(listeners: readonly OnEvent[], { method, type, credential }: Principal): void {
  if (listeners.length === 0) return;
  const id = credential.id === undefined ? {} : { credentialId: credential.id };
  emit(listeners, { type: 'accepted', method, principalType: type, ...id });
}

/** Whether a request is a CORS preflight (Fetch standard, section 4.8), as opposed to any OPTIONS request. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Lists what a challenge asks for: Bearer first, because clients that know one scheme only look at what comes first. */
function schemesOf({ sources }: RequestAuthenticator): readonly Scheme[] {
  const taken = new Set(sources.map(({ scheme = 'Bearer' }) => scheme));
  return taken.has('Basic') ? (['Bearer', 'Basic'] as const).filter((scheme) => taken.has(scheme)) : ['Bearer'];
}

/** Handles requests as the settings say: who may come in, as whom, and what listeners are told. */
class RequestHandler {
  readonly style: RefusalStyle & { readonly schemes: readonly Scheme[] };
  readonly #settings: MethodSettings;
  readonly #authenticator: RequestAuthenticator;
  /** The sources whose tokens may show in the URL. */
  readonly #urlSources: readonly TokenSource[];

  constructor(settings: MethodSettings, authenticator: RequestAuthenticator) {
    const { realm, respond, exposeReason } = settings;
    this.style = { realm, respond, exposeReason, schemes: schemesOf(authenticator) };
    this.#settings = settings;
    this.#authenticator = authenticator;
    this.#urlSources = authenticator.sources.filter(({ inUrl }) => inUrl !== undefined);
  }

  /** Says who a request is, and answers nothing. @throws AuthError */
  async authenticate(req: AuthRequest): Promise<Principal | undefined> {
    let accepted: Accepted | undefined;
    try {
      const record = recordOf(req);
      clearIdentityHeaders(req, this.#authenticator, record);
      accepted = await this.#authenticator.accept(req, record.taken);
    } catch (thrown) {
      throw this.#refusal(thrown);
    }
    if (accepted === undefined) return undefined;
    const { authenticated } = accepted;
    tellAccepted(this.#settings.listeners, authenticated.principal);
    rememberProof(authenticated);
    return authenticated.principal;
  }

  /** Lets a request in, at once where nothing has to be waited for. @throws AuthError */
  admit(req: AuthRequest, res: ServerResponse, taken: TakenHeaders | undefined): Awaitable<void> {
    const { skipPreflight } = this.#settings;
    if ((skipPreflight && isPreflight(req)) || this.#authenticator.passes?.(req) === true) return;
    this.#keepUrlPrivate(req, res);
    const accepted = settle(
      () => this.#authenticator.accept(req, taken),
      (found) => found,
      (thrown) => this.#cover(asAuthError(thrown)),
    );
    return after(accepted, (found) => (found ? this.#admitVerified(req, found) : this.#admitNobody(req)));
  }

  /** Keeps the answer to a URL with a token in it out of caches, and the URL to itself (RFC 6750 section 5.3). */
  #keepUrlPrivate(req: AuthRequest, res: ServerResponse): void {
    if (!this.#urlSources.some((source) => source.inUrl?.(req) === true) || res.headersSent) return;
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'no-referrer');
  }

  #admitVerified(req: AuthRequest, { authenticated, announce, strip }: Accepted): void {
    tellAccepted(this.#settings.listeners, authenticated.principal);
    this.#enter(req, authenticated, announce);
    for (const source of strip) source.remove(req);
  }

  /** Lets in a request without a credential. An existing principal is never replaced by a lesser one. */
  #admitNobody(req: AuthRequest): void {
    const { anonymous, credentialsRequired } = this.#settings;
    if (anonymous !== undefined) {
      const { principal, announce } = anonymous;
      if (findPrincipal(req) === undefined) this.#enter(req, { principal, identity: undefined }, announce);
    } else if (credentialsRequired) {
      throw this.#refusal(new UnauthorizedError('credentials_missing'));
    }
  }

  #enter(req: AuthRequest, authenticated: Authenticated, announce: Announce | undefined): void {
    setPrincipal(req, authenticated.principal);
    rememberProof(authenticated);
    announce?.(req, authenticated);
  }

  /** Takes a bad credential for none, where that was asked for, or throws. An outage on our side is never covered. */
  #cover(error: AuthError): undefined {
    const { anonymous, listeners, name } = this.#settings;
    if (anonymous === undefined || error.status > anonymous.coversUpTo) throw this.#refusal(error);
    emit(listeners, { type: 'anonymous', method: error.method ?? name, code: error.code });
  }

  #refusal(thrown: unknown): AuthError {
    const { realm, name, listeners } = this.#settings;
    const error = asAuthError(thrown);
    error.realm ??= realm;
    error.schemes ??= this.style.schemes;
    error.method ??= name;
    emit(listeners, { type: 'refused', method: error.method, code: error.code, status: error.status, error });
    return error;
  }
}

/** Makes the middleware of a method: the only place that touches `res`. */
export function asMiddleware(settings: MethodSettings, authenticator: RequestAuthenticator): AuthMethod {
  const handler = new RequestHandler(settings, authenticator);
  const { style } = handler;
  const only = [style] as const;

  function authMethodMiddleware(req: IncomingMessage, res: ServerResponse, next: NextFunction): void {
    const record = recordOf(req);
    // Mounted twice: the request has passed this very method.
    if (record.passed.includes(style)) {
      next();
      return;
    }
    clearIdentityHeaders(req, authenticator, record);
    const answer = settle(
      () => handler.admit(req, res, record.taken),
      () => {
        notePassed(record, only);
        return next;
      },
      (thrown: unknown) => {
        // In case an error handler sends it on.
        record.style = style;
        return () => refuse(asAuthError(thrown), style, req, res, next);
      },
    );
    // Call `next` outside the promise, so that a throw in it is uncaught as usual and not a rejection of ours.
    if (answer instanceof Promise) answer.then(queueMicrotask);
    else answer();
  }

  return Object.defineProperties(authMethodMiddleware, {
    name: { value: settings.name },
    authenticate: { value: (req: IncomingMessage) => handler.authenticate(req) },
    invalidate: { value: authenticator.invalidate },
    ready: { value: authenticator.ready },
    health: { value: authenticator.health },
    close: { value: authenticator.close },
  }) as typeof authMethodMiddleware & AuthMethod;
}
