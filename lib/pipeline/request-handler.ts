import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Awaitable, after, settle } from '../clock/awaitable.js';
import { type AuthError, asAuthError, UnauthorizedError } from '../errors/auth-error.js';
import type { Scheme } from '../errors/challenge.js';
import type { ErrorDetail } from '../errors/error-detail.js';
import type { RefusalStyle } from '../errors/responder.js';
import { reportRefusal, tellAccepted, tellAnonymous } from '../events/request-events.js';
import type { KeySourceHealth } from '../keys/key-source.js';
import type { Authenticated } from '../principal/authenticated.js';
import type { Principal } from '../principal/principal.js';
import { findPrincipal, setPrincipal } from '../principal/request-principal.js';
import { everyToken } from '../tokens/find-token.js';
import type { TakenHeaders } from '../tokens/headers.js';
import { missingCredential } from '../tokens/missing-credential.js';
import type { AuthRequest } from '../tokens/request.js';
import type { TokenSource } from '../tokens/token-source.js';
import { rememberProof } from '../users/link-identity.js';
import type { Invalidation } from '../users/user-store.js';
import type { Announce } from './auth-method.js';
import type { MethodSettings } from './method-settings.js';
import { acceptedTokens, clearIdentityHeaders, notePassed, type RequestRecord, recordOf } from './request-record.js';

/** A request whose credential is good: who it is, who announces that, and the places that the credential is to leave. */
export interface Accepted {
  readonly authenticated: Authenticated;
  readonly announce: Announce | undefined;
  /** Every token that was verified for it. */
  readonly tokens: readonly string[];
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

/** Whether a request is a CORS preflight (Fetch standard, section 4.8), as opposed to any OPTIONS request. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Lists what a challenge asks for: Bearer first, because clients that know one scheme only look at what comes first. */
function schemesOf({ sources }: RequestAuthenticator): readonly Scheme[] {
  const taken = new Set(sources.map(({ scheme = 'Bearer' }) => scheme));
  return taken.has('Basic') ? (['Bearer', 'Basic'] as const).filter((scheme) => taken.has(scheme)) : ['Bearer'];
}

const NO_TOKENS: readonly string[] = [];

/** Handles requests as the settings say: who may come in, as whom, and what listeners are told. */
export class RequestHandler {
  readonly style: RefusalStyle & { readonly schemes: readonly Scheme[] };
  readonly #settings: MethodSettings;
  readonly #authenticator: RequestAuthenticator;
  /** The sources whose tokens may show in the URL. */
  readonly #urlSources: readonly TokenSource[];
  /** Says where a credential was looked for in vain. */
  readonly #missing: (req: AuthRequest) => ErrorDetail;

  constructor(settings: MethodSettings, authenticator: RequestAuthenticator) {
    const { realm, respond, exposeReason } = settings;
    const report: RefusalStyle['report'] = (error, req) => reportRefusal(settings, error, req);
    this.style = { realm, respond, exposeReason, schemes: schemesOf(authenticator), report };
    this.#settings = settings;
    this.#authenticator = authenticator;
    this.#urlSources = authenticator.sources.filter(({ inUrl }) => inUrl !== undefined);
    this.#missing = missingCredential(authenticator.sources);
  }

  /**
   * Verifies a request, does to it what the middleware does, and answers nothing. A principal that is there already
   * stays: the new one may prove a second identity of the same person.
   * @throws {AuthError} when the request is refused.
   */
  async authenticate(req: AuthRequest): Promise<Principal | undefined> {
    const before = findPrincipal(req);
    let accepted: Accepted | undefined;
    try {
      const record = recordOf(req);
      clearIdentityHeaders(req, this.#authenticator, record);
      accepted = await this.#authenticator.accept(req, record.taken);
    } catch (thrown) {
      throw this.#refusal(thrown, req);
    }
    if (accepted === undefined) return undefined;
    notePassed(recordOf(req), [this.style], this.#admitVerified(req, accepted));
    if (before !== undefined) setPrincipal(req, before);
    return accepted.authenticated.principal;
  }

  /**
   * Verifies a request as {@link authenticate} does, and refuses one without a credential.
   * @throws {AuthError} when the request is refused.
   */
  async require(req: AuthRequest): Promise<Principal> {
    const principal = await this.authenticate(req);
    if (principal !== undefined) return principal;
    throw this.#refusal(new UnauthorizedError('credentials_missing', { detail: this.#missing(req) }), req);
  }

  /** Whether a request that passed this method before carries nothing but what it passed with. */
  async carriesSameAsBefore(req: AuthRequest, record: RequestRecord): Promise<boolean> {
    const before = acceptedTokens(record, this.style);
    try {
      const now = await everyToken(this.#authenticator.sources, req, record.taken);
      return now.every((token) => before.includes(token));
    } catch {
      // What cannot be read any more is refused by whoever reads it next.
      return false;
    }
  }

  /**
   * Lets a request in, at once where nothing has to be waited for, and resolves to the tokens that were verified for it.
   * @throws AuthError
   */
  admit(req: AuthRequest, res: ServerResponse, taken: TakenHeaders | undefined): Awaitable<readonly string[]> {
    const { skipPreflight } = this.#settings;
    if ((skipPreflight && isPreflight(req)) || this.#authenticator.passes?.(req) === true) return NO_TOKENS;
    this.#keepUrlPrivate(req, res);
    const accepted = settle(
      () => this.#authenticator.accept(req, taken),
      (found) => found,
      (thrown) => this.#cover(asAuthError(thrown), req),
    );
    return after(accepted, (found) => (found ? this.#admitVerified(req, found) : this.#admitNobody(req)));
  }

  /** Keeps the answer to a URL with a token in it out of caches, and the URL to itself (RFC 6750 section 5.3). */
  #keepUrlPrivate(req: AuthRequest, res: ServerResponse): void {
    if (!this.#urlSources.some((source) => source.inUrl?.(req) === true) || res.headersSent) return;
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'no-referrer');
  }

  #admitVerified(req: AuthRequest, { authenticated, announce, strip, tokens }: Accepted): readonly string[] {
    tellAccepted(this.#settings.listeners, authenticated.principal, req);
    this.#enter(req, authenticated, announce);
    for (const source of strip) source.remove(req);
    return tokens;
  }

  /** Lets in a request without a credential. An existing principal is never replaced by a lesser one. */
  #admitNobody(req: AuthRequest): readonly string[] {
    const { anonymous, credentialsRequired } = this.#settings;
    if (anonymous !== undefined) {
      const { principal, announce } = anonymous;
      if (findPrincipal(req) === undefined) this.#enter(req, { principal, identity: undefined }, announce);
    } else if (credentialsRequired) {
      throw this.#refusal(new UnauthorizedError('credentials_missing', { detail: this.#missing(req) }), req);
    }
    return NO_TOKENS;
  }

  #enter(req: AuthRequest, authenticated: Authenticated, announce: Announce | undefined): void {
    setPrincipal(req, authenticated.principal);
    rememberProof(authenticated);
    announce?.(req, authenticated);
  }

  /** Takes a bad credential for none, where that was asked for, or throws. An outage on our side is never covered. */
  #cover(error: AuthError, req: AuthRequest): undefined {
    const { anonymous, listeners, name } = this.#settings;
    if (anonymous === undefined || error.status > anonymous.coversUpTo) throw this.#refusal(error, req);
    tellAnonymous(listeners, error.method ?? name, error, req);
  }

  #refusal(thrown: unknown, req: AuthRequest): AuthError {
    const { realm, name } = this.#settings;
    const error = asAuthError(thrown);
    error.realm ??= realm;
    error.schemes ??= this.style.schemes;
    error.method ??= name;
    reportRefusal(this.#settings, error, req);
    return error;
  }
}
